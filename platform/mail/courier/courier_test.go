package courier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/database/outbox"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/mail/courier"
	"github.com/fiapx/fiapx/platform/mail/mailtest"
)

// clock is moved by hand.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// office is a table of mails, a server that takes them, and the time.
type office struct {
	*clock
	db     *database.DB
	sink   *mailtest.Sink
	sender mail.Sender
}

const table = `CREATE TABLE mails (id varchar(64) PRIMARY KEY, state varchar(16) NOT NULL DEFAULT 'waiting', attempts integer NOT NULL DEFAULT 0,
	next_at %[1]s NOT NULL, lease_token bigint NOT NULL DEFAULT 0, lease_until %[1]s, settled_at %[1]s, reason text NOT NULL DEFAULT '')`

func newOffice(t *testing.T, db *database.DB) *office {
	t.Helper()
	o := &office{clock: &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, db: db, sink: mailtest.Start(t)}
	instant := "timestamp"
	if database.Dialect(db) == database.Postgres {
		instant = "timestamptz"
		o.exec(t, "CREATE SCHEMA IF NOT EXISTS "+schema(t, db))
	}
	o.exec(t, fmt.Sprintf(table, instant))
	var err error
	o.sender, err = mail.Open(mail.Config{
		Host: o.sink.Host, Port: o.sink.Port, TLS: "none", From: "robot@fiapx.example", Timeout: 2 * time.Second,
	}, o.now)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// schema is the one that the connection looks into; EachEmpty leaves making it to the test.
func schema(t *testing.T, db *database.DB) (name string) {
	t.Helper()
	if err := db.WithContext(t.Context()).Raw("SHOW search_path").Scan(&name).Error; err != nil {
		t.Fatal(err)
	}
	return name
}

func (o *office) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if err := o.db.WithContext(t.Context()).Exec(sql, args...).Error; err != nil {
		t.Fatal(err)
	}
}

func (o *office) post(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		o.exec(t, "INSERT INTO mails (id, next_at) VALUES (?, ?)", id, o.now())
	}
}

func (o *office) courier() *courier.Courier {
	return courier.New(courier.Courier{
		Name: "test mails", Outbox: outbox.New(o.db, "mails"), Sender: o.sender, Attempts: 4, Retry: time.Minute, Every: 20 * time.Millisecond,
		Now: o.now, Log: slog.New(slog.DiscardHandler),
		Write: func(_ context.Context, id string) (mail.Message, error) {
			if id == "gone" {
				return mail.Message{}, courier.ErrObsolete
			}
			return mail.Message{ID: id, To: "ana@example.org", Subject: id, Text: "x"}, nil
		},
	})
}

func (o *office) states(t *testing.T) map[string]string {
	t.Helper()
	var rows []struct{ ID, State string }
	if err := o.db.WithContext(t.Context()).Table("mails").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, r := range rows {
		states[r.ID] = r.State
	}
	return states
}

func (o *office) taken() map[string]int {
	taken := map[string]int{}
	for id, n := range o.sink.Counts() {
		taken[id[:len(id)-len("@fiapx.example")]] = n
	}
	return taken
}

func each(t *testing.T, test func(t *testing.T, o *office)) {
	t.Helper()
	t.Parallel()
	dbtest.EachEmpty(t, "notify", func(t *testing.T, db *database.DB) { test(t, newOffice(t, db)) })
}

func TestWhatIsDueIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post(t, "a", "b", "gone")
		o.exec(t, "INSERT INTO mails (id, next_at) VALUES ('later', ?)", o.now().Add(time.Hour))
		for range 3 {
			if err := o.courier().Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]string{"a": "sent", "b": "sent", "gone": "dropped", "later": "waiting"}
		if diff := cmp.Diff(want, o.states(t)); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"a": 1, "b": 1}, o.taken()); diff != "" {
			t.Errorf("mails (-want +got):\n%s", diff)
		}
	})
}

