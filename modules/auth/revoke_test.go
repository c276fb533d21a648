package auth_test

import (
	"errors"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestLogout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		here, hereActor := w.signIn(t)
		there, thereActor := w.signIn(t)
		logout := func(tok string, everywhere bool) {
			t.Helper()
			if err := w.logout.Logout(t.Context(), tok, everywhere, from(home)); err != nil {
				t.Errorf("logout: %v", err)
			}
		}
		logout(here.AccessToken, false)
		logout(here.AccessToken, true) // a token that is over ends nothing more
		for name, tok := range map[string]string{"access": here.AccessToken, "refresh": here.RefreshToken} {
			if err := w.valid(t, tok); !errors.Is(err, domain.ErrTokenRevoked) {
				t.Errorf("%s token after logout: %v", name, err)
			}
		}
		if err := w.valid(t, there.AccessToken); err != nil || !w.announced.has(hereActor.SessionID) || w.announced.has(thereActor.SessionID) {
			t.Errorf("the other session: %v; announced: %v", err, w.announced.ids)
		}
		third, _ := w.signIn(t)
		logout(there.RefreshToken, true)
		if err := w.valid(t, third.AccessToken); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("third session after logging out everywhere: %v", err)
		}
		for _, worthless := range []string{"", "garbage", domain.NewRefreshToken()} {
			logout(worthless, true)
		}
	})
}

func TestLogoutWithAnExpiredTokenEndsItsSession(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		old, _ := w.signIn(t)
		w.Advance(time.Hour)
		fresh, _ := w.signIn(t)
		if err := w.logout.Logout(t.Context(), old.AccessToken, true, from(home)); err != nil {
			t.Fatal(err)
		}
		if err := w.valid(t, old.RefreshToken); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("its own session: %v", err)
		}
		if err := w.valid(t, fresh.AccessToken); err != nil {
			t.Errorf("another session: %v; an expired token must not reach that far", err)
		}
	})
}

func TestChangePassword(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		here, actor := w.signIn(t)
		there, other := w.signIn(t)
		change := func(current, next, confirm string) error {
			return w.password.Change(t.Context(), actor, domain.PasswordChange{Current: current, New: next, Confirm: confirm})
		}
		for name, c := range map[string]struct {
			err  error
			want error
		}{
			"confirmation first": {change("wrong", "a", "b"), domain.ErrPasswordMismatch},
			"wrong current":      {change("wrong", nextPassword, nextPassword), domain.ErrCurrentPassword},
			"weak":               {change(goodPassword, "password1234", "password1234"), domain.ErrPasswordWeak},
		} {
			if !errors.Is(c.err, c.want) || len(fault.From(c.err).Fields) != 1 {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		if err := w.valid(t, here.AccessToken); err != nil {
			t.Fatalf("failed changes ended the session: %v", err)
		}
		if err := change(goodPassword, nextPassword, nextPassword); err != nil {
			t.Fatal(err)
		}
		for name, tok := range map[string]string{
			"own access": here.AccessToken, "own refresh": here.RefreshToken, "other access": there.AccessToken, "other refresh": there.RefreshToken,
		} {
			if err := w.valid(t, tok); !errors.Is(err, domain.ErrTokenRevoked) {
				t.Errorf("%s token afterwards: %v", name, err)
			}
		}
		if !w.announced.has(actor.SessionID) || !w.announced.has(other.SessionID) {
			t.Errorf("announced %v", w.announced.ids)
		}
		for pw, want := range map[string]error{goodPassword: domain.ErrInvalidCredentials, nextPassword: nil} {
			if _, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: pw, From: from(home)}); !errors.Is(err, want) {
				t.Errorf("login with %q: %v; want %v", pw, err, want)
			}
		}
	})
}

func TestChangePasswordIsThrottled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		_, actor := w.signIn(t)
		var err error
		for range 6 {
			err = w.password.Change(t.Context(), actor, domain.PasswordChange{Current: "wrong", New: nextPassword, Confirm: nextPassword})
		}
		if !errors.Is(err, domain.ErrTooManyAttempts) {
			t.Errorf("sixth guess of the current password: %v", err)
		}
	})
}

