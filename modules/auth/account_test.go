package auth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/fault"
)

// each runs a test in a fresh world on every database.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, "auth", func(t *testing.T, db *database.DB) { test(t, newWorld(t, db)) })
}

func TestRegisterAndShow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		_, actor := w.signIn(t)
		got, err := w.profile.Show(t.Context(), actor)
		if err != nil {
			t.Fatal(err)
		}
		want := user
		want.LastLogin = new(w.Now())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stored user differs: %s", diff)
		}
		if got.Email != "ana.souza@example.com" || got.Username != "AnaS" {
			t.Errorf("stored as %q, %q; want the e-mail in lower case and the username as chosen", got.Email, got.Username)
		}
	})
}

func TestRegisterConflicts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		for name, change := range map[string]func(*domain.Registration){
			"both":     func(*domain.Registration) {},
			"e-mail":   func(r *domain.Registration) { r.Username, r.Email = "other", "ANA.SOUZA@EXAMPLE.COM" },
			"username": func(r *domain.Registration) { r.Username, r.Email = "aNAs", "other@example.com" },
		} {
			in := ana()
			in.From = from(name)
			change(&in)
			_, err := w.register.Register(t.Context(), in)
			if !errors.Is(err, domain.ErrUserExists) || fault.From(err).Message != domain.ErrUserExists.Message {
				t.Errorf("%s taken: %v; want the one message for both", name, err)
			}
		}
		if n := w.count(t, "users"); n != 1 {
			t.Errorf("%d users", n)
		}
	})
}

func TestRegisterRace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var wg sync.WaitGroup
		results := make(chan error, 8)
		for i := range cap(results) {
			in := ana()
			in.From = from(string(rune('a' + i)))
			wg.Go(func() {
				_, err := w.register.Register(context.WithoutCancel(t.Context()), in)
				results <- err
			})
		}
		wg.Wait()
		close(results)
		var won int
		for err := range results {
			if err == nil {
				won++
			} else if !errors.Is(err, domain.ErrUserExists) {
				t.Errorf("a loser was told %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d registrations of one name succeeded", won)
		}
	})
}

func TestRegisterRefusesWeakPasswords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		in := ana()
		in.Password = "ana.souza rocks"
		if _, err := w.register.Register(t.Context(), in); !errors.Is(err, domain.ErrPasswordWeak) {
			t.Errorf("password with the e-mail's name: %v", err)
		}
		in.Password = "short"
		if _, err := w.register.Register(t.Context(), in); fault.KindOf(err) != fault.Unprocessable {
			t.Errorf("short password: %v", err)
		}
		if n := w.count(t, "users"); n != 0 {
			t.Errorf("%d users", n)
		}
	})
}

func TestLogin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		w.Advance(time.Hour)
		for _, identifier := range []string{"anas", "ANAS", " AnaS ", "ana.souza@example.com", "ANA.SOUZA@example.COM"} {
			for _, remember := range []bool{false, true} {
				grant, err := w.login.Login(t.Context(), domain.Credentials{Identifier: identifier, Password: goodPassword, Remember: remember, From: from(home)})
				if err != nil {
					t.Fatalf("%q: %v", identifier, err)
				}
				claims, err := w.tokens.Read(t.Context(), grant.AccessToken)
				if err != nil {
					t.Fatal(err)
				}
				access, refresh := lifetimes.Access, lifetimes.Refresh
				if remember {
					access, refresh = lifetimes.RememberAccess, lifetimes.RememberRefresh
				}
				info, err := w.validate.Validate(t.Context(), grant.RefreshToken, home)
				if err != nil || grant.ExpiresIn != access || claims.ExpiresAt.Sub(claims.IssuedAt) != access || info.ExpiresAt.Sub(w.Now()) != refresh {
					t.Errorf("remember=%v: access %s, refresh until %s, %v", remember, grant.ExpiresIn, info.ExpiresAt, err)
				}
				if claims.UserID != user.ID || claims.Email != "ana.souza@example.com" || claims.Username != "AnaS" || !grant.User.LastLogin.Equal(w.Now()) {
					t.Errorf("claims %+v of user %+v", claims, grant.User)
				}
			}
		}
		if n := w.count(t, "sessions"); n != 10 {
			t.Errorf("%d sessions; each login has its own", n)
		}
	})
}

func TestLoginRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		attempt := func(identifier, pw, client string) error {
			_, err := w.login.Login(t.Context(), domain.Credentials{Identifier: identifier, Password: pw, From: from(client)})
			return err
		}
		for name, err := range map[string]error{
			"unknown username": attempt("nobody", goodPassword, "a"),
			"unknown e-mail":   attempt("no@example.com", goodPassword, "b"),
			"wrong password":   attempt("anas", goodPassword+" ", "c"),
			"empty password":   attempt("anas", "", "d"),
			"empty both":       attempt("", "", "e"),
		} {
			if fault.From(err).Error() != domain.ErrInvalidCredentials.Error() {
				t.Errorf("%s: %v; want exactly %v", name, err, domain.ErrInvalidCredentials)
			}
		}
		if len(w.paused) != 5 || w.paused[0] != 250*time.Millisecond {
			t.Errorf("refusals paused for %v; want the floor each time", w.paused)
		}
		for status, want := range map[domain.Status]error{domain.Blocked: domain.ErrUserBlocked, domain.Inactive: domain.ErrUserInactive} {
			w.exec(t, "UPDATE users SET status = ? WHERE id = ?", status, user.ID)
			if err := attempt("anas", goodPassword, "f"); !errors.Is(err, want) {
				t.Errorf("%s user: %v", status, err)
			}
			if err := attempt("anas", "wrong", "g"+string(status)); !errors.Is(err, domain.ErrInvalidCredentials) {
				t.Errorf("%s user, wrong password: %v; the status must not show", status, err)
			}
		}
		if n := w.count(t, "sessions"); n != 0 {
			t.Errorf("%d sessions after refusals", n)
		}
	})
}

