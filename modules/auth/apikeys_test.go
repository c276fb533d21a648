package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/authn"
	"github.com/fiapx/fiapx/platform/fault"
)

// key makes an API key of Ana's.
func (w *world) key(t *testing.T, a domain.Actor, in domain.NewAPIKey) (domain.APIKey, string) {
	t.Helper()
	if in.Name == "" {
		in.Name = "nightly"
	}
	if in.Scopes == nil {
		in.Scopes = []string{"videos:write", "videos:read"}
	}
	in.Password = goodPassword
	key, secret, err := w.keyring.Create(t.Context(), a, in)
	if err != nil {
		t.Fatal(err)
	}
	return key, secret
}

func TestKeysLookLikeKeys(t *testing.T) {
	t.Parallel()
	one, other := domain.NewKey(), domain.NewKey()
	if one == other || len(one) != 53 || !strings.HasPrefix(one, authn.KeyPrefix) || strings.ContainsFunc(one[len(authn.KeyPrefix):], func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '2' || r > '7')
	}) {
		t.Errorf("keys %q and %q", one, other)
	}
	for i := range len(one) {
		changed := []byte(one)
		changed[i] ^= 1
		if domain.IsKey(string(changed)) {
			t.Errorf("a key mistyped at %d passes: %s", i, changed)
		}
	}
	for _, s := range []string{"", "fiapx_", one[:52], one + "a", strings.ToUpper(one), "fxr_" + one} {
		if domain.IsKey(s) {
			t.Errorf("%q passes for a key", s)
		}
	}
	if !domain.IsKey(one) || domain.Hint(one) != one[:10] {
		t.Errorf("%s is no key", one)
	}
}

func TestKeyIsExchangedForATokenWithItsScopes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		_, actor := w.signIn(t)
		expires := w.Now().Add(time.Hour)
		key, secret := w.key(t, actor, domain.NewAPIKey{Expires: &expires})
		if key.Hash == secret || strings.Contains(key.Hash, secret) || w.rows(t, "api_keys WHERE hash = ? OR hint = ? OR name = ?", secret, secret, secret) != 0 {
			t.Error("the key itself is stored")
		}
		grant, err := w.exchange.Exchange(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		claims, err := w.tokens.Read(t.Context(), grant.AccessToken)
		if err != nil {
			t.Fatal(err)
		}
		want := []domain.Scope{domain.VideosRead, domain.VideosWrite}
		if diff := cmp.Diff(want, claims.Scopes); diff != "" || claims.UserID != user.ID || grant.Life != 5*time.Minute || claims.Email != user.Email {
			t.Errorf("scopes: %s; claims %+v, life %s", diff, claims, grant.Life)
		}
		again, err := w.exchange.Exchange(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		if second, _ := w.tokens.Read(t.Context(), again.AccessToken); second.SessionID != claims.SessionID {
			t.Error("a key has two sessions at once")
		}
		if list, err := w.sessions.List(t.Context(), actor); err != nil || len(list) != 1 || list[0].ID != actor.SessionID {
			t.Errorf("the key's session is listed beside the user's: %v, %v", list, err)
		}
		keys, err := w.keyring.List(t.Context(), actor)
		if err != nil || len(keys) != 1 || keys[0].LastUsedAt == nil || !keys[0].LastUsedAt.Equal(w.Now()) || keys[0].Name != "nightly" {
			t.Errorf("keys: %+v, %v", keys, err)
		}
		w.Advance(58 * time.Minute)
		if grant, err = w.exchange.Exchange(t.Context(), secret); err != nil || grant.Life != 2*time.Minute {
			t.Errorf("a token outlives its key: %s, %v", grant.Life, err)
		}
		w.Advance(2 * time.Minute)
		if _, err := w.exchange.Exchange(t.Context(), secret); !errors.Is(err, domain.ErrKeyInvalid) {
			t.Errorf("an expired key: %v", err)
		}
	})
}

func TestKeysAreRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		_, actor := w.signIn(t)
		first, firstSecret := w.key(t, actor, domain.NewAPIKey{Name: "first"})
		_, secondSecret := w.key(t, actor, domain.NewAPIKey{Name: "second"})
		session := func(secret string) string {
			t.Helper()
			grant, err := w.exchange.Exchange(t.Context(), secret)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := w.tokens.Read(t.Context(), grant.AccessToken)
			if err != nil {
				t.Fatal(err)
			}
			return claims.SessionID
		}
		one, two := session(firstSecret), session(secondSecret)
		for _, id := range []string{uuid.NewString(), "x"} {
			if err := w.keyring.Revoke(t.Context(), actor, id); !errors.Is(err, domain.ErrNoSuchKey) {
				t.Errorf("revoke %s: %v", id, err)
			}
		}
		if err := w.keyring.Revoke(t.Context(), actor, first.ID); err != nil {
			t.Fatal(err)
		}
		if !w.announced.has(one) || w.announced.has(two) {
			t.Errorf("announced %v", w.announced.ids)
		}
		if _, err := w.exchange.Exchange(t.Context(), firstSecret); !errors.Is(err, domain.ErrKeyInvalid) {
			t.Errorf("a revoked key: %v", err)
		}
		if err := w.keyring.Revoke(t.Context(), actor, first.ID); !errors.Is(err, domain.ErrNoSuchKey) {
			t.Errorf("again: %v", err)
		}
		if n, err := w.keyring.RevokeAll(t.Context(), actor); err != nil || n != 1 || !w.announced.has(two) {
			t.Errorf("all: %d, %v, announced %v", n, err, w.announced.ids)
		}
		if n, err := w.keyring.RevokeAll(t.Context(), actor); err != nil || n != 0 {
			t.Errorf("none: %d, %v", n, err)
		}
		want := []string{"key.create done", "key.create done", "key.revoke done", "key.revoke done all"}
		if diff := cmp.Diff(want, w.trail(t)[2:]); diff != "" {
			t.Errorf("audit log: %s", diff)
		}
	})
}

func TestKeyOfAUserWhoMayNotSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		_, actor := w.signIn(t)
		_, secret := w.key(t, actor, domain.NewAPIKey{})
		for _, status := range []domain.Status{domain.Blocked, domain.Inactive} {
			w.exec(t, "UPDATE users SET status = ? WHERE id = ?", status, user.ID)
			if _, err := w.exchange.Exchange(t.Context(), secret); !errors.Is(err, domain.ErrKeyInvalid) {
				t.Errorf("%s: %v", status, err)
			}
		}
		w.exec(t, "UPDATE users SET status = 'active' WHERE id = ?", user.ID)
		if _, err := w.exchange.Exchange(t.Context(), secret); err != nil {
			t.Errorf("active again: %v", err)
		}
	})
}

func TestLogoutEverywhereEndsTokensButNotKeys(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, actor := w.signIn(t)
		_, secret := w.key(t, actor, domain.NewAPIKey{})
		before, err := w.exchange.Exchange(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.logout.Logout(t.Context(), grant.AccessToken, true, from(home)); err != nil {
			t.Fatal(err)
		}
		if err := w.valid(t, before.AccessToken); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("the key's token: %v", err)
		}
		after, err := w.exchange.Exchange(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.valid(t, after.AccessToken); err != nil {
			t.Errorf("the key's next token: %v", err)
		}
	})
}

