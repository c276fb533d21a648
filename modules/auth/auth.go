package auth

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/presenter"
	"github.com/fiapx/fiapx/modules/auth/internal/repository"
	"github.com/fiapx/fiapx/modules/auth/internal/service/blocklist"
	"github.com/fiapx/fiapx/modules/auth/internal/service/password"
	"github.com/fiapx/fiapx/modules/auth/internal/service/throttle"
	"github.com/fiapx/fiapx/modules/auth/internal/service/token"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/cache"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/httpserver"
	"github.com/fiapx/fiapx/platform/mail"
)

// Deps is what the module runs on. Whoever opened a thing closes it.
type Deps struct {
	DB    *database.DB
	Cache cache.Cache // shared with every process that verifies tokens
	Log   *slog.Logger
	Now   func() time.Time
	// KeyDir is where the key-encryption key is kept unless the configuration gives one; it is made at first use.
	KeyDir string
	// Mail sends mails as Post says; nil is a server that sends none.
	Mail mail.Sender
	Post mail.Config
}

// Module is auth, wired.
type Module struct {
	ring     *token.Ring
	keeper   keeper
	doc      *openapi3.T
	handlers *presenter.Presenter
	maintain usecase.Maintain
	mailing  mailing
	log      *slog.Logger
	exchange exchanger
	follow   *usecase.Follow
	closed   func(context.Context) ([]string, error)

	revocations authn.Revocations
}

// New wires the module. It asks nobody for anything and starts nothing; Open comes next.
func New(cfg Config, deps Deps) (*Module, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configuration of auth: %w", err)
	}
	doc, err := loadContract()
	if err != nil {
		return nil, err
	}
	validate, err := httpserver.Validator(doc)
	if err != nil {
		return nil, fmt.Errorf("validator of auth: %w", err)
	}
	ring, keeper, err := newRing(cfg, deps)
	if err != nil {
		return nil, err
	}
	list, err := openBlocklist(cfg, deps)
	if err != nil {
		return nil, err
	}
	w, err := newWiring(cfg, deps, ring, list)
	if err != nil {
		return nil, err
	}
	return &Module{
		ring: ring, keeper: keeper, doc: doc, log: deps.Log, exchange: exchanger(w.exchange().Exchange),
		closed:   w.closed,
		follow:   &usecase.Follow{Announcer: w.announcer, Sessions: w.store},
		handlers: presenter.New(w.useCases(), validate, deps.Now),
		maintain: usecase.Maintain{Announcer: w.announcer, Janitor: w.store, Retention: cfg.AuditRetention},
		mailing:  w.mailing,

		revocations: token.Revocations{Over: usecase.Over{Basis: w.basis, Sessions: w.store}.Over},
	}, nil
}

// Open loads the signing keys, and makes them at first use. Nothing can be signed or verified before.
func (m *Module) Open(ctx context.Context) error { return m.keeper.Open(ctx) }

// Routes registers the module's routes. verifier guards those that need a caller.
func (m *Module) Routes(r httpserver.Router, verifier *authn.Verifier) {
	m.handlers.Routes(r, verifier.Middleware())
}

// Keys are the public keys; they stay current.
func (m *Module) Keys() authn.Keys { return m.ring }

// Exchanger makes access tokens of API keys.
func (m *Module) Exchanger() authn.Exchanger { return m.exchange }

// Revocations ask the database, so they are right also while the cache is down.
func (m *Module) Revocations() authn.Revocations { return m.revocations }

// Closed returns authn.AccountDigest of each account that was closed within 90 days, for those who own something of it.
func (m *Module) Closed(ctx context.Context) ([]string, error) { return m.closed(ctx) }

// OpenAPI is the module's contract. Callers must not change it.
func (m *Module) OpenAPI() *openapi3.T { return m.doc }

// wiring holds the parts that several use cases share.
type wiring struct {
	cfg       Config
	basis     usecase.Basis
	announcer usecase.Announcer
	store     *repository.Store
	hasher    *password.Hasher
	tokens    *token.Tokens
	guard     *throttle.Guard
	policy    *domain.PasswordPolicy
	ring      *token.Ring
	audit     usecase.Audit
	mailing   mailing
}

