package bustest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/fault"
)

func wholeMessage(t *testing.T, b bus.Bus) {
	topic := unique("topic")
	c := join(t, b, unique("group"), topic)
	want := bus.Message{
		Topic: topic, Key: "job-1", Value: []byte(`{"name":"ação"}`),
		Headers: map[string]string{"type": "job_submitted", "request_id": "r1"},
	}
	sent := want
	sent.Value = slices.Clone(want.Value)
	publish(t, b, sent)
	sent.Value[0] = 'X' // the publisher may use its buffer again
	c.until("a message has arrived", func() bool { return len(c.messages()) > 0 })
	if diff := cmp.Diff(want, c.messages()[0]); diff != "" {
		t.Errorf("the message has changed (-sent +received):\n%s", diff)
	}
}

func orderPerKey(t *testing.T, b bus.Bus) {
	const keys, each = 20, 25
	topic, group := unique("topic"), unique("group")
	members := []*consumer{join(t, b, group, topic), start(t, b, group, topic)}
	for i := range each {
		batch := make([]bus.Message, 0, keys)
		for k := range keys {
			key := fmt.Sprintf("key-%d", k)
			batch = append(batch, bus.Message{Topic: topic, Key: key, Value: fmt.Appendf(nil, "%s/%03d", key, i)})
		}
		publish(t, b, batch...)
	}
	members[0].until("all have arrived", func() bool { return len(values(members...)) == keys*each })
	for _, m := range members {
		last := map[string]string{}
		for _, v := range values(m) {
			key, _, _ := strings.Cut(v, "/")
			if v < last[key] {
				t.Fatalf("%s arrived after %s", v, last[key])
			}
			last[key] = v
		}
	}
}

func eachGroupGetsAll(t *testing.T, b bus.Bus) {
	topic := unique("topic")
	one, two := join(t, b, unique("one"), topic), join(t, b, unique("two"), topic)
	for i := range 20 {
		publish(t, b, bus.Message{Topic: topic, Key: strconv.Itoa(i), Value: fmt.Append(nil, i)})
	}
	for _, c := range []*consumer{one, two} {
		c.until("a group has got all", func() bool { return len(values(c)) == 20 })
	}
}

// membersShare: nothing is lost and next to nothing is done twice while two members work. A broker may repeat what it had
// handed out when the second one joined, so the bound is not zero.
func membersShare(t *testing.T, b bus.Bus) {
	const n = 200
	topic, group := unique("topic"), unique("group")
	one := join(t, b, group, topic)
	two := start(t, b, group, topic)
	for i := range n {
		publish(t, b, bus.Message{Topic: topic, Key: strconv.Itoa(i), Value: fmt.Append(nil, i)})
	}
	one.until("the group has got all", func() bool { return len(values(one, two)) == n })
	if total := len(one.messages()) + len(two.messages()); total > n+n/2 {
		t.Errorf("two members handled %d deliveries of %d messages", total, n)
	}
}

func severalTopics(t *testing.T, b bus.Bus) {
	first, second, other := unique("first"), unique("second"), unique("other")
	c := join(t, b, unique("group"), first, second)
	for _, topic := range []string{first, other, second} {
		publish(t, b, bus.Message{Topic: topic, Key: "k", Value: []byte(topic)})
	}
	c.until("both topics have arrived", func() bool { return len(values(c)) >= 2 })
	got := values(c)
	slices.Sort(got)
	if want := []string{first, second}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// memberLeaves: the rest of the group gets what is published afterwards, whatever the key.
func memberLeaves(t *testing.T, b bus.Bus) {
	const n = 50
	topic, group := unique("topic"), unique("group")
	stays := join(t, b, group, topic)
	leaves := start(t, b, group, topic)
	leaves.leave()
	for i := range n {
		publish(t, b, bus.Message{Topic: topic, Key: strconv.Itoa(i), Value: fmt.Append(nil, i)})
	}
	stays.until("the one that stays has got all", func() bool { return len(values(stays)) == n })
}

// handlerError: one bad message does not stop the others.
func handlerError(t *testing.T, b bus.Bus) {
	topic := unique("topic")
	var failed atomic.Int32
	c := join(t, b, unique("group"), topic)
	c.mu.Lock()
	c.answer = func(m bus.Message) error {
		if string(m.Value) == "bad" {
			failed.Add(1)
			return errors.New("cannot read this")
		}
		return nil
	}
	c.mu.Unlock()
	for _, value := range []string{"bad", "good"} {
		publish(t, b, bus.Message{Topic: topic, Key: "k", Value: []byte(value)})
	}
	c.until("the message after the bad one has arrived", func() bool { return slices.Contains(values(c), "good") })
	if n := failed.Load(); n != 1 {
		t.Errorf("the bad message was handled %d times, want once", n)
	}
}

func publishWithoutReaders(t *testing.T, b bus.Bus) {
	for range 3 {
		publish(t, b, bus.Message{Topic: unique("topic"), Key: "k", Value: []byte("{}")})
	}
}

func cancelledPublish(t *testing.T, b bus.Bus) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := b.Publish(ctx, bus.Message{Topic: unique("topic"), Key: "k", Value: []byte("{}")})
	if !errors.Is(err, bus.ErrUnavailable) || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
}

func publishNothing(t *testing.T, b bus.Bus) {
	if err := b.Publish(t.Context()); err != nil {
		t.Error(err)
	}
}
