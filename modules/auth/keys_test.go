package auth_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

var quiet = slog.New(slog.DiscardHandler)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// states lists the keys as "retiring retiring current next".
func (w *world) states(t *testing.T) string {
	t.Helper()
	keys, err := w.store.SigningKeys(t.Context())
	must(t, err)
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = string(k.State)
	}
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) }) // the words happen to lie that way
	return strings.Join(words, " ")
}

func (w *world) sign(t *testing.T) string {
	t.Helper()
	now := w.Now()
	signed, err := w.tokens.Sign(t.Context(), domain.Claims{
		ID: uuid.NewString(), SessionID: "s", UserID: "u", IssuedAt: now, ExpiresAt: now.Add(lifetimes.Longest()),
	})
	must(t, err)
	return signed
}

func TestLifeOfAKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tend := func(d time.Duration, want string) {
			t.Helper()
			w.Advance(d)
			must(t, w.keys.Tend(t.Context()))
			if got := w.states(t); got != want {
				t.Fatalf("keys are %q; want %q", got, want)
			}
		}
		tend(0, "current next")
		tend(w.keys.Plan.Every-time.Second, "current next")
		old := w.sign(t)
		tend(time.Second, "retiring current next")
		if _, err := w.tokens.Read(t.Context(), old); err != nil {
			t.Errorf("a token of the key that retires: %v", err)
		}
		if fresh := w.sign(t); strings.Split(fresh, ".")[0] == strings.Split(old, ".")[0] {
			t.Error("the old key still signs")
		}
		tend(w.keys.Plan.Keep, "retiring current next")
		tend(time.Second, "current next")
	})
}

func TestOperatorRotates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.keys.Rotate(t.Context()); !errors.Is(err, domain.ErrKeyTooYoung) {
			t.Errorf("a key that verifiers may not know yet: %v", err)
		}
		w.Advance(w.keys.Plan.Lead)
		old := w.sign(t)
		change, err := w.keys.Rotate(t.Context())
		if err != nil || w.states(t) != "retiring current next" {
			t.Fatalf("%+v, %v: %s", change, err, w.states(t))
		}
		must(t, w.keys.Tend(t.Context()))
		if _, err := w.tokens.Read(t.Context(), old); err != nil {
			t.Errorf("after a rotation: %v", err)
		}
		if _, err := w.keys.Reset(t.Context()); err != nil || w.states(t) != "current next" {
			t.Fatalf("reset: %v: %s", err, w.states(t))
		}
		must(t, w.keys.Tend(t.Context()))
		if _, err := w.tokens.Read(t.Context(), old); !errors.Is(err, domain.ErrTokenInvalid) {
			t.Errorf("a token of a key that leaked: %v", err)
		}
	})
}

func TestAlgorithmIsChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.keys.Plan.Algorithm = "ES256"
		must(t, w.keys.Tend(t.Context()))
		_, next, _, _ := domain.KeysByState(w.list(t))
		if next.Algorithm != "ES256" {
			t.Errorf("the next key is for %s", next.Algorithm)
		}
		w.Advance(w.keys.Plan.Lead)
		must(t, w.keys.Tend(t.Context()))
		current, _, _, _ := domain.KeysByState(w.list(t))
		if current.ID != next.ID {
			t.Error("the new algorithm waits for the next month")
		}
	})
}

func (w *world) list(t *testing.T) []domain.SigningKey {
	t.Helper()
	keys, err := w.store.SigningKeys(t.Context())
	must(t, err)
	return keys
}

