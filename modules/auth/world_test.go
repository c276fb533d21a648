package auth_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/blocklist"
	"github.com/fiapx/fiapx/modules/auth/internal/service/password"
	"github.com/fiapx/fiapx/modules/auth/internal/service/throttle"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/database"
)

const (
	goodPassword = "three blind mice"
	nextPassword = "see how they run"
	home         = "192.0.2.1"
)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// publisher records what was announced; while broken it refuses.
type publisher struct {
	mu       sync.Mutex
	ids      []string
	complete bool
	broken   error
}

func (p *publisher) RevokeSession(_ context.Context, id string, ttl time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return p.broken
	}
	if ttl == lifetimes.RememberAccess {
		p.ids = append(p.ids, id)
	}
	return nil
}

func (p *publisher) MarkComplete(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.complete = p.broken == nil
	return p.broken
}

func (p *publisher) Complete(context.Context) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.complete, p.broken
}

func (p *publisher) has(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.ids, id)
}

var lifetimes = usecase.Lifetimes{
	Access: 15 * time.Minute, Refresh: 30 * 24 * time.Hour, RememberAccess: 30 * time.Minute, RememberRefresh: 90 * 24 * time.Hour,
}

// world is the module's use cases over a real database, with time and announcements in the test's hands.
type world struct {
	*clock
	db        *database.DB
	basis     usecase.Basis
	store     *repository.Store
	hasher    *password.Hasher
	ring      *token.Ring
	keys      usecase.Keys
	tokens    *token.Tokens
	announced *publisher
	paused    []time.Duration
	sessions  usecase.Sessions
	activity  usecase.Activity
	keyring   usecase.APIKeys
	exchange  usecase.Exchange

	register usecase.Register
	login    usecase.Login
	refresh  usecase.Refresh
	logout   usecase.Logout
	validate usecase.Validate
	profile  usecase.Profile
	password usecase.ChangePassword
	maintain usecase.Maintain
}

func newWorld(t *testing.T, db *database.DB) *world {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	w := &world{
		clock: &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)}, db: db, store: repository.New(db),
		hasher: password.New(password.Config{Concurrent: 4, Wait: time.Minute}), announced: &publisher{},
	}
	basis := usecase.Basis{Now: w.Now, NewID: uuid.NewString, Log: log}
	w.basis = basis
	w.ring, w.keys = newKeys(t, w.store, basis, t.TempDir())
	if err := w.keys.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.tokens = token.New(w.ring, token.Config{Issuer: "us", Audience: "api", Now: w.Now})
	shared := memory.New(w.Now)
	guard := throttle.New(shared, shared, generous, w.Now, log)
	announcer := usecase.Announcer{Basis: basis, Publisher: w.announced, Longest: lifetimes.Longest()}
	confirm := usecase.Confirm{Hasher: w.hasher, Guard: guard}
	audit := usecase.Audit{Log: log, Recorder: w.store, Rarely: throttle.Once(shared, time.Minute)}
	list, err := blocklist.Open()
	if err != nil {
		t.Fatal(err)
	}
	policy := domain.NewPasswordPolicy(12, list.Contains)
	w.register = usecase.Register{Basis: basis, Users: w.store, Hasher: w.hasher, Guard: guard, Policy: policy}
	w.login = usecase.Login{
		Basis: basis, Users: w.store, Sessions: w.store, Hasher: w.hasher, Signer: w.tokens, Guard: guard, Lifetimes: lifetimes,
		Audit: audit, Floor: 250 * time.Millisecond, Pause: func(_ context.Context, d time.Duration) { w.paused = append(w.paused, d) },
	}
	w.refresh = usecase.Refresh{
		Announcer: announcer, Users: w.store, Sessions: w.store, Rotator: w.store, Signer: w.tokens, Guard: guard,
		Lifetimes: lifetimes, Grace: 10 * time.Second,
	}
	w.logout = usecase.Logout{Announcer: announcer, Live: w.store, Sessions: w.store, Refresh: w.store, Reader: w.tokens}
	w.validate = usecase.Validate{Basis: basis, Users: w.store, Sessions: w.store, Refresh: w.store, Reader: w.tokens, Guard: guard}
	w.profile = usecase.Profile{Basis: basis, Users: w.store, Sessions: w.store, Writer: w.store}
	w.password = usecase.ChangePassword{
		Announcer: announcer, Confirm: confirm, Users: w.store, Sessions: w.store, Writer: w.store, Audit: audit, Policy: policy,
	}
	w.keyring = usecase.APIKeys{Announcer: announcer, Confirm: confirm, Users: w.store, Sessions: w.store, Keeper: w.store, Audit: audit}
	w.exchange = usecase.Exchange{
		Basis: basis, Keys: w.store, Signer: w.tokens, Guard: guard, Life: 5 * time.Minute, Stay: 30 * 24 * time.Hour,
	}
	w.sessions = usecase.Sessions{Announcer: announcer, Users: w.store, Sessions: w.store, Keeper: w.store}
	w.activity = usecase.Activity{Basis: basis, Users: w.store, Sessions: w.store, Log: w.store}
	w.maintain = usecase.Maintain{Announcer: announcer, Janitor: w.store, Retention: 720 * time.Hour}
	return w
}

