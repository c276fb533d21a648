package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

// trail is the whole audit log, oldest first, as "action outcome detail".
func (w *world) trail(t *testing.T) []string {
	t.Helper()
	entries, err := w.store.Trail(t.Context(), domain.Trail{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	lines := make([]string, len(entries))
	for i, e := range entries {
		lines[len(entries)-1-i] = strings.TrimSpace(fmt.Sprintf("%s %s %s", e.Action, e.Outcome, e.Detail))
	}
	return lines
}

func TestWhatAnAccountGoesThroughIsWrittenDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		login := func(pw, address string) (domain.Grant, error) {
			return w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: pw, From: from(address)})
		}
		grant, actor := w.signIn(t)
		_, _ = login("wrong", "198.51.100.7")
		w.exec(t, "UPDATE users SET status = 'blocked' WHERE id = ?", user.ID)
		_, _ = login(goodPassword, home)
		w.exec(t, "UPDATE users SET status = 'active' WHERE id = ?", user.ID)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); err != nil {
			t.Fatal(err)
		}
		_ = w.password.Change(t.Context(), actor, domain.PasswordChange{Current: "wrong", New: nextPassword, Confirm: nextPassword})
		w.Advance(time.Minute)
		_, _ = w.refresh.Refresh(t.Context(), grant.RefreshToken, from("203.0.113.9"))
		other, actor := w.signIn(t)
		if err := w.password.Change(t.Context(), actor, domain.PasswordChange{Current: goodPassword, New: nextPassword, Confirm: nextPassword}); err != nil {
			t.Fatal(err)
		}
		again, err := login(nextPassword, home)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{other.AccessToken, again.RefreshToken, again.RefreshToken} {
			if err := w.logout.Logout(t.Context(), token, false, from(home)); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{
			"user.register done", "session.login done", "session.login refused auth.invalid_credentials", "session.login refused auth.user_blocked",
			"user.password refused auth.current_password", "session.refresh_reuse done", "session.login done", "user.password done",
			"session.login done", "session.logout done", // what ended before is not ended again
		}
		if diff := cmp.Diff(want, w.trail(t)); diff != "" {
			t.Errorf("audit log: %s", diff)
		}
		entries, err := w.store.Trail(t.Context(), domain.Trail{Action: domain.ActRefreshReuse, Limit: 10})
		if err != nil || len(entries) != 1 {
			t.Fatal(entries, err)
		}
		got := entries[0]
		if got.Subject != user.ID || got.Object == "" || got.Actor != "" || got.From != from("203.0.113.9") || !got.At.Equal(w.Now().Truncate(time.Microsecond)) {
			t.Errorf("reuse was written as %+v", got)
		}
	})
}

func TestThrottledSignInsDoNotFillTheLog(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		for range 60 {
			_, _ = w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: "wrong", From: from("attacker")})
		}
		var refused, throttled int
		for _, line := range w.trail(t) {
			refused += strings.Count(line, "refused")
			throttled += strings.Count(line, "throttled")
		}
		if refused != 5 || throttled != 1 {
			t.Errorf("%d refused and %d throttled sign-ins are in the log; want 5 and 1", refused, throttled)
		}
		w.Advance(time.Minute)
		_, _ = w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: "wrong", From: from("attacker")})
		if lines := w.trail(t); lines[len(lines)-1] != "session.login throttled" || len(lines) != 8 {
			t.Errorf("a minute later: %v", lines)
		}
	})
}

// An entry that cannot be written takes its change with it.
func TestNoChangeWithoutItsEntry(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		grant, actor := w.signIn(t)
		w.exec(t, "ALTER TABLE audit_log RENAME TO gone")
		if err := w.logout.Logout(t.Context(), grant.AccessToken, false, from(home)); err == nil {
			t.Error("logged out without a trace")
		}
		if err := w.password.Change(t.Context(), actor, domain.PasswordChange{Current: goodPassword, New: nextPassword, Confirm: nextPassword}); err == nil {
			t.Error("the password changed without a trace")
		}
		in := ana()
		in.Email, in.Username = "bia@example.com", "bia"
		if _, err := w.register.Register(t.Context(), in); err == nil {
			t.Error("registered without a trace")
		}
		if _, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: goodPassword, From: from(home)}); err == nil {
			t.Error("signed in without a trace")
		}
		if err := w.valid(t, grant.AccessToken); err != nil || w.count(t, "sessions") != 1 || w.count(t, "users") != 1 {
			t.Errorf("something changed all the same: %v, %d sessions, %d users", err, w.count(t, "sessions"), w.count(t, "users"))
		}
	})
}

func TestAuditLogIsAppendOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fresh := domain.Entry{At: time.Now(), Action: domain.ActLogin, Outcome: domain.Done}
		old := fresh
		old.At = time.Now().Add(-721 * time.Hour)
		for _, e := range []domain.Entry{fresh, old} {
			if err := w.store.Record(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		db := w.db.WithContext(t.Context())
		for _, sql := range []string{
			"UPDATE audit_log SET actor_id = 'x'", "DELETE FROM audit_log", "UPDATE audit_log SET at = at",
		} {
			if err := db.Exec(sql).Error; err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", sql, err)
			}
		}
		if db.Name() == "postgres" {
			if err := db.Exec("TRUNCATE audit_log").Error; err == nil {
				t.Error("the log was truncated")
			}
		}
		if n := w.count(t, "audit_log"); n != 2 {
			t.Errorf("%d entries", n)
		}
		if n, err := w.store.ForgetEntries(t.Context(), time.Now().Add(-720*time.Hour), 10); err != nil || n != 1 || w.count(t, "audit_log") != 1 {
			t.Errorf("past the retention: %d, %v", n, err)
		}
	})
}

func TestActivityIsOnesOwnAndPaged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		other := ana()
		other.Email, other.Username, other.From = "bia@example.com", "Bia", from("b")
		if _, err := w.register.Register(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		var actor domain.Actor
		for range 4 {
			_, actor = w.signIn(t)
		}
		var seen []string
		for cursor := ""; ; {
			before, err := domain.ParseCursor(cursor)
			if err != nil {
				t.Fatal(err)
			}
			entries, next, err := w.activity.Show(t.Context(), actor, domain.Trail{Limit: 2, Before: before})
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.Subject != actor.UserID {
					t.Errorf("somebody else's entry: %+v", e)
				}
				seen = append(seen, string(e.Action))
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		want := []string{"session.login", "session.login", "session.login", "session.login", "user.register"}
		if diff := cmp.Diff(want, seen); diff != "" {
			t.Errorf("activity: %s", diff)
		}
		for _, bad := range []string{"x", "-1", "0", "1e9", "99999999999999999999"} {
			if _, err := domain.ParseCursor(bad); !errors.Is(err, domain.ErrBadCursor) {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
	})
}

func TestOriginIsCutShort(t *testing.T) {
	t.Parallel()
	got := domain.NewOrigin(strings.Repeat("1", 100), "a\x1b[31m\u202eb\n"+strings.Repeat("é", 150))
	if len(got.Address) != 64 || len(got.Agent) > 200 || !strings.HasPrefix(got.Agent, "a[31mbé") {
		t.Errorf("NewOrigin = %q", got)
	}
}
