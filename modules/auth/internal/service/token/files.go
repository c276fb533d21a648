package token

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"
)

// Files are signing keys that the operator provides: PEM (PKCS #8 or SEC 1), a JSON Web Key, or a set of them. The first key
// of the first file signs; the others are published with it, before they sign or after. A file may be replaced at any time,
// as a mounted secret is.
type Files struct {
	ring  *Ring
	paths []string
	keep  time.Duration
	now   func() time.Time
	log   *slog.Logger

	seen []byte               // what the files held when they were last read
	gone map[string]time.Time // keys that are in no file any more, and when they were first missed
	all  map[string]jwk.Key   // public keys, those that are gone included
}

// NewFiles reads keys from paths into ring. A key that disappears is published for keep longer: tokens that it signed are
// still about.
func NewFiles(ring *Ring, paths []string, keep time.Duration, now func() time.Time, log *slog.Logger) *Files {
	return &Files{ring: ring, paths: paths, keep: keep, now: now, log: log, gone: map[string]time.Time{}, all: map[string]jwk.Key{}}
}

// Open reads the files for the first time.
func (f *Files) Open(context.Context) error {
	data, private, err := f.read()
	if err != nil {
		return err
	}
	return f.apply(data, private)
}

// Tend reads the files again. Files that cannot be read or make no sense leave the keys as they are: a secret may be caught
// half-way through its replacement. One caller at a time.
func (f *Files) Tend(ctx context.Context) error {
	data, private, err := f.read()
	if err != nil {
		return err
	}
	if bytes.Equal(data, f.seen) && len(f.gone) == 0 {
		return nil
	}
	if !bytes.Equal(data, f.seen) {
		f.log.InfoContext(ctx, "signing key files changed", "kid", private[0].KeyID(), "keys", len(private))
	}
	return f.apply(data, private)
}

func (f *Files) read() (data []byte, private []jwk.Key, err error) {
	for _, path := range f.paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, fmt.Errorf("signing key: %w", err)
		}
		keys, err := parseFile(content)
		if err != nil {
			return nil, nil, fmt.Errorf("signing key %s: %w", path, err)
		}
		data, private = append(data, content...), append(private, keys...)
	}
	return data, private, nil
}

// parseFile does not pass the parser's messages on: they may quote the secret.
func parseFile(content []byte) ([]jwk.Key, error) {
	set, err := jwk.Parse(content, jwk.WithPEM(bytes.Contains(content, []byte("-----BEGIN"))))
	if err != nil || set.Len() == 0 {
		return nil, errors.New("it is neither PEM nor a JSON Web Key nor a set of them")
	}
	keys := make([]jwk.Key, set.Len())
	for i := range keys {
		keys[i], _ = set.Key(i)
		if err := prepare(keys[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (f *Files) apply(data []byte, private []jwk.Key) error {
	present := map[string]bool{}
	for _, key := range private {
		public, err := jwk.PublicKeyOf(key)
		if err != nil {
			return fmt.Errorf("public part of the signing key: %w", err)
		}
		present[key.KeyID()] = true
		f.all[key.KeyID()] = public
	}
	f.forget(present)
	public := make([]jwk.Key, 0, len(f.all))
	for _, key := range f.all {
		public = append(public, key)
	}
	if err := f.ring.use(private[0], public); err != nil {
		return err
	}
	f.seen = data
	return nil
}

func (f *Files) forget(present map[string]bool) {
	now := f.now()
	for kid := range f.all {
		since, missed := f.gone[kid]
		switch {
		case present[kid]:
			delete(f.gone, kid)
		case !missed:
			f.gone[kid] = now
		case now.Sub(since) > f.keep:
			delete(f.gone, kid)
			delete(f.all, kid)
		}
	}
}
