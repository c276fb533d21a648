package memory_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/bus/bustest"
	"github.com/fiapx/fiapx/platform/bus/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open() *memory.Bus { return memory.New(slog.New(slog.DiscardHandler)) }

func TestContract(t *testing.T) {
	t.Parallel()
	bustest.Run(t, func(*testing.T) bus.Bus { return open() })
}

func message(key string) bus.Message {
	return bus.Message{Topic: "jobs", Key: key, Value: []byte(key)}
}

// consume runs a member of group until the test ends or stop is called.
func consume(t *testing.T, b *memory.Bus, group string, handle bus.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if err := b.Consume(ctx, group, []string{"jobs"}, handle); err != nil {
			t.Errorf("consume: %v", err)
		}
	}()
	synctest.Wait()
	return func() {
		cancel()
		synctest.Wait()
	}
}

// fill publishes to one key until the bus takes no more, at most n times.
func fill(t *testing.T, b *memory.Bus, n int) (accepted int, err error) {
	t.Helper()
	for range n {
		if err := b.Publish(t.Context(), message("k")); err != nil {
			return accepted, err
		}
		accepted++
	}
	return accepted, nil
}

func TestStuckConsumerBoundsTheQueueAndThePublisher(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open()
		release := make(chan struct{})
		stop := consume(t, b, "stuck", func(context.Context, bus.Message) error {
			<-release
			return nil
		})
		begin := time.Now()
		accepted, err := fill(t, b, 100_000)
		if !errors.Is(err, bus.ErrUnavailable) {
			t.Fatalf("accepted %d, then %v, want ErrUnavailable", accepted, err)
		}
		if waited := time.Since(begin); waited <= 0 || waited > 10*time.Second {
			t.Errorf("the publisher waited %v", waited)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Publish(ctx, message("k")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the publisher's own patience", err)
		}
		if err := b.Publish(t.Context(), message("other")); err != nil {
			t.Errorf("a stuck partition holds up another one: %v", err)
		}
		close(release)
		if err := b.Publish(t.Context(), message("k")); err != nil {
			t.Errorf("no room after the consumer has moved on: %v", err)
		}
		synctest.Wait()
		stop()
	})
}

func TestPublisherGoesOnWhenTheLastMemberLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open()
		stop := consume(t, b, "g", func(ctx context.Context, _ bus.Message) error {
			<-ctx.Done()
			return nil
		})
		published := make(chan error, 1)
		go func() {
			_, err := fill(t, b, 1100)
			published <- err
		}()
		synctest.Wait()
		stop()
		if err := <-published; err != nil {
			t.Errorf("the publisher got %v, want the oldest messages to make room", err)
		}
	})
}

// A group that is between two members, as after a restart of a service, gets what came meanwhile.
func TestGroupOutlivesItsMembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open()
		stop := consume(t, b, "g", func(context.Context, bus.Message) error { return nil })
		stop()
		if _, err := fill(t, b, 3); err != nil {
			t.Fatal(err)
		}
		got := 0
		stop = consume(t, b, "g", func(context.Context, bus.Message) error {
			got++
			return nil
		})
		stop()
		if got != 3 {
			t.Errorf("got %d messages, want 3", got)
		}
	})
}

func TestSlowKeyDoesNotHoldUpOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open()
		handled := make(chan string, 200)
		handle := func(_ context.Context, m bus.Message) error {
			if m.Key == "slow" {
				time.Sleep(time.Hour) // virtual
			}
			handled <- m.Key
			return nil
		}
		stops := []func(){consume(t, b, "g", handle), consume(t, b, "g", handle)}
		if err := b.Publish(t.Context(), message("slow"), message("slow")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // one member sleeps; the second message of the key waits for it
		for i := range 100 {
			if err := b.Publish(t.Context(), message(fmt.Sprint("fast", i))); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := len(handled); n < 90 { // those in the partition of the slow key wait
			t.Errorf("%d messages of other keys got through, want nearly all of 100", n)
		}
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if n := len(handled); n != 102 {
			t.Errorf("%d messages were handled in the end, want 102", n)
		}
		for _, stop := range stops {
			stop()
		}
	})
}
