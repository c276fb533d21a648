package password_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/fiapx/fiapx/modules/auth/internal/service/password"
	"github.com/fiapx/fiapx/platform/fault"
)

func hasher() *password.Hasher {
	return password.New(password.Config{Concurrent: 2, Wait: 5 * time.Second})
}

func TestArgonRoundTrip(t *testing.T) {
	t.Parallel()
	h := hasher()
	encoded, err := h.Hash(t.Context(), "correct horse")
	if err != nil || !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("Hash = %q, %v", encoded, err)
	}
	if again, _ := h.Hash(t.Context(), "correct horse"); again == encoded {
		t.Error("two hashes of one password are equal; the salt is not random")
	}
	for pw, want := range map[string]bool{"correct horse": true, "Correct horse": false, "": false} {
		ok, outdated, err := h.Verify(t.Context(), encoded, pw)
		if err != nil || ok != want || outdated {
			t.Errorf("Verify(%q) = %v, %v, %v; want %v and current", pw, ok, outdated, err, want)
		}
	}
}

func TestOldHashes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100)
	cut, err := bcrypt.GenerateFromPassword([]byte(long[:72]), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	// The old system wrote $2b$; $2y$ is what PHP writes. All three prefixes are the same algorithm.
	for _, prefix := range []string{"$2a$", "$2b$", "$2y$"} {
		encoded := prefix + string(cut[4:])
		ok, outdated, err := hasher().Verify(t.Context(), encoded, long)
		if err != nil || !ok || !outdated {
			t.Errorf("%s: Verify = %v, %v, %v; want ok and outdated", prefix, ok, outdated, err)
		}
		ok, outdated, err = hasher().Verify(t.Context(), encoded, "wrong")
		if err != nil || ok || outdated {
			t.Errorf("%s: a wrong password gives %v, %v, %v", prefix, ok, outdated, err)
		}
	}
}

func TestWeakerParametersAreOutdated(t *testing.T) {
	t.Parallel()
	// argon2id of "password" with salt "somesalt", m=256 KiB, t=2, p=1: a test vector of the reference implementation.
	const encoded = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	ok, outdated, err := hasher().Verify(t.Context(), encoded, "password")
	if err != nil || !ok || !outdated {
		t.Errorf("Verify = %v, %v, %v; want ok and outdated", ok, outdated, err)
	}
}

func TestNobodyIsNeverRight(t *testing.T) {
	t.Parallel()
	for _, pw := range []string{"", "anything"} {
		if ok, _, err := hasher().Verify(t.Context(), "", pw); ok || err != nil {
			t.Errorf("Verify(no hash, %q) = %v, %v", pw, ok, err)
		}
	}
}

func TestBrokenHashIsAnError(t *testing.T) {
	t.Parallel()
	for _, encoded := range []string{
		"plain", "$argon2i$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=18$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=0,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=8,t=1,p=0$AAAA$AAAA", "$argon2id$v=19$m=8,t=1,p=1$AAAA$", "$argon2id$v=19$m=8,t=1,p=1$!$AAAA", "$2b$bad",
		"$argon2id$v=19$m=999999999,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8,t=999,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=1,p=99$AAAA$AAAA",
		"$2b$31$" + strings.Repeat("a", 53),
	} {
		if ok, _, err := hasher().Verify(t.Context(), encoded, ""); ok || err == nil {
			t.Errorf("Verify(%q) = %v, %v; want an error", encoded, ok, err)
		}
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := password.New(password.Config{Concurrent: 1, Wait: 5 * time.Second})
		held, err := h.Reserve(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err = h.Hash(t.Context(), "pw")
		if !errors.Is(err, password.ErrBusy) || fault.From(err).RetryAfter != 5*time.Second || time.Since(start) != 5*time.Second {
			t.Errorf("Hash = %v after %v; want ErrBusy with advice after 5s", err, time.Since(start))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := h.Verify(ctx, "", "pw"); !errors.Is(err, context.Canceled) {
			t.Errorf("Verify after the caller left = %v", err)
		}
		held.Release()
		held.Release() // again changes nothing
		if _, err := h.Hash(t.Context(), "pw"); err != nil {
			t.Errorf("Hash after release = %v", err)
		}
	})
}

// A storm of sign-ins: the memory it may take is that of the slots, and who finds none is told when to come back.
func TestStormIsBounded(t *testing.T) {
	t.Parallel()
	const slots, callers = 4, 200
	h := password.New(password.Config{Concurrent: slots, Wait: time.Millisecond})
	var wg sync.WaitGroup
	var served, refused, inFlight, most atomic.Int32
	for range callers {
		wg.Go(func() {
			s, err := h.Reserve(context.WithoutCancel(t.Context()))
			if err != nil {
				if !errors.Is(err, password.ErrBusy) || fault.From(err).RetryAfter < time.Second || fault.KindOf(err) != fault.Unavailable {
					t.Errorf("refused with %v", err)
				}
				refused.Add(1)
				return
			}
			defer s.Release()
			now := inFlight.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				continue
			}
			_, _, _ = s.Verify("", "pw")
			inFlight.Add(-1)
			served.Add(1)
		})
	}
	wg.Wait()
	if most.Load() > slots || served.Load() < slots || refused.Load() == 0 || served.Load()+refused.Load() != callers {
		t.Errorf("%d at once, %d served, %d refused; want at most %d at once and the rest refused", most.Load(), served.Load(), refused.Load(), slots)
	}
}
