package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/bus/kafka"
)

const patient = 30 * time.Second

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not so after %v", what, patient)
		}
	}
}

// background runs what a process runs, until the test ends.
func background(t *testing.T, work ...func(ctx context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, w := range work {
		running.Go(func() {
			if err := w(ctx); err != nil {
				t.Errorf("ended with %v", err)
			}
		})
	}
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// heard collects the keys of messages.
type heard struct {
	mu   sync.Mutex
	keys map[string]int
}

func (h *heard) handle(_ context.Context, m bus.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keys == nil {
		h.keys = map[string]int{}
	}
	h.keys[m.Key]++
	return nil
}

func (h *heard) of(key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.keys[key] > 0
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// The whole story: no broker at the start, then one, then none in the middle of things, then one again with its data.
func TestBrokerComesAndGoes(t *testing.T) {
	t.Parallel()
	port, dir := freePort(t), t.TempDir()
	start := func() *kfake.Cluster {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.SeedTopics(3, "jobs"), kfake.DataDir(dir), kfake.SyncWrites())
		if err != nil {
			t.Fatal(err)
		}
		return cluster
	}
	cfg := settings(net.JoinHostPort("127.0.0.1", itoa(port)))
	b, got := open(t, cfg, "jobs"), &heard{}
	background(t, b.Service().Run, func(ctx context.Context) error { return b.Consume(ctx, "g", []string{"jobs"}, got.handle) })
	say := func(key string) error {
		return b.Publish(t.Context(), bus.Message{Topic: "jobs", Key: key, Value: []byte("{}")})
	}

	mustFail(t, say("before"))
	if b.Mode() != kafka.ModePoll {
		t.Errorf("mode %s without a broker", b.Mode())
	}
	cluster := start()
	begin := time.Now()
	until(t, "the bus has found the broker", func() bool { return b.Mode() == kafka.ModeKafka })
	t.Logf("in use %v after the broker had started", time.Since(begin))
	until(t, "a message goes out", func() bool { return say("first") == nil })
	until(t, "a message has arrived", func() bool { return got.of("first") })

	cluster.Close()
	until(t, "the loss is noticed", func() bool { return b.Mode() == kafka.ModePoll })
	mustFail(t, say("meanwhile"))

	cluster = start()
	defer cluster.Close()
	begin = time.Now()
	until(t, "the bus has found the broker again", func() bool { return b.Mode() == kafka.ModeKafka })
	t.Logf("in use again %v after the broker was back", time.Since(begin))
	until(t, "a message goes out", func() bool { return say("second") == nil })
	until(t, "a message has arrived", func() bool { return got.of("second") })
}

func mustFail(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, bus.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

// A broker that takes requests and never answers must not hold up whoever publishes, nor the end of the process.
func TestSilentBroker(t *testing.T) {
	t.Parallel()
	cluster := fake(t, kfake.SeedTopics(1, "jobs"))
	silent := make(chan struct{})
	defer close(silent)
	cluster.ControlKey(int16(kmsg.Produce), func(kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		cluster.SleepControl(func() { <-silent })
		return nil, nil, false
	})
	b := open(t, settings(cluster.ListenAddrs()...), "jobs")
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	begin := time.Now()
	mustFail(t, b.Publish(ctx, bus.Message{Topic: "jobs", Key: "k"}))
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("publishing took %v, want the patience of the caller", took)
	}
	begin = time.Now()
	mustFail(t, b.Publish(t.Context(), bus.Message{Topic: "jobs", Key: "k"}))
	if took := time.Since(begin); took > 7*time.Second {
		t.Errorf("publishing took %v, want 5 s at most", took)
	}
}

// An address that swallows packets is the worst way to be away.
func TestPublishingRestsAfterAFailure(t *testing.T) {
	t.Parallel()
	b := open(t, settings("127.0.0.1:"+itoa(freePort(t))), "jobs")
	mustFail(t, b.Publish(t.Context(), bus.Message{Topic: "jobs", Key: "k"}))
	begin := time.Now()
	mustFail(t, b.Publish(t.Context(), bus.Message{Topic: "jobs", Key: "k"}))
	if took := time.Since(begin); took > 100*time.Millisecond {
		t.Errorf("the second attempt took %v, want it to fail at once", took)
	}
}

func TestMissingTopicIsToldToTheOperator(t *testing.T) {
	t.Parallel()
	b := open(t, settings(fake(t).ListenAddrs()...), "jobs")
	if err := b.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "fiapx migrate up") {
		t.Errorf("got %v, want a remedy", err)
	}
}

// A dead broker must not fill the log.
func TestLogStaysQuiet(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log bytes.Buffer
	handler := slog.NewTextHandler(lockedWriter{&mu, &log}, nil)
	b, err := kafka.New(settings("127.0.0.1:"+itoa(freePort(t))), slog.New(handler), "jobs")
	if err != nil {
		t.Fatal(err)
	}
	background(t, b.Service().Run, func(ctx context.Context) error {
		return b.Consume(ctx, "g", []string{"jobs"}, (&heard{}).handle)
	})
	begin := time.Now()
	until(t, "some attempts have been made", func() bool { return time.Since(begin) > 4*time.Second })
	mu.Lock()
	defer mu.Unlock()
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines in four seconds, want one:\n%s", n, log.String())
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.w.Write(p)
}
