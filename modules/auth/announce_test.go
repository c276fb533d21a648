package auth_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/authn"
)

func TestEmptiedCacheIsFilledAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, actor := w.signIn(t)
		if err := w.logout.Logout(t.Context(), grant.AccessToken, false, from(home)); err != nil {
			t.Fatal(err)
		}
		if err := w.maintain.Watch(t.Context()); err != nil || !w.announced.complete || !w.announced.has(actor.SessionID) {
			t.Errorf("a cache that was never filled: %v, complete %v, %v", err, w.announced.complete, w.announced.ids)
		}
		w.announced.ids = nil
		if err := w.maintain.Watch(t.Context()); err != nil || len(w.announced.ids) != 0 {
			t.Errorf("a full cache is filled again: %v, %v", w.announced.ids, err)
		}
		w.announced.complete = false // it lost its memory
		if err := w.maintain.Watch(t.Context()); err != nil || !w.announced.has(actor.SessionID) {
			t.Errorf("after a loss: %v, %v", w.announced.ids, err)
		}
		w.announced.broken = errors.New("down")
		if err := w.maintain.Watch(t.Context()); err != nil {
			t.Errorf("a cache that is down is reported every second: %v", err)
		}
	})
}

func TestFeedOfRevokedSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		feed := &usecase.Feed{Basis: w.maintain.Basis, Sessions: w.store, Longest: lifetimes.Longest()}
		list := func() []string {
			t.Helper()
			ids, err := feed.Revoked(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		w.signUp(t)
		grant, actor := w.signIn(t)
		if got := list(); len(got) != 0 {
			t.Errorf("nobody logged out: %v", got)
		}
		if err := w.logout.Logout(t.Context(), grant.RefreshToken, false, from(home)); err != nil {
			t.Fatal(err)
		}
		w.Advance(time.Second)
		if got := list(); !slices.Equal(got, []string{actor.SessionID}) {
			t.Errorf("after a second: %v", got)
		}
		w.Advance(lifetimes.Longest() + 2*time.Minute)
		if got := list(); len(got) != 0 {
			t.Errorf("when no token can need it: %v", got)
		}
	})
}

// The verifier of the auth process itself needs no cache to be right.
func TestDatabaseAnswersForTheCache(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	access, _ := s.signIn()
	other, _ := s.signIn()
	r, err := s.verifier.Read(t.Context(), access)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.call("POST", "/auth/logout", access, ""); a.status != http.StatusOK {
		t.Fatal(a.raw)
	}
	still, err := s.verifier.Read(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		who  authn.Principal
		want bool
	}{
		"logged out": {r.Principal, true}, "signed in": {still.Principal, false},
		"unknown": {authn.Principal{SessionID: "00000000-0000-4000-8000-000000000000"}, true}, "no id": {authn.Principal{}, true},
	} {
		if got, err := s.module.Revocations().IsRevoked(t.Context(), c.who, s.Now()); err != nil || got != c.want {
			t.Errorf("%s: revoked %v, %v; want %v", name, got, err, c.want)
		}
	}
	s.Advance(time.Second)
	feed := s.call("GET", "/.well-known/revoked-sessions.json", "", "")
	list, _ := feed.at("sessions").([]any)
	if feed.status != http.StatusOK || len(list) != 1 || list[0] != authn.SessionDigest(r.SessionID) || feed.header.Get("Cache-Control") != "no-store" {
		t.Errorf("feed: %d %s, %v", feed.status, feed.raw, feed.header)
	}
}
