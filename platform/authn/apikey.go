package authn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/fault"
)

// ErrKey says that an API key is good for nothing.
var ErrKey = fault.New(fault.Unauthenticated, "auth.key_invalid",
	"This API key is unknown, expired or revoked; create another one.")

const (
	// KeyPrefix tells API keys from access tokens at a glance, and lets secret scanners find leaked ones.
	KeyPrefix = "fiapx_"
	// KeyHeader is where a key may stand instead of in the Authorization header, for programs that can only name a header.
	KeyHeader = "X-API-Key"
)

// Exchanger makes a short-lived access token of an API key. Safe for concurrent use.
type Exchanger interface {
	// Exchange returns ErrKey for a key that is good for nothing, ErrUnavailable when that cannot be told, and a fault of kind
	// RateLimited for a key that is used too often.
	Exchange(ctx context.Context, key string) (token string, life time.Duration, err error)
}

const (
	keyLimit   = 20_000          // keys whose tokens are remembered, about a kilobyte each
	keyMargin  = 5 * time.Second // a token is not used in its last seconds
	keyRefused = 5 * time.Second // a bad key is not asked about again for this long
)

// refused stands for a bad key among the remembered tokens; no token looks like it.
const refused = "-"

// keyring remembers the tokens that were made of keys. Whether such a token was revoked is asked on every use, as of any other;
// so remembering one does not prolong the life of its key.
type keyring struct {
	exchange Exchanger
	tokens   *memory.Cache
	flight   singleflight.Group
}

// WithKeys returns a verifier that accepts API keys, too, by making access tokens of them.
func (v *Verifier) WithKeys(e Exchanger) *Verifier {
	with := *v
	with.keyring = &keyring{exchange: e, tokens: memory.NewLimited(v.now, keyLimit)}
	return &with
}

// Authenticate returns whom an access token or an API key stands for. Errors are those of Verify, ErrKey, and a fault of kind
// RateLimited for a key that is used too often.
func (v *Verifier) Authenticate(ctx context.Context, credential string) (Principal, error) {
	if !strings.HasPrefix(credential, KeyPrefix) {
		return v.Verify(ctx, credential)
	}
	if v.keyring == nil {
		return Principal{}, ErrInvalid.Because(errors.New("API keys are not accepted here"))
	}
	token, err := v.keyring.token(ctx, credential)
	if err != nil {
		return Principal{}, err
	}
	p, err := v.Verify(ctx, token)
	if !errors.Is(err, ErrRevoked) && !errors.Is(err, ErrExpired) {
		return p, err
	}
	// What ended may be the token alone, as by a logout everywhere. Whoever knows the key decides.
	v.keyring.forget(ctx, credential)
	if token, err = v.keyring.token(ctx, credential); err != nil {
		return Principal{}, err
	}
	return v.Verify(ctx, token)
}

// token asks once for a key, however many requests come with it at the same time.
func (k *keyring) token(ctx context.Context, key string) (string, error) {
	name := keyName(key)
	if known, ok, _ := k.tokens.Get(ctx, name); ok { // memory does not fail
		return recall(string(known))
	}
	answer, err, _ := k.flight.Do(name, func() (any, error) {
		return k.ask(context.WithoutCancel(ctx), name, key) // others may wait for the answer when this caller has gone
	})
	if err != nil {
		return "", err
	}
	return answer.(string), nil
}

func recall(known string) (string, error) {
	if known == refused {
		return "", ErrKey
	}
	return known, nil
}

func (k *keyring) ask(ctx context.Context, name, key string) (string, error) {
	token, life, err := k.exchange.Exchange(ctx, key)
	switch {
	case errors.Is(err, ErrKey):
		return "", errors.Join(err, k.tokens.Set(ctx, name, []byte(refused), keyRefused))
	case err != nil:
		return "", err
	case life > keyMargin:
		err = k.tokens.Set(ctx, name, []byte(token), life-keyMargin)
	}
	return token, err
}

func (k *keyring) forget(ctx context.Context, key string) { _ = k.tokens.Delete(ctx, keyName(key)) }

// keyName keeps the keys themselves out of the memory.
func keyName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// Credential is the bearer token or the API key of a request. A key may stand in its own header; both at once are refused,
// because one of them would be checked and the other believed.
func Credential(r *http.Request) (string, error) {
	keys := r.Header.Values(KeyHeader)
	token, err := Bearer(r)
	switch {
	case len(keys) == 0 || len(keys) == 1 && keys[0] == "":
		return token, err
	case !errors.Is(err, ErrMissing):
		return "", ErrInvalid.Because(errors.New("both an Authorization and an " + KeyHeader + " header"))
	case len(keys) > 1 || len(keys[0]) > maxToken || !strings.HasPrefix(keys[0], KeyPrefix) || !tokenAlphabet(keys[0]):
		return "", ErrInvalid.Because(errors.New("the " + KeyHeader + " header is not an API key"))
	}
	return keys[0], nil
}
