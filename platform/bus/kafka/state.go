package kafka

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"github.com/fiapx/fiapx/platform/bus"
	"github.com/fiapx/fiapx/platform/run"
)

const (
	probeEvery  = 2 * time.Second
	probeStale  = 3*probeEvery + 2*replyTimeout // an answer older than this is none
	quietFor    = 10 * time.Second              // between two lines of the log about the same matter
	serviceStop = 2*replyTimeout + patience
)

var (
	errUnknown   = errors.New("the brokers have not been asked yet")
	errNoSession = errors.New("a consumer has no partitions yet")
)

// state is what is known of the connection. The zero value is one that was never tried.
type state struct {
	mu      sync.Mutex
	asked   time.Time
	err     error            // of the last question to the brokers
	members map[*member]bool // consumers, and whether they have joined their group
	up      bool             // as the log knows it
	logged  time.Time
}

// enter adds a consumer and returns what removes it.
func (s *state) enter(m *member) (remove func()) {
	s.set(m, false)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.members, m)
	}
}

func (s *state) join(m *member)  { s.set(m, true) }
func (s *state) leave(m *member) { s.set(m, false) }

func (s *state) set(m *member, joined bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.members == nil {
		s.members = map[*member]bool{}
	}
	s.members[m] = joined
}

// check is nil while events flow.
func (s *state) check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.asked.IsZero() || time.Since(s.asked) > probeStale:
		return errUnknown
	case s.err != nil:
		return s.err
	}
	for _, joined := range s.members {
		if !joined {
			return errNoSession
		}
	}
	return nil
}

// down says that the brokers were asked of late, in vain.
func (s *state) down() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil && time.Since(s.asked) < probeStale
}

// answered notes what the brokers said, and tells the log when that changes.
func (s *state) answered(ctx context.Context, log *slog.Logger, err error) {
	s.mu.Lock()
	s.asked, s.err = time.Now(), err
	s.mu.Unlock()
	if err != nil {
		s.lose(ctx, log, err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.up {
		s.up = true
		log.InfoContext(ctx, "bus answers, events flow", "mode", ModeKafka)
	}
}

// lose logs that there is no bus: when it is new, and then now and again.
func (s *state) lose(ctx context.Context, log *slog.Logger, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil || !s.up && time.Since(s.logged) < quietFor {
		return
	}
	s.up, s.logged = false, time.Now()
	log.WarnContext(ctx, "bus does not work, jobs are found by polling meanwhile", "mode", ModePoll, "err", err)
}

// The modes, as health and metrics show them.
const (
	ModeKafka = "kafka" // events tell workers of jobs
	ModePoll  = "poll"  // workers find jobs by looking
)

// Check is nil while a broker answers, the topics exist and every consumer of this process has joined its group. It asks
// nobody: Service does, every two seconds.
func (b *Bus) Check(context.Context) error { return b.state.check() }

// Mode is ModeKafka while Check is nil, else ModePoll.
func (b *Bus) Mode() string {
	if b.state.check() != nil {
		return ModePoll
	}
	return ModeKafka
}

// Service keeps asking the brokers and reconnects.
func (b *Bus) Service() run.Service {
	return run.Service{Name: "bus", Grace: serviceStop, Run: func(ctx context.Context) error {
		tick := time.NewTicker(probeEvery)
		defer tick.Stop()
		for {
			if err := b.probe(ctx); ctx.Err() == nil {
				b.state.answered(ctx, b.log, err)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return nil
			}
		}
	}}
}

// probe asks the brokers for the topics.
func (b *Bus) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	topics := make([]string, len(b.topics))
	for i, topic := range b.topics {
		topics[i] = b.cfg.Prefix + topic
	}
	return b.within(ctx, func() error {
		if _, err := b.open(); err != nil {
			return err
		}
		err := b.client.RefreshMetadata(topics...)
		if errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
			return errTopics
		}
		return err
	})
}

var errTopics = errors.New("topics are missing; make them with 'fiapx migrate up'")

// Ping reaches a broker now and tells how that went: nil, or bus.ErrUnavailable with the cause.
func (b *Bus) Ping(ctx context.Context) error {
	if err := b.probe(ctx); err != nil {
		return bus.ErrUnavailable.Because(err)
	}
	return nil
}