func TestKeyRequestsAreChecked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		_, actor := w.signIn(t)
		past := w.Now()
		good := domain.NewAPIKey{Name: "x", Scopes: []string{"videos:read"}, Password: goodPassword}
		for name, c := range map[string]struct {
			change func(*domain.NewAPIKey)
			field  string
		}{
			"no name":         {func(k *domain.NewAPIKey) { k.Name = " " }, "name"},
			"odd name":        {func(k *domain.NewAPIKey) { k.Name = "a\nb" }, "name"},
			"long name":       {func(k *domain.NewAPIKey) { k.Name = strings.Repeat("é", 101) }, "name"},
			"no scope":        {func(k *domain.NewAPIKey) { k.Scopes = nil }, "scopes"},
			"unknown scope":   {func(k *domain.NewAPIKey) { k.Scopes = []string{"videos"} }, "scopes"},
			"too much":        {func(k *domain.NewAPIKey) { k.Scopes = []string{"videos:read", "account:write"} }, "scopes"},
			"not an admin":    {func(k *domain.NewAPIKey) { k.Scopes = []string{"admin"} }, "scopes"},
			"over already":    {func(k *domain.NewAPIKey) { k.Expires = &past }, "expires_at"},
			"wrong password":  {func(k *domain.NewAPIKey) { k.Password = "wrong" }, "current_password"},
			"everything else": {func(k *domain.NewAPIKey) { k.Name, k.Scopes = "", nil }, "name"},
		} {
			in := good
			c.change(&in)
			_, secret, err := w.keyring.Create(t.Context(), actor, in)
			if f := fault.From(err); f == nil || len(f.Fields) == 0 || f.Fields[0].Path != c.field || secret != "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		var err error
		for range 6 {
			_, _, err = w.keyring.Create(t.Context(), actor, domain.NewAPIKey{Name: "x", Scopes: []string{"videos:read"}, Password: "guess"})
		}
		if !errors.Is(err, domain.ErrTooManyAttempts) {
			t.Errorf("guesses of the password: %v", err)
		}
		w.Advance(time.Hour)
		for range domain.MaxKeys - 1 {
			w.exec(t, `INSERT INTO api_keys (id, user_id, name, hint, hash, scopes, created_at) VALUES (?, ?, 'x', 'x', ?, 'videos:read', ?)`,
				uuid.NewString(), user.ID, domain.HashToken(domain.NewKey()), w.Now())
		}
		var wg sync.WaitGroup
		results := make(chan error, 4)
		for range cap(results) {
			wg.Go(func() {
				_, _, err := w.keyring.Create(context.WithoutCancel(t.Context()), actor, good)
				results <- err
			})
		}
		wg.Wait()
		close(results)
		made := 0
		for err := range results {
			if err == nil {
				made++
			} else if !errors.Is(err, domain.ErrTooManyKeys) {
				t.Errorf("beyond the limit: %v", err)
			}
		}
		if made != 1 {
			t.Errorf("%d keys were made where one had room", made)
		}
	})
}

// An administrator's key loses what its owner loses.
func TestScopesOfAKeyShrinkWithItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		w.exec(t, "UPDATE users SET role = 'admin' WHERE id = ?", user.ID)
		_, actor := w.signIn(t)
		_, secret := w.key(t, actor, domain.NewAPIKey{Scopes: []string{"admin", "videos:read", "admin"}})
		for role, want := range map[string]string{"admin": "admin videos:read", "user": "videos:read"} {
			w.exec(t, "UPDATE users SET role = ? WHERE id = ?", role, user.ID)
			grant, err := w.exchange.Exchange(t.Context(), secret)
			if err != nil || domain.JoinScopes(grant.Scopes) != want {
				t.Errorf("as %s: %v, %v; want %s", role, grant.Scopes, err, want)
			}
		}
	})
}

// A runaway program is held back without holding back the others of its server.
func TestExchangeIsLimitedPerKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		_, actor := w.signIn(t)
		_, first := w.key(t, actor, domain.NewAPIKey{})
		_, second := w.key(t, actor, domain.NewAPIKey{})
		w.exchange.Guard = stingy{w.exchange.Guard, map[string]int{}}
		var err error
		for range 4 {
			_, err = w.exchange.Exchange(t.Context(), first)
		}
		if !errors.Is(err, domain.ErrTooManyAttempts) {
			t.Errorf("the fourth use: %v", err)
		}
		if _, err := w.exchange.Exchange(t.Context(), second); err != nil {
			t.Errorf("another key: %v", err)
		}
	})
}

// stingy allows three token calls of a client.
type stingy struct {
	guard
	calls map[string]int
}

func (s stingy) AllowTokenCall(_ context.Context, client string) error {
	if s.calls[client]++; s.calls[client] > 3 {
		return domain.ErrTooManyAttempts
	}
	return nil
}