// Processes that start, or rotate, at the same moment end up with the same keys.
func TestOneOfManyRotates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.exec(t, "DELETE FROM signing_keys")
		together := func(do func() error) {
			t.Helper()
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() {
					if err := do(); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		together(func() error { return w.keys.Open(context.WithoutCancel(t.Context())) })
		if got := w.states(t); len(strings.Fields(got)) != 2 {
			t.Fatalf("after a common start there are %q", got)
		}
		for range 3 {
			w.Advance(w.keys.Plan.Lead)
			var rotated atomic.Int32
			together(func() error {
				change, err := w.keys.Rotate(context.WithoutCancel(t.Context()))
				if change.Next != "" {
					rotated.Add(1)
				}
				if errors.Is(err, domain.ErrKeyTooYoung) { // it looked after the winner had committed
					return nil
				}
				return err
			})
			if rotated.Load() != 1 {
				t.Errorf("%d of 16 rotated; want 1", rotated.Load())
			}
		}
		if got := w.states(t); got != "retiring retiring retiring current next" {
			t.Errorf("keys are %q", got)
		}
	})
}

// asked carries requests to a handler without a network, so that time can be virtual.
type asked struct {
	handler http.Handler
	down    atomic.Bool
}

func (a *asked) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.down.Load() {
		return nil, errors.New("connection refused")
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	return w.Result(), nil
}

// Two auth processes rotate every hour while one API, which knows them by their published keys alone, verifies what
// either signs, every 10 s for 6 hours. The issuer is away for 20 minutes in between.
func TestRotationUnderLoadRefusesNoValidToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, log := dbtest.Open(t, "auth"), slog.New(slog.DiscardHandler)
		dir := t.TempDir()
		basis := usecase.Basis{Now: time.Now, NewID: uuid.NewString, Log: log}
		replicas := make([]*world, 2)
		for i := range replicas {
			w := &world{clock: &clock{}, store: repository.New(db)}
			w.ring, w.keys = newKeys(t, w.store, basis, dir)
			w.keys.Plan.Every = time.Hour
			w.tokens = token.New(w.ring, token.Config{Issuer: "us", Audience: "api", Now: time.Now})
			must(t, w.keys.Open(t.Context()))
			replicas[i] = w
		}
		var which atomic.Int32
		published := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			set, err := replicas[which.Load()].ring.Set()
			must(t, err)
			_, _ = w.Write(set)
		})
		transport := &asked{handler: published}
		remote, err := authn.NewRemoteKeys("http://auth/keys", &http.Client{Transport: transport}, log)
		must(t, err)
		ctx, stop := context.WithCancel(t.Context())
		var services sync.WaitGroup
		services.Go(func() { _ = remote.Service().Run(ctx) })
		verifier := authn.NewVerifier(remote, authn.NewRevocations(memory.New(time.Now)), authn.Config{Issuer: "us", Audience: "api"}, time.Now)

		type issued struct {
			token string
			until time.Time
		}
		var alive []issued
		verified, kids := 0, map[string]bool{}
		for step := range 6 * 360 {
			which.Store(int32(step % 2))
			signer := replicas[step%2]
			transport.down.Store(step > 700 && step < 820)
			if step%3 == 0 { // each looks after its keys every 30 s, at different moments
				must(t, replicas[step/3%2].keys.Tend(ctx))
			}
			signer.at = time.Now()
			signed := signer.sign(t)
			kids[strings.Split(signed, ".")[0]] = true
			alive = append(alive, issued{signed, time.Now().Add(lifetimes.Longest())})
			for len(alive) > 0 && !time.Now().Before(alive[0].until) {
				alive = alive[1:]
			}
			for _, i := range []int{0, len(alive) / 2, len(alive) - 1} {
				if _, err := verifier.Verify(ctx, alive[i].token); err != nil {
					t.Fatalf("step %d: a valid token is refused: %v", step, err)
				}
				verified++
			}
			<-time.After(10 * time.Second)
		}
		if len(kids) < 5 {
			t.Errorf("only %d keys signed in 6 hours", len(kids))
		}
		t.Logf("%d verifications, %d signing keys, none refused", verified, len(kids))
		stop()
		services.Wait()
	})
}

