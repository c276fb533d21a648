package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestRefreshRotates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, actor := w.signIn(t)
		chain := []string{grant.RefreshToken}
		for range 4 {
			w.Advance(20 * time.Minute)
			next, err := w.refresh.Refresh(t.Context(), chain[len(chain)-1], home)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := w.tokens.Read(t.Context(), next.AccessToken)
			if err != nil || claims.SessionID != actor.SessionID || claims.Email == "" || claims.Username == "" || next.ExpiresIn != lifetimes.Access {
				t.Errorf("refreshed claims %+v, %v", claims, err)
			}
			chain = append(chain, next.RefreshToken)
		}
		if err := w.valid(t, chain[3]); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("validate a spent token: %v", err)
		}
		if err := w.valid(t, chain[4]); err != nil {
			t.Errorf("validate the token in force: %v", err)
		}
		// Any ancestor is a replay.
		if _, err := w.refresh.Refresh(t.Context(), chain[1], home); !errors.Is(err, domain.ErrRefreshReused) {
			t.Errorf("replay: %v", err)
		}
		if _, err := w.refresh.Refresh(t.Context(), chain[4], home); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("the family after a replay: %v", err)
		}
		if !w.announced.has(actor.SessionID) {
			t.Error("the end of the family was not announced")
		}
	})
}

func TestRefreshGrace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, _ := w.signIn(t)
		first, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, home)
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(10 * time.Second)
		again, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, home)
		if err != nil || again.RefreshToken != first.RefreshToken {
			t.Errorf("within the grace: %v, same successor: %v", err, again.RefreshToken == first.RefreshToken)
		}
		w.Advance(time.Microsecond)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, home); !errors.Is(err, domain.ErrRefreshReused) {
			t.Errorf("after the grace: %v", err)
		}
		if err := w.valid(t, first.RefreshToken); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("successor after reuse: %v", err)
		}
		if err := w.valid(t, first.AccessToken); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("access token after reuse: %v", err)
		}
	})
}

// A client that fires a hundred refreshes with one token gets one successor a hundred times and keeps its session.
func TestRefreshRace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const callers = 100
		w.signUp(t)
		grant, _ := w.signIn(t)
		var (
			wg    sync.WaitGroup
			start = make(chan struct{})
			got   [callers]string
		)
		for i := range callers {
			wg.Go(func() {
				<-start
				g, err := w.refresh.Refresh(context.WithoutCancel(t.Context()), grant.RefreshToken, home)
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
				got[i] = g.RefreshToken
			})
		}
		close(start)
		wg.Wait()
		for i, tok := range got {
			if tok == "" || tok != got[0] {
				t.Fatalf("caller %d got another successor", i)
			}
		}
		if n := w.count(t, "refresh_tokens"); n != 2 {
			t.Errorf("%d refresh tokens; want the spent one and one successor", n)
		}
		w.Advance(time.Minute)
		if _, err := w.refresh.Refresh(t.Context(), got[0], home); err != nil {
			t.Errorf("the successor afterwards: %v", err)
		}
	})
}

func TestRefreshStoresOnlyHashes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, _ := w.signIn(t)
		next, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, home)
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(time.Minute)
		if _, err := w.refresh.Refresh(t.Context(), next.RefreshToken, home); err != nil {
			t.Fatal(err)
		}
		var hashes []string
		if err := w.db.WithContext(t.Context()).Raw("SELECT hash FROM refresh_tokens").Scan(&hashes).Error; err != nil {
			t.Fatal(err)
		}
		for _, h := range hashes {
			if len(h) != 64 || h == grant.RefreshToken || h == next.RefreshToken {
				t.Errorf("stored %q", h)
			}
		}
		var salted int64
		if err := w.db.WithContext(t.Context()).Table("refresh_tokens").Where("successor_salt IS NOT NULL").Count(&salted).Error; err != nil {
			t.Fatal(err)
		}
		if salted != 1 {
			t.Errorf("%d salts are kept; want only the one within its grace", salted)
		}
	})
}

func TestRefreshRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		grant, _ := w.signIn(t)
		for name, tok := range map[string]string{"access token": grant.AccessToken, "unknown": domain.NewRefreshToken(), "garbage": "x"} {
			if _, err := w.refresh.Refresh(t.Context(), tok, home); !errors.Is(err, domain.ErrRefreshInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.exec(t, "UPDATE users SET status = 'blocked' WHERE id = ?", user.ID)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, home); !errors.Is(err, domain.ErrUserBlocked) {
			t.Errorf("blocked user: %v", err)
		}
		w.exec(t, "UPDATE users SET status = 'active' WHERE id = ?", user.ID)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, home); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("a blocked user's session must end for good: %v", err)
		}
	})
}

func TestSessionEndsWhenItMust(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, _ := w.signIn(t)
		w.Advance(lifetimes.Refresh - time.Minute)
		next, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, home)
		if err != nil || next.ExpiresIn != time.Minute {
			t.Errorf("a minute before the end: access for %s, %v; want no more than the session has left", next.ExpiresIn, err)
		}
		w.Advance(time.Minute)
		if _, err := w.refresh.Refresh(t.Context(), next.RefreshToken, home); !errors.Is(err, domain.ErrTokenExpired) {
			t.Errorf("at the end: %v; rotation must not prolong a session", err)
		}
	})
}

func TestLogout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		here, hereActor := w.signIn(t)
		there, thereActor := w.signIn(t)
		logout := func(tok string, everywhere bool) {
			t.Helper()
			if err := w.logout.Logout(t.Context(), tok, everywhere); err != nil {
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
		if err := w.logout.Logout(t.Context(), old.AccessToken, true); err != nil {
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
			if _, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: pw, Client: home}); !errors.Is(err, want) {
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
		if _, err := w.store.ChangePassword(t.Context(), user.ID, user.PasswordHash, "new hash", now); err != nil {
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
		if err := w.logout.Logout(t.Context(), loggedOut.AccessToken, false); err != nil {
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