// A login that verified the old password before it was changed must not leave a session behind.
func TestLoginLosesAgainstPasswordChange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		now := w.Now()
		opening := domain.Opening{
			Session:     domain.Session{ID: "6f1c0c52-3a39-4a53-8f6a-3a2f5a1f4f10", UserID: user.ID, CreatedAt: now, LastUsedAt: now, ExpiresAt: now.Add(time.Hour)},
			RefreshHash: domain.HashToken("x"), VerifiedHash: user.PasswordHash,
		}
		if _, err := w.store.ChangePassword(t.Context(), user.ID, user.PasswordHash, "new hash", domain.Entry{At: now}); err != nil {
			t.Fatal(err)
		}
		if err := w.store.OpenSession(t.Context(), opening); !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Errorf("OpenSession = %v", err)
		}
		if n := w.count(t, "sessions"); n != 0 {
			t.Errorf("%d sessions", n)
		}
	})
}

func TestStandingIsAskedOfTheDatabase(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		grant, actor := w.signIn(t)
		w.exec(t, "UPDATE users SET status = 'inactive' WHERE id = ?", user.ID)
		if err := w.valid(t, grant.AccessToken); !errors.Is(err, domain.ErrUserInactive) {
			t.Errorf("validate for an inactive user: %v", err)
		}
		if _, err := w.profile.Show(t.Context(), actor); !errors.Is(err, domain.ErrUserInactive) {
			t.Errorf("profile of an inactive user: %v", err)
		}
		w.exec(t, "DELETE FROM users WHERE id = ?", user.ID)
		for name, tok := range map[string]string{"access": grant.AccessToken, "refresh": grant.RefreshToken} {
			if err := w.valid(t, tok); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("%s token of a deleted user: %v", name, err)
			}
		}
		if _, err := w.profile.Show(t.Context(), domain.Actor{UserID: "x", SessionID: "not-a-uuid"}); !errors.Is(err, domain.ErrSessionNotFound) {
			t.Errorf("ids that are none: %v", err)
		}
	})
}

func TestMaintenance(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		loggedOut, gone := w.signIn(t)
		w.announced.broken = errors.New("cache down")
		if err := w.logout.Logout(t.Context(), loggedOut.AccessToken, false, from(home)); err != nil {
			t.Fatalf("logout while the cache is down: %v; the database has it", err)
		}
		if err := w.maintain.Announce(t.Context()); err == nil {
			t.Error("announcing to a broken cache succeeds")
		}
		w.announced.broken = nil
		if err := w.maintain.Announce(t.Context()); err != nil || !w.announced.has(gone.SessionID) {
			t.Errorf("announced again: %v, %v", w.announced.ids, err)
		}
		w.Advance(lifetimes.Longest() + 2*time.Minute)
		w.announced.ids = nil
		if err := w.maintain.Announce(t.Context()); err != nil || len(w.announced.ids) != 0 {
			t.Errorf("announced when no token can need it: %v, %v", w.announced.ids, err)
		}

		kept, _ := w.signIn(t)
		w.Advance(24*time.Hour - time.Hour)
		if err := w.maintain.Sweep(t.Context()); err != nil || w.count(t, "sessions") != 2 {
			t.Errorf("swept too early: %v", err)
		}
		w.Advance(time.Hour)
		if err := w.maintain.Sweep(t.Context()); err != nil || w.count(t, "sessions") != 1 || w.count(t, "refresh_tokens") != 1 {
			t.Errorf("after a day: %d sessions, %d tokens, %v; want the live one only", w.count(t, "sessions"), w.count(t, "refresh_tokens"), err)
		}
		if err := w.valid(t, kept.RefreshToken); err != nil {
			t.Errorf("the live session: %v", err)
		}
		w.Advance(lifetimes.Refresh + 24*time.Hour)
		if err := w.maintain.Sweep(t.Context()); err != nil || w.count(t, "sessions") != 0 || w.count(t, "users") != 1 {
			t.Errorf("expired sessions stay: %v", err)
		}
	})
}
