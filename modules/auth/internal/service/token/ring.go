package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/authn"
)

// Ring is the keys in use: one signs, all of them verify. It may be changed while it is used.
type Ring struct {
	sealer *Sealer
	keys   atomic.Pointer[keys]
}

type keys struct {
	signer jwk.Key
	public map[string]jwk.Key
	set    []byte // the public keys as a JSON Web Key Set
}

var _ authn.Keys = (*Ring)(nil)

// NewRing returns a ring without keys; sealer opens those that Load is given.
func NewRing(sealer *Sealer) *Ring { return &Ring{sealer: sealer} }

// errNoKeys is a mistake of the program: keys are loaded before anything is served.
var errNoKeys = errors.New("no signing keys are loaded")

// LookupKeyID implements authn.Keys.
func (r *Ring) LookupKeyID(kid string) (jwk.Key, bool) {
	k := r.keys.Load()
	if k == nil {
		return nil, false
	}
	key, ok := k.public[kid]
	return key, ok
}

// Set is the public key set as JSON (RFC 7517).
func (r *Ring) Set() ([]byte, error) {
	k := r.keys.Load()
	if k == nil {
		return nil, errNoKeys
	}
	return k.set, nil
}

func (r *Ring) signer() (jwk.Key, error) {
	k := r.keys.Load()
	if k == nil {
		return nil, errNoKeys
	}
	return k.signer, nil
}

// Load takes over what the database holds. On an error the keys from before stay.
func (r *Ring) Load(stored []domain.SigningKey) error {
	public := make([]jwk.Key, 0, len(stored))
	var signer jwk.Key
	for _, s := range stored {
		key, err := jwk.ParseKey(s.Public)
		if err != nil {
			return fmt.Errorf("public part of signing key %s: %w", s.ID, err)
		}
		public = append(public, key)
		if s.State != domain.KeyCurrent {
			continue
		}
		if signer, err = r.open(s); err != nil {
			return err
		}
	}
	return r.use(signer, public)
}

func (r *Ring) open(s domain.SigningKey) (jwk.Key, error) {
	data, err := r.sealer.Open(s.Sealed, s.ID)
	if err != nil {
		return nil, err
	}
	key, err := jwk.ParseKey(data)
	if err != nil || key.KeyID() != s.ID {
		return nil, fmt.Errorf("signing key %s is damaged", s.ID) // the parser's own message may quote the secret
	}
	return key, nil
}

func (r *Ring) use(signer jwk.Key, public []jwk.Key) error {
	if signer == nil {
		return errNoKeys
	}
	set, next := jwk.NewSet(), keys{signer: signer, public: map[string]jwk.Key{}}
	for _, key := range public {
		if err := set.AddKey(key); err != nil {
			return fmt.Errorf("publish signing key: %w", err)
		}
		next.public[key.KeyID()] = key
	}
	if _, ok := next.public[signer.KeyID()]; !ok {
		return fmt.Errorf("signing key %s is not among the published ones", signer.KeyID())
	}
	var err error
	if next.set, err = json.Marshal(set); err != nil {
		return fmt.Errorf("encode key set: %w", err)
	}
	r.keys.Store(&next)
	return nil
}

// prepare gives a key what its users rely on: an id (the RFC 7638 thumbprint unless it has one), its algorithm and its use.
func prepare(key jwk.Key) error {
	alg, err := algorithmOf(key)
	if err != nil {
		return err
	}
	if key.KeyID() == "" {
		if err := jwk.AssignKeyID(key); err != nil {
			return err
		}
	}
	return errors.Join(key.Set(jwk.AlgorithmKey, alg), key.Set(jwk.KeyUsageKey, jwk.ForSignature))
}

func algorithmOf(key jwk.Key) (jwa.SignatureAlgorithm, error) {
	switch k := key.(type) {
	case jwk.OKPPrivateKey:
		if k.Crv() == jwa.Ed25519 {
			return jwa.EdDSA, nil
		}
	case jwk.ECDSAPrivateKey:
		if k.Crv() == jwa.P256 {
			return jwa.ES256, nil
		}
	}
	return "", errors.New("it is not a private key for Ed25519 or P-256")
}
