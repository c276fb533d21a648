package auth_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
)

func (w *world) closer() usecase.Close {
	return usecase.Close{
		Announcer: w.admin().Announcer, Confirm: w.password.Confirm, Users: w.store, Sessions: w.store, Closer: w.store, Audit: w.password.Audit,
	}
}

func TestClosedAccountsAreOverAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		grant, actor := w.signIn(t)
		_, other := w.signIn(t)
		_, secret := w.key(t, actor, domain.NewAPIKey{})
		_, err := w.exchange.Exchange(t.Context(), secret)
		must(t, err)
		must(t, w.store.PostMails(t.Context(), domain.Entry{At: w.Now(), Action: domain.ActForgot, Outcome: domain.Done, Subject: user.ID},
			domain.Mail{ID: w.basis.NewID(), UserID: user.ID, Kind: domain.MailReset, Locale: "en", CreatedAt: w.Now()}))

		if err := w.closer().Do(t.Context(), actor, "not the password"); !errors.Is(err, domain.ErrCurrentPassword) {
			t.Fatalf("a wrong password: %v", err)
		}
		must(t, w.valid(t, grant.AccessToken))
		must(t, w.closer().Do(t.Context(), actor, goodPassword))

		for _, id := range []string{actor.SessionID, other.SessionID} {
			if !w.announced.has(id) {
				t.Errorf("the end of session %s was not announced", id)
			}
		}
		if w.valid(t, grant.AccessToken) == nil {
			t.Error("an access token works")
		}
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); err == nil {
			t.Error("a refresh token works")
		}
		if _, err := w.exchange.Exchange(t.Context(), secret); err == nil {
			t.Error("an API key works")
		}
		for _, name := range []string{"anas", user.Email, "closed:" + user.ID} {
			_, err := w.login.Login(t.Context(), domain.Credentials{Identifier: name, Password: goodPassword, From: from(home)})
			if !errors.Is(err, domain.ErrInvalidCredentials) {
				t.Errorf("sign in as %s: %v", name, err)
			}
		}
		if err := w.closer().Do(t.Context(), actor, goodPassword); err == nil {
			t.Error("closed twice")
		}
		w.nothingOf(t, user)
		w.signUp(t) // e-mail and username are free again
	})
}

// nothingOf looks for what a closed account must not leave.
func (w *world) nothingOf(t *testing.T, user domain.User) {
	t.Helper()
	for what, clause := range map[string]string{
		"personal data": "users WHERE id = ? AND (email <> username OR first_name <> '' OR last_name <> '' OR password_hash <> '' OR deleted_at IS NULL)",
		"mails":         "mails WHERE user_id = ?",
		"key names":     "api_keys WHERE user_id = ? AND (name <> '' OR hint <> '' OR revoked_at IS NULL)",
		"addresses":     "sessions WHERE user_id = ? AND (address <> '' OR agent <> '' OR revoked_at IS NULL)",
	} {
		if n := w.rows(t, clause, user.ID); n != 0 {
			t.Errorf("%d rows with %s are left", n, what)
		}
	}
	trail := w.trail(t)
	if !slices.ContainsFunc(trail, func(l string) bool { return strings.Contains(l, "user.delete refused") }) ||
		!slices.ContainsFunc(trail, func(l string) bool { return strings.Contains(l, "user.delete done") }) {
		t.Errorf("the audit log has no entry:\n%s", strings.Join(trail, "\n"))
	}
}

// Whoever owns something of a closed account is told of it for 90 days; then the row goes.
func TestClosedAccountsAreToldOfAndForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		_, actor := w.signIn(t)
		closed := usecase.Closed{Basis: w.basis, Users: w.store}
		told := func() string {
			ids, err := closed.List(t.Context())
			must(t, err)
			return strings.Join(ids, " ")
		}
		if got := told(); got != "" {
			t.Errorf("told of %q while it is open", got)
		}
		must(t, w.closer().Do(t.Context(), actor, goodPassword))
		w.Advance(usecase.ClosedKeeps)
		if got := told(); got != user.ID {
			t.Errorf("told of %q, want %s", got, user.ID)
		}
		must(t, w.maintain.Sweep(t.Context()))
		if n := w.count(t, "users"); n != 1 {
			t.Errorf("%d rows while it is told of", n)
		}
		w.Advance(25 * time.Hour)
		must(t, w.maintain.Sweep(t.Context()))
		if n := w.count(t, "users") + w.count(t, "sessions") + w.count(t, "api_keys"); n != 0 || told() != "" {
			t.Errorf("%d rows are left", n)
		}
	})
}