// Both ways from a verifier to the exchange, in the process and over HTTP, are one to it.
func TestExchangersAgree(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, _ := s.signIn()
	server := httptest.NewServer(s.server.Handler())
	t.Cleanup(server.Close)
	remote, err := authn.NewRemoteExchange(server.URL+"/.well-known/jwks.json", server.Client())
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]authn.Exchanger{"in the process": s.module.Exchanger(), "over HTTP": remote} {
		made := s.call("POST", "/auth/api-keys", access, keyBody)
		if made.status != http.StatusCreated {
			t.Fatalf("create: %d %s", made.status, made.raw)
		}
		token, life, err := e.Exchange(t.Context(), made.text("data.key"))
		if err != nil || life != 5*time.Minute {
			t.Errorf("%s: life %s, %v", name, life, err)
		}
		if p, err := s.verifier.Verify(t.Context(), token); err != nil || !p.Allows("videos:read") || p.Allows("account:write") {
			t.Errorf("%s: the token is of %+v, %v", name, p, err)
		}
		for _, bad := range []string{"fiapx_x", domain.NewKey(), "abc"} {
			if _, _, err := e.Exchange(t.Context(), bad); !errors.Is(err, authn.ErrKey) {
				t.Errorf("%s: %.8s: %v", name, bad, err)
			}
		}
		s.call("DELETE", "/auth/api-keys/"+made.text("data.api_key.id"), access, "")
		if _, err := s.verifier.Verify(t.Context(), token); !errors.Is(err, authn.ErrRevoked) {
			t.Errorf("%s: after the key was revoked its token is %v", name, err)
		}
		if _, _, err := e.Exchange(t.Context(), made.text("data.key")); !errors.Is(err, authn.ErrKey) {
			t.Errorf("%s: a revoked key: %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := e.Exchange(ctx, domain.NewKey()); err == nil || errors.Is(err, authn.ErrKey) {
			t.Errorf("%s: an answer that did not come counts as a refusal: %v", name, err)
		}
	}
}

const keyBody = `{"name":" nightly ","scopes":["videos:read","account:read"],"current_password":"` + goodPassword + `"}`

func TestKeyRoutes(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, _ := s.signIn()
	made := s.call("POST", "/auth/api-keys", access, keyBody)
	key := made.text("data.key")
	if made.status != http.StatusCreated || !domain.IsKey(key) || made.text("data.api_key.name") != "nightly" || made.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("create: %d %s", made.status, made.raw)
	}
	list := s.call("GET", "/auth/api-keys", access, "")
	if keys, _ := list.at("data.api_keys").([]any); list.status != http.StatusOK || len(keys) != 1 || strings.Contains(list.raw, key) {
		t.Errorf("list: %d %s", list.status, list.raw)
	}
	s.problem("wrong password", s.call("POST", "/auth/api-keys", access, strings.Replace(keyBody, goodPassword, "wrong", 1)), http.StatusBadRequest, "auth.current_password")
	s.problem("unknown scope", s.call("POST", "/auth/api-keys", access, strings.Replace(keyBody, "videos:read", "videos", 1)), http.StatusUnprocessableEntity, "request.invalid_field")
	past := strings.Replace(keyBody, `"name"`, `"expires_at":"2025-01-01T00:00:00Z","name"`, 1)
	s.problem("in the past", s.call("POST", "/auth/api-keys", access, past), http.StatusUnprocessableEntity, "request.invalid_field")

	token := s.call("POST", "/auth/token", key, "")
	if token.status != http.StatusOK || token.text("data.scope") != "account:read videos:read" || token.at("data.expires_in") != 300.0 || token.header.Get("Cache-Control") != "no-store" {
		t.Errorf("exchange: %d %s", token.status, token.raw)
	}
	s.problem("exchange of nothing", s.call("POST", "/auth/token", "", ""), http.StatusUnauthorized, "auth.token_missing")
	s.problem("exchange of a token", s.call("POST", "/auth/token", access, ""), http.StatusUnauthorized, "auth.key_invalid")

	// The key itself opens what its scopes say, and nothing that lasts.
	if a := s.call("GET", "/users/profile", key, ""); a.status != http.StatusOK {
		t.Errorf("profile with the key: %d %s", a.status, a.raw)
	}
	s.problem("a key for a key", s.call("POST", "/auth/api-keys", key, keyBody), http.StatusForbidden, "auth.scope_missing")
	s.problem("a password by key", s.call("POST", "/users/change-password", key, "{}"), http.StatusForbidden, "auth.scope_missing")
	if gone := s.call("DELETE", "/auth/api-keys", access, ""); gone.status != http.StatusOK || gone.at("data.revoked") != 1.0 {
		t.Errorf("revoke all: %d %s", gone.status, gone.raw)
	}
	s.problem("a revoked key", s.call("GET", "/users/profile", key, ""), http.StatusUnauthorized, "auth.key_invalid")
	s.problem("revoked again", s.call("DELETE", "/auth/api-keys/"+made.text("data.api_key.id"), access, ""), http.StatusNotFound, "auth.no_such_key")
	if strings.Contains(s.logged.String(), key[10:]) {
		t.Error("the key is in the log")
	}
}