func TestOldHashIsUpgraded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user := w.signUp(t)
		old, err := bcrypt.GenerateFromPassword([]byte("Passw0rd!"), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		w.exec(t, "UPDATE users SET password_hash = ? WHERE id = ?", string(old), user.ID)
		for _, round := range []string{"with the old hash", "with the new one"} {
			if _, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: "Passw0rd!", From: from(home)}); err != nil {
				t.Errorf("login %s: %v", round, err)
			}
			stored, err := w.store.UserByID(t.Context(), user.ID)
			if err != nil || stored.PasswordHash[:10] != "$argon2id$" {
				t.Errorf("after login %s: hash %.10q, %v", round, stored.PasswordHash, err)
			}
		}
	})
}

func TestLoginIsThrottled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		w.signIn(t) // home is known from now on
		guess := func(client string) error {
			_, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: "wrong", From: from(client)})
			return err
		}
		for i := range 6 {
			want := domain.ErrInvalidCredentials
			if i == 5 {
				want = domain.ErrTooManyAttempts
			}
			if err := guess("attacker"); !errors.Is(err, want) {
				t.Errorf("guess %d: %v; want %v", i+1, err, want)
			}
		}
		_, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "ana.souza@example.com", Password: goodPassword, From: from("attacker")})
		if !errors.Is(err, domain.ErrTooManyAttempts) || fault.From(err).RetryAfter != 5*time.Minute {
			t.Errorf("the right password by e-mail after five wrong by username: %v", err)
		}
		for range 5 {
			_ = guess("second attacker") // ten wrong guesses on the account in all
		}
		if err := guess("third attacker"); !errors.Is(err, domain.ErrTooManyAttempts) || fault.From(err).RetryAfter != time.Second {
			t.Errorf("a stranger after ten wrong guesses: %v; want a delay of one second", err)
		}
		w.signIn(t) // the owner at a known address feels nothing
		w.Advance(5 * time.Minute)
		if err := guess("attacker"); !errors.Is(err, domain.ErrInvalidCredentials) {
			t.Errorf("after the window: %v", err)
		}
	})
}

// Strangers who guess, from everywhere and from the owner's own address, lock nobody out whose browser was here before.
func TestOwnersBrowserIsNotLockedOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		browser := domain.NewDevice()
		try := func(client, device, password string) error {
			_, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: password, From: from(client), Device: device})
			return err
		}
		must(t, try(home, browser, goodPassword))
		for i := range 40 {
			_ = try(fmt.Sprint("attacker", i), "", "wrong")
			_ = try(home, "", "wrong")
			_ = try(home, domain.NewDevice(), "wrong") // an invented browser is worth nothing
		}
		for _, client := range []string{home, "a hotel"} {
			if err := try(client, browser, goodPassword); err != nil {
				t.Errorf("the owner's browser from %s: %v", client, err)
			}
		}
		err := try("another hotel", domain.NewDevice(), goodPassword)
		if !errors.Is(err, domain.ErrTooManyAttempts) || fault.From(err).RetryAfter <= 0 || fault.From(err).RetryAfter > 15*time.Minute {
			t.Errorf("an unknown browser under attack: %v; want a delay of at most 15 minutes", err)
		}
		w.Advance(15 * time.Minute)
		if err := try("another hotel", domain.NewDevice(), goodPassword); err != nil {
			t.Errorf("after the delay: %v", err)
		}
		for range 5 {
			_ = try(home, browser, "wrong")
		}
		if err := try(home, browser, goodPassword); !errors.Is(err, domain.ErrTooManyAttempts) {
			t.Errorf("a known browser may guess for ever: %v", err)
		}
	})
}

func TestUpdateProfile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		other := ana()
		other.Email, other.Username, other.From = "bia@example.com", "Bia", from("b")
		if _, err := w.register.Register(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		_, actor := w.signIn(t)
		w.Advance(time.Minute)
		update := func(c domain.ProfileChange) (domain.User, error) { return w.profile.Update(t.Context(), actor, c) }

		got, err := update(domain.ProfileChange{Username: new(" anas "), LastName: new(" Lima ")})
		if err != nil || got.Username != "anas" || got.FullName() != "Ana Lima" || !got.UpdatedAt.Equal(w.Now()) {
			t.Errorf("Update = %+v, %v", got, err)
		}
		stored, err := w.profile.Show(t.Context(), actor)
		if diff := cmp.Diff(got, stored); diff != "" || err != nil {
			t.Errorf("stored differs: %s, %v", diff, err)
		}
		if same, err := update(domain.ProfileChange{}); err != nil || !same.UpdatedAt.Equal(got.UpdatedAt) {
			t.Errorf("no change: %+v, %v", same, err)
		}
		if _, err := update(domain.ProfileChange{Username: new("bIA")}); !errors.Is(err, domain.ErrUsernameTaken) {
			t.Errorf("taken username: %v", err)
		}
		if _, err := update(domain.ProfileChange{Username: new("a b"), FirstName: new(" ")}); len(fault.From(err).Fields) != 2 {
			t.Errorf("two bad fields: %v", err)
		}
	})
}
