package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

func TestRefreshRotates(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, actor := w.signIn(t)
		chain := []string{grant.RefreshToken}
		for range 4 {
			w.Advance(20 * time.Minute)
			next, err := w.refresh.Refresh(t.Context(), chain[len(chain)-1], from(home))
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
		if _, err := w.refresh.Refresh(t.Context(), chain[1], from(home)); !errors.Is(err, domain.ErrRefreshReused) {
			t.Errorf("replay: %v", err)
		}
		if _, err := w.refresh.Refresh(t.Context(), chain[4], from(home)); !errors.Is(err, domain.ErrTokenRevoked) {
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
		first, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home))
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(10 * time.Second)
		again, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home))
		if err != nil || again.RefreshToken != first.RefreshToken {
			t.Errorf("within the grace: %v, same successor: %v", err, again.RefreshToken == first.RefreshToken)
		}
		w.Advance(time.Microsecond)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); !errors.Is(err, domain.ErrRefreshReused) {
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
				g, err := w.refresh.Refresh(context.WithoutCancel(t.Context()), grant.RefreshToken, from(home))
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
		if _, err := w.refresh.Refresh(t.Context(), got[0], from(home)); err != nil {
			t.Errorf("the successor afterwards: %v", err)
		}
	})
}

func TestRefreshStoresOnlyHashes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, _ := w.signIn(t)
		next, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home))
		if err != nil {
			t.Fatal(err)
		}
		w.Advance(time.Minute)
		if _, err := w.refresh.Refresh(t.Context(), next.RefreshToken, from(home)); err != nil {
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
			if _, err := w.refresh.Refresh(t.Context(), tok, from(home)); !errors.Is(err, domain.ErrRefreshInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.exec(t, "UPDATE users SET status = 'blocked' WHERE id = ?", user.ID)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); !errors.Is(err, domain.ErrUserBlocked) {
			t.Errorf("blocked user: %v", err)
		}
		w.exec(t, "UPDATE users SET status = 'active' WHERE id = ?", user.ID)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("a blocked user's session must end for good: %v", err)
		}
	})
}

func TestSessionEndsWhenItMust(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, _ := w.signIn(t)
		w.Advance(lifetimes.Refresh - time.Minute)
		next, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home))
		if err != nil || next.ExpiresIn != time.Minute {
			t.Errorf("a minute before the end: access for %s, %v; want no more than the session has left", next.ExpiresIn, err)
		}
		w.Advance(time.Minute)
		if _, err := w.refresh.Refresh(t.Context(), next.RefreshToken, from(home)); !errors.Is(err, domain.ErrTokenExpired) {
			t.Errorf("at the end: %v; rotation must not prolong a session", err)
		}
	})
}