// The server is away: one attempt a round, and everything arrives once it is back.
func TestAServerThatIsAway(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.courier()
		o.post(t, "a", "b", "c")
		o.sink.Down()
		for range 2 {
			if err := c.Deliver(t.Context()); !errors.Is(err, mail.ErrUnavailable) {
				t.Fatalf("%v, want ErrUnavailable", err)
			}
		}
		o.sink.Up()
		for range 3 {
			if err := c.Deliver(t.Context()); err != nil {
				t.Fatal(err)
			}
			o.advance(3 * time.Minute)
		}
		if diff := cmp.Diff(map[string]int{"a": 1, "b": 1, "c": 1}, o.taken()); diff != "" {
			t.Errorf("mails (-want +got):\n%s", diff)
		}
	})
}

func TestWaitsGrowAndEnd(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.courier()
		o.post(t, "a")
		o.sink.Refuse(10, 451, [3]int{4, 3, 2})
		for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
			before := o.sink.Tries()
			must(t, c.Deliver(t.Context()))
			o.advance(wait/2 - time.Second)
			must(t, c.Deliver(t.Context()))
			if tries := o.sink.Tries() - before; tries != 1 {
				t.Fatalf("%d tries within half of %s, want 1", tries, wait)
			}
			o.advance(wait/2 + 2*time.Second)
		}
		must(t, c.Deliver(t.Context()))
		o.advance(24 * time.Hour)
		must(t, c.Deliver(t.Context()))
		if tries, state := o.sink.Tries(), o.states(t)["a"]; tries != 4 || state != "failed" {
			t.Errorf("%d tries, %s; want 4, failed", tries, state)
		}
	})
}

func TestARefusedMailIsNotTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post(t, "a", "b")
		o.sink.Refuse(1, 550, [3]int{5, 1, 1})
		must(t, o.courier().Deliver(t.Context()))
		if diff := cmp.Diff(map[string]string{"a": "failed", "b": "sent"}, o.states(t)); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

// Many couriers over one table: each mail goes out once.
func TestCouriersShareTheWork(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		want := map[string]int{}
		for i := range 40 {
			id := fmt.Sprintf("m%02d", i)
			o.post(t, id)
			want[id] = 1
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if err := o.courier().Deliver(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := o.taken(); !maps.Equal(want, got) {
			t.Errorf("mails (-want +got):\n%s", cmp.Diff(want, got))
		}
	})
}

// A process that died with a mail in its hands: the next one sends it, under the same id, when the lease is over.
func TestAMailOfADeadProcess(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post(t, "a")
		held, ok, err := outbox.New(o.db, "mails").Claim(t.Context(), o.now(), 10*time.Minute)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		must(t, o.courier().Deliver(t.Context()))
		if n := len(o.taken()); n != 0 {
			t.Fatalf("%d mails although another process holds it", n)
		}
		o.advance(11 * time.Minute)
		must(t, o.courier().Deliver(t.Context()))
		if diff := cmp.Diff(map[string]int{"a": 1}, o.taken()); diff != "" {
			t.Errorf("mails (-want +got):\n%s", diff)
		}
		stillHeld, err := outbox.New(o.db, "mails").Settle(t.Context(), held, outbox.Outcome{State: outbox.Failed, At: o.now()})
		if err != nil || stillHeld {
			t.Errorf("the late process wrote its outcome: %v, %v", stillHeld, err)
		}
	})
}

func TestServiceHearsTheBellAndStops(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		c := o.courier()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.Service().Run(ctx) }()
		o.post(t, "a")
		c.Ring()
		for deadline := time.Now().Add(10 * time.Second); len(o.taken()) == 0 && time.Now().Before(deadline); {
			<-time.After(5 * time.Millisecond)
		}
		cancel()
		if err := <-done; err != nil || o.taken()["a"] != 1 {
			t.Errorf("%v, mails %v", err, o.taken())
		}
	})
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		o.post(t, "a")
		must(t, o.courier().Deliver(t.Context()))
		o.advance(time.Hour)
		o.post(t, "b")
		n, err := outbox.New(o.db, "mails").Purge(t.Context(), o.now(), 10)
		if err != nil || n != 1 {
			t.Errorf("purged %d, %v; want 1", n, err)
		}
		if diff := cmp.Diff(map[string]string{"b": "waiting"}, o.states(t)); diff != "" {
			t.Errorf("left (-want +got):\n%s", diff)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
