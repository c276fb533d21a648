package auth_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
)

// operator is the command line on the world's database.
func (w *world) operator() usecase.Operate {
	return usecase.Operate{
		Basis: w.basis, Users: w.store, Creator: w.store, Directory: w.store, Warden: w.store, Hasher: w.hasher,
		Policy: domain.NewPasswordPolicy(12, func(string) bool { return false }),
	}
}

func (w *world) admin() usecase.Admin {
	announcer := usecase.Announcer{Basis: w.basis, Publisher: w.announced, Longest: lifetimes.Longest()}
	return usecase.Admin{Announcer: announcer, Users: w.store, Sessions: w.store, Directory: w.store, Warden: w.store, Log: w.store}
}

// boss makes an administrator at the command line and signs him in.
func (w *world) boss(t *testing.T) domain.Actor {
	t.Helper()
	_, err := w.operator().Create(t.Context(), domain.Registration{
		Email: "boss@example.com", Username: "boss", Password: nextPassword, FirstName: "The", LastName: "Boss",
	})
	must(t, err)
	grant, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "boss", Password: nextPassword, From: from("b")})
	must(t, err)
	claims, err := w.tokens.Read(t.Context(), grant.AccessToken)
	must(t, err)
	return domain.Actor{UserID: claims.UserID, SessionID: claims.SessionID, From: from("b")}
}

func TestBlockedUsersAreOutUntilUnblocked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user, boss := w.signUp(t), w.boss(t)
		grant, actor := w.signIn(t)
		blocked, err := w.admin().Block(t.Context(), boss, user.ID)
		if err != nil || blocked.Status != domain.Blocked {
			t.Fatalf("%+v, %v", blocked, err)
		}
		if !w.announced.has(actor.SessionID) || w.announced.has(boss.SessionID) {
			t.Errorf("announced %v", w.announced.ids)
		}
		credentials := domain.Credentials{Identifier: "anas", Password: goodPassword, From: from(home)}
		if _, err := w.login.Login(t.Context(), credentials); !errors.Is(err, domain.ErrUserBlocked) {
			t.Errorf("login: %v", err)
		}
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); err == nil {
			t.Error("a blocked user refreshed")
		}
		if again, err := w.admin().Block(t.Context(), boss, user.ID); err != nil || again.Status != domain.Blocked {
			t.Errorf("again: %+v, %v", again, err)
		}
		_, err = w.admin().Unblock(t.Context(), boss, user.ID)
		must(t, err)
		if _, err := w.refresh.Refresh(t.Context(), grant.RefreshToken, from(home)); !errors.Is(err, domain.ErrTokenRevoked) {
			t.Errorf("the old session: %v", err)
		}
		_, err = w.login.Login(t.Context(), credentials)
		must(t, err)
		trail := strings.Join(w.trail(t), "\n")
		if strings.Count(trail, "user.block done") != 1 || strings.Count(trail, "user.unblock done") != 1 {
			t.Errorf("what changed nothing was written down, or what did was not:\n%s", trail)
		}
	})
}

func TestOnlyAdministratorsAdminister(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		user, boss := w.signUp(t), w.boss(t)
		_, ana := w.signIn(t)
		admin, ctx := w.admin(), t.Context()
		tries := func(a domain.Actor) map[string]error {
			_, _, list := admin.List(ctx, a, domain.Search{Limit: 1})
			_, show := admin.Show(ctx, a, boss.UserID)
			_, block := admin.Block(ctx, a, boss.UserID)
			_, unblock := admin.Unblock(ctx, a, boss.UserID)
			_, _, audit := admin.Entries(ctx, a, domain.Trail{Limit: 1})
			return map[string]error{"list": list, "show": show, "block": block, "unblock": unblock, "audit": audit}
		}
		for what, err := range tries(ana) {
			if !errors.Is(err, domain.ErrNotAdmin) {
				t.Errorf("%s by a user: %v", what, err)
			}
		}
		if _, err := admin.Block(ctx, boss, boss.UserID); !errors.Is(err, domain.ErrBlockSelf) {
			t.Errorf("block oneself: %v", err)
		}
		if _, err := admin.Block(ctx, boss, uuid.NewString()); !errors.Is(err, domain.ErrUserNotFound) {
			t.Errorf("block nobody: %v", err)
		}
		_, err := w.operator().SetRole(ctx, user.Email, domain.RoleAdmin)
		must(t, err)
		if _, err := admin.Show(ctx, ana, boss.UserID); err != nil {
			t.Errorf("promoted: %v", err)
		}
		_, err = w.operator().SetRole(ctx, "BOSS", domain.RoleUser)
		must(t, err)
		for what, err := range tries(boss) {
			if err == nil {
				t.Errorf("%s with the session of a former administrator", what)
			}
		}
	})
}

func TestUsersAreFoundPageByPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.boss(t)
		for i := range 5 {
			in := ana()
			in.Email, in.Username, in.LastName, in.From = fmt.Sprintf("n%d@example.com", i), fmt.Sprintf("n-0%d", i), "50%_Off", from(strconv.Itoa(i))
			_, err := w.register.Register(t.Context(), in)
			must(t, err)
			if i%2 == 0 {
				w.Advance(time.Second) // pairs are as old as each other
			}
		}
		seen := map[string]int{}
		search := domain.Search{Text: "0%_o", Limit: 2}
		for pages := 1; ; pages++ {
			users, next, err := w.admin().List(t.Context(), boss, search)
			must(t, err)
			for _, u := range users {
				seen[u.Username]++
			}
			if next == "" {
				if len(seen) != 5 || pages != 3 {
					t.Errorf("%d pages with %v", pages, seen)
				}
				break
			}
			search.After, err = domain.ParsePlace(next)
			must(t, err)
		}
		for text, want := range map[string]int{"": 6, "BOSS@": 1, "the boss": 1, "%": 5, "nobody": 0} {
			users, _, err := w.admin().List(t.Context(), boss, domain.Search{Text: text, Limit: 100})
			if err != nil || len(users) != want {
				t.Errorf("%q finds %d users, %v", text, len(users), err)
			}
		}
		admins, _, err := w.admin().List(t.Context(), boss, domain.Search{Role: domain.RoleAdmin, Status: domain.Active, Limit: 9})
		if err != nil || len(admins) != 1 || admins[0].ID != boss.UserID {
			t.Errorf("administrators: %+v, %v", admins, err)
		}
		if _, err := domain.ParsePlace("bm90IGEgcGxhY2U"); !errors.Is(err, domain.ErrBadCursor) {
			t.Errorf("a forged cursor: %v", err)
		}
	})
}

// What the command line ends, the servers tell each other within a round.
func TestSessionsEndedElsewhereAreAnnounced(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		_, actor := w.signIn(t)
		follow := usecase.Follow{Announcer: w.admin().Announcer, Sessions: w.store}
		must(t, follow.Round(t.Context()))
		_, err := w.operator().SetStatus(t.Context(), "anas", domain.Blocked)
		must(t, err)
		if w.announced.has(actor.SessionID) {
			t.Fatal("the command line has a cache")
		}
		w.announced.broken = errors.New("away")
		if follow.Round(t.Context()) == nil {
			t.Error("a failure was swallowed")
		}
		w.announced.broken = nil
		must(t, follow.Round(t.Context()))
		must(t, follow.Round(t.Context()))
		if got := fmt.Sprint(w.announced.ids); got != fmt.Sprint([]string{actor.SessionID}) {
			t.Errorf("announced %s, want the session once", got)
		}
	})
}
