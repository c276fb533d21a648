package authn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// leeway covers clocks of issuer and verifier that differ: without it, one that is a little behind would refuse every fresh
// token. A token's end gets none: its issuer means it.
const leeway = 30 * time.Second

// claims is the verified body of a token.
type claims struct {
	Issuer    string      `json:"iss"`
	Audience  audience    `json:"aud"`
	Subject   string      `json:"sub"`
	ID        string      `json:"jti"`
	IssuedAt  numericDate `json:"iat"`
	ExpiresAt numericDate `json:"exp"`
	NotBefore numericDate `json:"nbf"`
	Type      string      `json:"type"`
	SessionID string      `json:"sid"`
	Email     string      `json:"email"`
	Username  string      `json:"username"`
	Roles     []string    `json:"roles"`
	Scope     string      `json:"scope"` // words with spaces between, RFC 8693 section 4.2
}

func (c claims) principal() Principal {
	return Principal{
		UserID: c.Subject, Email: c.Email, Username: c.Username, Roles: c.Roles, SessionID: c.SessionID, TokenID: c.ID,
		Scopes: words(c.Scope),
	}
}

// words are nil for none, as of all lists of a token.
func words(s string) []string {
	return append([]string(nil), strings.Fields(s)...)
}

// check reads the body and requires all that we rely on; a claim that is absent is as bad as a wrong one.
func (v *Verifier) check(body []byte) (Reading, error) {
	var c claims
	if err := decodeObject(body, &c); err != nil {
		return Reading{}, ErrInvalid.Because(fmt.Errorf("decode claims: %w", err))
	}
	now := v.now()
	if err := v.judge(c, now); err != nil {
		return Reading{}, ErrInvalid.Because(err)
	}
	r := Reading{Principal: c.principal(), IssuedAt: c.IssuedAt.time(), ExpiresAt: c.ExpiresAt.time()}
	if !now.Before(r.ExpiresAt) {
		return r, ErrExpired
	}
	return r, nil
}

func (v *Verifier) judge(c claims, now time.Time) error {
	switch {
	case v.cfg.Issuer == "" || c.Issuer != v.cfg.Issuer:
		return fmt.Errorf("token is from issuer %q", c.Issuer)
	case v.cfg.Audience == "" || !slices.Contains(c.Audience, v.cfg.Audience):
		return fmt.Errorf("token is for audience %q", []string(c.Audience))
	case c.Type != "access":
		return fmt.Errorf("token is of type %q", c.Type)
	case c.Subject == "" || c.ID == "" || c.SessionID == "": // without them it could not be revoked
		return errors.New("token has no sub, jti or sid")
	case c.IssuedAt == 0 || c.ExpiresAt == 0:
		return errors.New("token has no iat or exp")
	case c.IssuedAt.time().After(now.Add(leeway)):
		return errors.New("token was issued in the future")
	case c.NotBefore != 0 && c.NotBefore.time().After(now.Add(leeway)):
		return errors.New("token is not valid yet")
	}
	return nil
}

// audience is one string or a list of them (RFC 7519 section 4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(a))
}

// numericDate is seconds since 1970, which may have a fraction; zero is absent.
type numericDate float64

// maxDate is far beyond any token's life and far below what time.Unix could not hold.
const maxDate = 1 << 40

func (d *numericDate) UnmarshalJSON(data []byte) error {
	var f float64
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	if f < 0 || f > maxDate {
		return errors.New("date out of range")
	}
	*d = numericDate(f)
	return nil
}

func (d numericDate) time() time.Time {
	whole, fraction := math.Modf(float64(d))
	return time.Unix(int64(whole), int64(fraction*float64(time.Second)))
}
