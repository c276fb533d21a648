package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

const (
	headerType = "at+jwt" // RFC 9068
	maxLength  = 8 << 10  // bytes; ours have about 700
	clockSkew  = 30 * time.Second
)

// Config is what tokens say about where they come from and where they are good.
type Config struct {
	Issuer   string
	Audience string
	Now      func() time.Time
}

// Tokens signs and reads access tokens. Safe for concurrent use.
type Tokens struct {
	keys *Keys
	cfg  Config
}

// New returns a signer and reader over the keys.
func New(keys *Keys, cfg Config) *Tokens { return &Tokens{keys: keys, cfg: cfg} }

// payload is the wire form. user_id and token_type repeat sub and type for clients of the system before this one.
type payload struct {
	Issuer    string   `json:"iss"`
	Audience  string   `json:"aud"`
	Subject   string   `json:"sub"`
	ID        string   `json:"jti"`
	IssuedAt  int64    `json:"iat"`
	ExpiresAt int64    `json:"exp"`
	Type      string   `json:"type"`
	TokenType string   `json:"token_type"`
	UserID    string   `json:"user_id"`
	Username  string   `json:"username"`
	Email     string   `json:"email"`
	Roles     []string `json:"roles"`
	SessionID string   `json:"sid"`
}

// Sign returns the claims as a signed compact JWT.
func (t *Tokens) Sign(_ context.Context, c domain.Claims) (string, error) {
	body, err := json.Marshal(payload{
		Issuer: t.cfg.Issuer, Audience: t.cfg.Audience, Subject: c.UserID, ID: c.ID,
		IssuedAt: c.IssuedAt.Unix(), ExpiresAt: c.ExpiresAt.Unix(),
		Type: string(domain.AccessToken), TokenType: string(domain.AccessToken),
		UserID: c.UserID, Username: c.Username, Email: c.Email, Roles: c.Roles, SessionID: c.SessionID,
	})
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.TypeKey, headerType); err != nil {
		return "", fmt.Errorf("set token type: %w", err)
	}
	key := t.keys.private
	signed, err := jws.Sign(body, jws.WithKey(key.Algorithm(), key, jws.WithProtectedHeaders(headers)))
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return string(signed), nil
}

// Read verifies a token and returns its claims: the signature before anything else is looked at, by a key of ours, with
// that key's algorithm. It returns domain.ErrTokenExpired together with the claims of an otherwise good token.
func (t *Tokens) Read(_ context.Context, token string) (domain.Claims, error) {
	body, err := verify(token, t.keys.public)
	if err != nil {
		return domain.Claims{}, domain.ErrTokenInvalid.Because(err)
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return domain.Claims{}, domain.ErrTokenInvalid.Because(err)
	}
	if err := t.check(p); err != nil {
		return domain.Claims{}, domain.ErrTokenInvalid.Because(err)
	}
	c := p.claims()
	if !t.cfg.Now().Before(c.ExpiresAt) {
		return c, domain.ErrTokenExpired
	}
	return c, nil
}

func verify(token string, keys jwk.Set) ([]byte, error) {
	// jws.Verify also takes the JSON serialisation, which may carry several signatures; ours is compact.
	if len(token) > maxLength || strings.Count(token, ".") != 2 || strings.ContainsAny(token, "{} \t\r\n") {
		return nil, fmt.Errorf("token of %d bytes is not a compact JWT", len(token))
	}
	message := jws.NewMessage()
	body, err := jws.Verify([]byte(token), jws.WithKeySet(keys, jws.WithRequireKid(true)), jws.WithMessage(message))
	if err != nil {
		return nil, err
	}
	if typ := message.Signatures()[0].ProtectedHeaders().Type(); typ != headerType {
		return nil, fmt.Errorf("token has type %q", typ)
	}
	return body, nil
}

func (t *Tokens) check(p payload) error {
	now := t.cfg.Now()
	switch {
	case p.Issuer != t.cfg.Issuer:
		return fmt.Errorf("token from issuer %q", p.Issuer)
	case p.Audience != t.cfg.Audience:
		return fmt.Errorf("token for audience %q", p.Audience)
	case p.Type != string(domain.AccessToken):
		return fmt.Errorf("token of type %q", p.Type)
	case p.Subject == "" || p.ID == "" || p.SessionID == "" || p.IssuedAt == 0 || p.ExpiresAt == 0:
		return errors.New("token without sub, jti, sid, iat or exp")
	case time.Unix(p.IssuedAt, 0).After(now.Add(clockSkew)):
		return errors.New("token from the future")
	}
	return nil
}

func (p payload) claims() domain.Claims {
	return domain.Claims{
		ID: p.ID, SessionID: p.SessionID, UserID: p.Subject, Username: p.Username, Email: p.Email, Roles: p.Roles,
		IssuedAt: time.Unix(p.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(p.ExpiresAt, 0).UTC(),
	}
}