// The unencrypted key file of an older version moves into the database, and its tokens stay good.
func TestKeyFileOfAnOlderVersionMoves(t *testing.T) {
	t.Parallel()
	s := &service{t: t, clock: &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, db: dbtest.Open(t, "auth"), keyDir: t.TempDir()}
	path := filepath.Join(s.keyDir, "signing-key.json")
	const old = `{"alg":"EdDSA","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","kid":"old-one","kty":"OKP","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	must(t, os.WriteFile(path, []byte(old), 0o600))
	assemble(t, s)
	s.signUp()
	access, _ := s.signIn()
	if header := decodePart(t, access, 0); header["kid"] != "old-one" {
		t.Errorf("signed with %v; want the key that was there", header["kid"])
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the unencrypted file is still there: %v", err)
	}
	if _, err := s.restart().verifier.Verify(t.Context(), access); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	var rows []string
	must(t, s.db.Raw("SELECT CAST(private_key AS text) FROM signing_keys").Scan(&rows).Error)
	for _, row := range rows {
		if strings.Contains(row, "nWGxne") || strings.Contains(row, `"d"`) {
			t.Error("the private key is readable in the database")
		}
	}
}

func open(t *testing.T, cfg auth.Config, deps auth.Deps) error {
	t.Helper()
	m, err := auth.New(cfg, deps)
	if err != nil {
		return err
	}
	return m.Open(t.Context())
}

func TestProcessesMustShareTheKeyEncryptionKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	cfg := defaults(t)
	deps := auth.Deps{DB: s.db, Cache: memory.New(s.Now), Log: slog.New(slog.DiscardHandler), Now: s.Now, KeyDir: t.TempDir()}
	if err := open(t, cfg, deps); err == nil || !strings.Contains(err.Error(), "FIAPX_AUTH_KEK") {
		t.Errorf("with another key: %v; want the setting named", err)
	}
	secret, err := os.ReadFile(filepath.Join(s.keyDir, "key-encryption-key"))
	must(t, err)
	cfg.KEK = config.Secret(secret)
	if err := open(t, cfg, deps); err != nil {
		t.Errorf("with the same key as a setting: %v", err)
	}
	cfg.KEK, cfg.KEKFile = "", filepath.Join(s.keyDir, "key-encryption-key")
	if err := open(t, cfg, deps); err != nil {
		t.Errorf("with the same key as a file: %v", err)
	}
	cfg.KEKFile = filepath.Join(t.TempDir(), "absent")
	if err := open(t, cfg, deps); err == nil || !strings.Contains(err.Error(), "FIAPX_AUTH_KEK_FILE") {
		t.Errorf("with an absent file: %v", err)
	}
}

func TestRotateKeysForTheOperator(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, refresh := s.signIn()
	deps := auth.Deps{DB: s.db, Log: slog.New(slog.DiscardHandler), Now: s.Now, KeyDir: s.keyDir}
	change, err := auth.RotateKeys(t.Context(), defaults(t), deps, true)
	if err != nil || change.Current == "" || change.Next == "" || change.Retiring != "" {
		t.Fatalf("reset: %+v, %v", change, err)
	}
	again := s.restart()
	if _, err := again.verifier.Verify(t.Context(), access); !errors.Is(err, authn.ErrInvalid) {
		t.Errorf("a token of a key that leaked: %v", err)
	}
	if a := again.call("POST", "/auth/refresh", "", `{"refresh_token":"`+refresh+`"}`); a.status != http.StatusOK {
		t.Errorf("the session did not go on: %s", a.raw)
	}
	s.Advance(time.Hour)
	if change, err := auth.RotateKeys(t.Context(), defaults(t), deps, false); err != nil || change.Retiring == "" {
		t.Errorf("rotate: %+v, %v", change, err)
	}
	cfg := defaults(t)
	cfg.KeyFiles = []string{"x"}
	if _, err := auth.RotateKeys(t.Context(), cfg, deps, false); err == nil || !strings.Contains(err.Error(), "FIAPX_AUTH_KEY_FILES") {
		t.Errorf("with key files: %v", err)
	}
	deps.Cache = memory.New(s.Now)
	if err := open(t, cfg, deps); err == nil {
		t.Error("a key file that is absent is no problem")
	}
}