// newKeys is the keys as one process has them; dir has their key-encryption key.
func newKeys(t *testing.T, store usecase.KeyStore, basis usecase.Basis, dir string) (*token.Ring, usecase.Keys) {
	t.Helper()
	sealer, err := token.OpenSealer(dir, basis.Log)
	if err != nil {
		t.Fatal(err)
	}
	ring := token.NewRing(sealer)
	return ring, usecase.Keys{
		Basis: basis, Store: store, Forge: token.Forge{Sealer: sealer, Dir: dir}, Ring: ring,
		Plan: domain.KeyPlan{Algorithm: "EdDSA", Every: 30 * 24 * time.Hour, Lead: 12 * time.Minute, Keep: lifetimes.Longest() + 2*time.Minute},
	}
}

var generous = throttle.Limits{
	Pair: throttle.Limit{Count: 5, Window: 5 * time.Minute}, Account: throttle.Limit{Count: 10, Window: 15 * time.Minute},
	ClientFailures: throttle.Limit{Count: 50, Window: 15 * time.Minute}, ClientAttempts: throttle.Limit{Count: 1000, Window: 15 * time.Minute},
	Register: throttle.Limit{Count: 1000, Window: 15 * time.Minute}, TokenCalls: throttle.Limit{Count: 10000, Window: time.Minute},
	MailRequests: throttle.Limit{Count: 1000, Window: 15 * time.Minute}, Mails: throttle.Limit{Count: 5, Window: time.Hour},
}

func ana() domain.Registration {
	return domain.Registration{
		Email: "Ana.Souza@Example.com", Username: "AnaS", Password: goodPassword, FirstName: "Ana", LastName: "Souza", From: from(home),
	}
}

// from is the origin of a client at an address.
func from(address string) domain.Origin { return domain.Origin{Address: address, Agent: "test/1"} }

// signUp registers Ana.
func (w *world) signUp(t *testing.T) domain.User {
	t.Helper()
	user, err := w.register.Register(t.Context(), ana())
	if err != nil {
		t.Fatal(err)
	}
	return user
}

// signIn opens a session for Ana and returns who that is.
func (w *world) signIn(t *testing.T) (domain.Grant, domain.Actor) {
	t.Helper()
	grant, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: goodPassword, From: from(home)})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := w.tokens.Read(t.Context(), grant.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	return grant, domain.Actor{UserID: claims.UserID, SessionID: claims.SessionID, From: from(home)}
}

func (w *world) valid(t *testing.T, tok string) error {
	t.Helper()
	_, err := w.validate.Validate(t.Context(), tok, home)
	return err
}

func (w *world) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if err := w.db.WithContext(t.Context()).Exec(sql, args...).Error; err != nil {
		t.Fatal(err)
	}
}

// guard is what the tests replace a part of.
type guard = usecase.Guard

// rows counts what a FROM clause gives.
func (w *world) rows(t *testing.T, clause string, args ...any) (n int64) {
	t.Helper()
	if err := w.db.WithContext(t.Context()).Raw("SELECT COUNT(*) FROM "+clause, args...).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *world) count(t *testing.T, table string) (n int64) {
	t.Helper()
	if err := w.db.WithContext(t.Context()).Table(table).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
