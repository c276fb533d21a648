// Package bustest is the contract of bus.Bus as tests: every implementation passes Run. Only tests may import it.
//
// It can be run against a broker that other tests use too: topics and groups are unique, consumers are given time to
// join, and repeated deliveries are allowed, because delivery is at least once.
package bustest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fiapx/fiapx/platform/bus"
)

const patient = time.Minute // a broker may take a while to let a consumer join

// Run checks the contract against the bus that open makes, once per subtest.
func Run(t *testing.T, open func(t *testing.T) bus.Bus) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, bus.Bus){
		"whole message":           wholeMessage,
		"order per key":           orderPerKey,
		"each group gets all":     eachGroupGetsAll,
		"members share":           membersShare,
		"topics":                  severalTopics,
		"member leaves":           memberLeaves,
		"handler error":           handlerError,
		"publish without readers": publishWithoutReaders,
		"cancelled publish":       cancelledPublish,
		"publish nothing":         publishNothing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// consumer is a member of a group, and what it has got.
type consumer struct {
	t     *testing.T
	b     bus.Bus
	leave func() // and wait until Consume has returned

	mu     sync.Mutex
	got    []bus.Message
	answer func(bus.Message) error
}

const greeting = "greeting" // header of the messages that find out whether a consumer has joined

// join starts a member of group and returns when it receives messages of each topic.
func join(t *testing.T, b bus.Bus, group string, topics ...string) *consumer {
	t.Helper()
	c := start(t, b, group, topics...)
	for _, topic := range topics {
		id := uuid.NewString()
		c.until("the consumer has joined "+topic, func() bool {
			publish(t, b, bus.Message{Topic: topic, Key: id, Value: []byte("{}"), Headers: map[string]string{greeting: id}})
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, m := range c.got {
				if m.Headers[greeting] == id {
					return true
				}
			}
			return false
		})
	}
	return c
}

// start starts a member of group that may not have joined yet.
func start(t *testing.T, b bus.Bus, group string, topics ...string) *consumer {
	t.Helper()
	c := &consumer{t: t, b: b}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Consume(ctx, group, topics, c.handle) }()
	c.leave = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("consume returned %v after its context had ended, want nil", err)
			}
		case <-time.After(patient):
			t.Errorf("consume has not returned %v after its context had ended", patient)
		}
	})
	t.Cleanup(c.leave)
	return c
}

func (c *consumer) handle(_ context.Context, m bus.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, m)
	if c.answer != nil {
		return c.answer(m)
	}
	return nil
}

// messages returns what was received, without greetings.
func (c *consumer) messages() []bus.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []bus.Message
	for _, m := range c.got {
		if m.Headers[greeting] == "" {
			out = append(out, m)
		}
	}
	return out
}

// values returns the values that were received, each once, in the order of first arrival.
func values(consumers ...*consumer) []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range consumers {
		for _, m := range c.messages() {
			if v := string(m.Value); !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

func (c *consumer) until(what string, ok func() bool) {
	c.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patient); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			c.t.Fatalf("%s: not so after %v", what, patient)
		}
	}
}

func publish(t *testing.T, b bus.Bus, messages ...bus.Message) {
	t.Helper()
	if err := b.Publish(t.Context(), messages...); err != nil {
		t.Fatalf("publish: %v", err)
	}
}

func unique(what string) string { return "test_" + what + "_" + uuid.NewString() }