func newWiring(cfg Config, deps Deps, ring *token.Ring, list *blocklist.List) (wiring, error) {
	basis := usecase.Basis{Now: deps.Now, NewID: uuid.NewString, Log: deps.Log}
	store := repository.New(deps.DB)
	mailing, err := newMailing(cfg.Mails, deps, basis, store)
	return wiring{
		cfg: cfg, basis: basis, ring: ring, mailing: mailing, store: store,
		announcer: usecase.Announcer{
			Basis: basis, Publisher: authn.NewRevocations(deps.Cache), Longest: cfg.lifetimes().Longest(),
		},
		audit:  usecase.Audit{Log: deps.Log, Recorder: store, Rarely: throttle.Once(deps.Cache, auditPause)},
		hasher: password.New(password.Config{Concurrent: cfg.Hashes, Wait: cfg.HashWait}),
		tokens: token.New(ring, token.Config{Issuer: cfg.Issuer, Audience: cfg.Audience, Now: deps.Now}),
		guard:  throttle.New(deps.Cache, memory.New(deps.Now), cfg.limits(), deps.Now, deps.Log),
		policy: domain.NewPasswordPolicy(cfg.PasswordMin, list.Contains),
	}, err
}

func openBlocklist(cfg Config, deps Deps) (*blocklist.List, error) {
	list, err := blocklist.Open()
	if err != nil || cfg.PasswordList == "" {
		return list, err
	}
	n, err := list.Add(cfg.PasswordList)
	if err != nil {
		return nil, fmt.Errorf("FIAPX_AUTH_PASSWORD_LIST: %w", err)
	}
	deps.Log.Info("list of refused passwords read", "path", cfg.PasswordList, "passwords", n)
	return list, nil
}

func (w wiring) useCases() presenter.UseCases {
	feed := &usecase.Feed{Basis: w.basis, Sessions: w.store, Longest: w.cfg.lifetimes().Longest()}
	profile := usecase.Profile{Basis: w.basis, Users: w.store, Sessions: w.store, Writer: w.store}
	ask := usecase.AskMail{
		Basis: w.basis, Post: w.mailing.post, Users: w.store, Mails: w.store, Guard: w.guard, Floor: w.cfg.FailureFloor, Pause: pause,
	}
	all := presenter.UseCases{
		Register: usecase.Register{
			Basis: w.basis, Post: w.mailing.post, Users: w.store, Hasher: w.hasher, Guard: w.guard, Policy: w.policy,
		}.Register,
		Login: usecase.Login{
			Basis: w.basis, Post: w.mailing.post, Users: w.store, Sessions: w.store, Hasher: w.hasher, Signer: w.tokens, Guard: w.guard,
			Audit: w.audit, Lifetimes: w.cfg.lifetimes(), Floor: w.cfg.FailureFloor, Pause: pause,
		}.Login,
		Refresh: usecase.Refresh{
			Announcer: w.announcer, Users: w.store, Sessions: w.store, Rotator: w.store, Signer: w.tokens, Guard: w.guard,
			Lifetimes: w.cfg.lifetimes(), Grace: w.cfg.RefreshGrace,
		}.Refresh,
		Logout: usecase.Logout{
			Announcer: w.announcer, Live: w.store, Sessions: w.store, Refresh: w.store, Reader: w.tokens,
		}.Logout,
		Validate: usecase.Validate{
			Basis: w.basis, Users: w.store, Sessions: w.store, Refresh: w.store, Reader: w.tokens, Guard: w.guard,
		}.Validate,
		ShowProfile: profile.Show, UpdateProfile: profile.Update,
		ChangePassword: usecase.ChangePassword{
			Announcer: w.announcer, Post: w.mailing.post, Users: w.store, Sessions: w.store, Writer: w.store,
			Confirm: w.confirm(), Audit: w.audit, Policy: w.policy,
		}.Change,
		VerifyEmail: usecase.VerifyEmail{Basis: w.basis, Users: w.store, Guard: w.guard}.Verify,
		SendVerify:  ask.Again, ForgotPassword: ask.Reset,
		ResetPassword: usecase.ResetPassword{
			Announcer: w.announcer, Post: w.mailing.post, Users: w.store, Hasher: w.hasher, Guard: w.guard, Policy: w.policy,
		}.Reset,
		Keys: w.ring.Set, Revoked: feed.Revoked,
	}
	w.addAccounts(&all)
	return all
}

// pause waits for d or until the caller leaves.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
