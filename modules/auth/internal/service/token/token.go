package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jws"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/authn"
)

const headerType = "at+jwt" // RFC 9068

// Config is what tokens say about where they come from and where they are good.
type Config struct {
	Issuer   string
	Audience string
	Now      func() time.Time
}

// Tokens signs and reads access tokens. Safe for concurrent use.
type Tokens struct {
	keys     *Ring
	cfg      Config
	verifier *authn.Verifier
}

// New returns a signer and reader over the keys.
func New(keys *Ring, cfg Config) *Tokens {
	return &Tokens{
		keys: keys, cfg: cfg,
		verifier: authn.NewVerifier(keys, nil, authn.Config{Issuer: cfg.Issuer, Audience: cfg.Audience}, cfg.Now),
	}
}

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
	Scope     string   `json:"scope"`
	SessionID string   `json:"sid"`
}

// Sign returns the claims as a signed compact JWT.
func (t *Tokens) Sign(_ context.Context, c domain.Claims) (string, error) {
	body, err := json.Marshal(payload{
		Issuer: t.cfg.Issuer, Audience: t.cfg.Audience, Subject: c.UserID, ID: c.ID,
		IssuedAt: c.IssuedAt.Unix(), ExpiresAt: c.ExpiresAt.Unix(),
		Type: string(domain.AccessToken), TokenType: string(domain.AccessToken),
		UserID: c.UserID, Username: c.Username, Email: c.Email, Roles: c.Roles, Scope: domain.JoinScopes(c.Scopes), SessionID: c.SessionID,
	})
	if err != nil {
		return "", fmt.Errorf("encode claims: %w", err)
	}
	headers := jws.NewHeaders()
	if err := headers.Set(jws.TypeKey, headerType); err != nil {
		return "", fmt.Errorf("set token type: %w", err)
	}
	key, err := t.keys.signer()
	if err != nil {
		return "", err
	}
	signed, err := jws.Sign(body, jws.WithKey(key.Algorithm(), key, jws.WithProtectedHeaders(headers)))
	if err != nil {
		return "", fmt.Errorf("sign access token: %w", err)
	}
	return string(signed), nil
}

// Read verifies a token and returns its claims, by the same code as every other process does. It returns
// domain.ErrTokenExpired together with the claims of an otherwise good token. Whether the session still exists is not asked.
func (t *Tokens) Read(ctx context.Context, token string) (domain.Claims, error) {
	r, err := t.verifier.Read(ctx, token)
	switch {
	case errors.Is(err, authn.ErrExpired):
		return claims(r), domain.ErrTokenExpired
	case errors.Is(err, authn.ErrInvalid):
		return domain.Claims{}, domain.ErrTokenInvalid.Because(err)
	case err != nil:
		return domain.Claims{}, err
	}
	return claims(r), nil
}

func claims(r authn.Reading) domain.Claims {
	return domain.Claims{
		ID: r.TokenID, SessionID: r.SessionID, UserID: r.UserID, Username: r.Username, Email: r.Email, Roles: r.Roles,
		Scopes: domain.SplitScopes(strings.Join(r.Scopes, " ")), IssuedAt: r.IssuedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
	}
}
