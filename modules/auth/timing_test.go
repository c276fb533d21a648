package auth_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/service/password"
	"github.com/fiapx/fiapx/modules/auth/internal/usecase"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/fault"
)

// Refusals of every sort cost one hash, so that their time does not tell who has an account. The floor that hides the rest is
// off here. What is measured is the processor's time, which other programs do not lengthen; the sorts take turns, and medians are
// compared as ratios. The test is not parallel, because the time is that of the whole process.
func TestRefusalsTakeTheSameTime(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, "auth"))
	w.login.Now, w.login.Floor = time.Now, 0
	w.login.Guard = lenient{w.login.Guard}
	user := w.signUp(t)
	blocked := ana()
	blocked.Email, blocked.Username = "bea@example.com", "bea"
	other, err := w.register.Register(t.Context(), blocked)
	must(t, err)
	w.exec(t, "UPDATE users SET status = 'blocked' WHERE id = ?", other.ID)

	sorts := map[string]domain.Credentials{
		"wrong password":          {Identifier: user.Email, Password: "not the password"},
		"wrong password by name":  {Identifier: user.Username, Password: "not the password"},
		"empty password":          {Identifier: user.Email},
		"very long password":      {Identifier: user.Email, Password: string(make([]byte, 1000))},
		"unknown e-mail":          {Identifier: "nobody@example.com", Password: "not the password"},
		"unknown, empty password": {Identifier: "nobody@example.com"},
		"unknown name":            {Identifier: "nobody", Password: "not the password"},
		"no name at all":          {Identifier: "'; --", Password: "not the password"},
		"blocked, wrong password": {Identifier: "bea", Password: "not the password"},
	}
	const rounds, factor = 7, 2.5
	for attempt := 1; ; attempt++ {
		medians := measure(t, w, sorts, rounds)
		lowest, highest := medians["wrong password"], medians["wrong password"]
		for _, m := range medians {
			lowest, highest = min(lowest, m), max(highest, m)
		}
		if float64(highest) < factor*float64(lowest) {
			t.Logf("medians from %s to %s", lowest, highest)
			return
		}
		if attempt == 3 { // a skipped hash is off by a factor of a hundred every time
			t.Fatalf("medians differ: %v", medians)
		}
	}
}

func measure(t *testing.T, w *world, sorts map[string]domain.Credentials, rounds int) map[string]time.Duration {
	t.Helper()
	took := map[string][]time.Duration{}
	for range rounds {
		for name, in := range sorts {
			start := processorTime(t)
			_, err := w.login.Login(t.Context(), in)
			took[name] = append(took[name], processorTime(t)-start)
			if !errors.Is(err, domain.ErrInvalidCredentials) || fault.From(err).Message != domain.ErrInvalidCredentials.Message {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
	medians := map[string]time.Duration{}
	for name, samples := range took {
		slices.Sort(samples)
		medians[name] = samples[len(samples)/2]
	}
	return medians
}

func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used unix.Rusage
	must(t, unix.Getrusage(unix.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// lenient lets everybody guess, for a test that must guess often.
type lenient struct{ usecase.Guard }

func (lenient) AllowClient(context.Context, string) error        { return nil }
func (lenient) AllowLogin(context.Context, string, string) error { return nil }

// Sign-ins that find no slot are nobody's wrong guess: the owner is not locked out by a storm.
func TestBusySignInsAreNotCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.signUp(t)
		busy := password.New(password.Config{Concurrent: 1, Wait: 0})
		held, err := busy.Reserve(t.Context())
		must(t, err)
		patient := w.login.Hasher
		w.login.Hasher = busy
		for range 30 {
			_, err := w.login.Login(t.Context(), domain.Credentials{Identifier: "anas", Password: goodPassword})
			if !errors.Is(err, password.ErrBusy) || fault.From(err).RetryAfter <= 0 {
				t.Fatalf("no slot: %v", err)
			}
		}
		held.Release()
		w.login.Hasher = patient
		w.signIn(t)
	})
}
