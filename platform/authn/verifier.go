package authn

import (
	"context"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/platform/fault"
)

// Why a request is refused. The sentences do not tell a forger which check failed; the causes, in the log, do.
var (
	ErrMissing = fault.New(fault.Unauthenticated, "auth.token_missing",
		"No token was given; send it as \"Authorization: Bearer TOKEN\".")
	ErrInvalid = fault.New(fault.Unauthenticated, "auth.token_invalid", "The token is not valid here; sign in again.")
	ErrExpired = fault.New(fault.Unauthenticated, "auth.token_expired", "The token has expired; refresh it or sign in again.")
	ErrRevoked = fault.New(fault.Unauthenticated, "auth.token_revoked", "The token has been revoked; sign in again.")
	// ErrUnavailable says that a token can be neither accepted nor refused now, because the keys or the revocations
	// cannot be read. It is never taken for a yes.
	ErrUnavailable = fault.New(fault.Unavailable, "auth.unavailable",
		"Tokens cannot be checked at the moment; try again in a few seconds.").After(5 * time.Second)
)

// Keys finds a public key by its id. Every jwk.Set is one; the set may change while it is used.
type Keys interface {
	LookupKeyID(kid string) (jwk.Key, bool)
}

// finder is a Keys that may have to ask somebody, and can fail at it.
type finder interface {
	// Find returns ErrInvalid for an id that nobody knows and ErrUnavailable when that cannot be told.
	Find(ctx context.Context, kid string) (jwk.Key, error)
}

// Revocations tells which tokens ended before their time.
type Revocations interface {
	// IsRevoked is about the token of p, its session and its user. An error means that it cannot be told.
	IsRevoked(ctx context.Context, p Principal, issuedAt time.Time) (bool, error)
}

// Config is whom tokens must come from and whom they must be meant for.
type Config struct {
	Issuer   string
	Audience string
}

// Verifier checks access tokens without asking the issuer. It is safe for concurrent use.
type Verifier struct {
	keys Keys
	rev  Revocations
	cfg  Config
	now  func() time.Time

	keyring *keyring // nil where API keys are not accepted
}

// NewVerifier returns a verifier over keys: auth's live set in its own process, RemoteKeys elsewhere.
func NewVerifier(keys Keys, rev Revocations, cfg Config, now func() time.Time) *Verifier {
	return &Verifier{keys: keys, rev: rev, cfg: cfg, now: now}
}

// Verify returns whom the token stands for. Errors are ErrInvalid, ErrExpired, ErrRevoked and ErrUnavailable.
func (v *Verifier) Verify(ctx context.Context, token string) (Principal, error) {
	r, err := v.Read(ctx, token)
	if err != nil {
		return Principal{}, err
	}
	revoked, err := v.rev.IsRevoked(ctx, r.Principal, r.IssuedAt)
	if err != nil {
		return Principal{}, ErrUnavailable.Because(err)
	}
	if revoked {
		return Principal{}, ErrRevoked
	}
	return r.Principal, nil
}

// Reading is what a token says.
type Reading struct {
	Principal
	IssuedAt, ExpiresAt time.Time
}

// Read is Verify without the question whether the token was revoked, for those who know better where to ask. Together with
// ErrExpired it returns what the token, which is otherwise good, says.
func (v *Verifier) Read(ctx context.Context, token string) (Reading, error) {
	head, err := parseHeader(token)
	if err != nil {
		return Reading{}, ErrInvalid.Because(err)
	}
	key, err := v.find(ctx, head.KeyID)
	if err != nil {
		return Reading{}, err
	}
	body, err := verifySignature(token, head, key)
	if err != nil {
		return Reading{}, ErrInvalid.Because(err)
	}
	return v.check(body)
}

func (v *Verifier) find(ctx context.Context, kid string) (jwk.Key, error) {
	if f, ok := v.keys.(finder); ok {
		return f.Find(ctx, kid)
	}
	if key, ok := v.keys.LookupKeyID(kid); ok {
		return key, nil
	}
	return nil, ErrInvalid.Because(errUnknownKey)
}
