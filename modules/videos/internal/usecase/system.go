package usecase

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// workerAlive is how long after its last sign a worker counts.
const workerAlive = 90 * time.Second

// SystemStore measures the queue.
type SystemStore interface {
	// Load counts jobs and the workers seen in the last so long.
	Load(ctx context.Context, within time.Duration) (domain.Load, error)
	// Activity measures what ended since and, for the day's count, since midnight.
	Activity(ctx context.Context, since, midnight time.Time) (domain.Activity, error)
}

// Host tells how busy the machine is, in percent; nil where it does not tell.
type Host interface {
	CPU() *float64
	Memory() *float64
}

// System answers for the state of the service.
type System struct {
	Store       SystemStore
	Storage     Storage
	Host        Host
	Identity    func(ctx context.Context) error // whether tokens can be checked for revocation
	Now         func() time.Time
	MaxFileSize int64
	JobTimeout  time.Duration
	Version     string
	Log         *slog.Logger

	mu      sync.Mutex
	stats   domain.Stats
	statsAt time.Time
}

// Health asks every dependency, each at most a few seconds. It never fails: that is what it reports.
func (s *System) Health(ctx context.Context) domain.Health {
	h := domain.Health{At: s.Now(), MaxFileSize: s.MaxFileSize, JobTimeout: s.JobTimeout, Version: s.Version}
	var load domain.Load
	h.Database = s.check(ctx, "database", func(ctx context.Context) (err error) {
		load, err = s.Store.Load(ctx, workerAlive)
		return err
	})
	h.Identity = s.check(ctx, "identity", s.Identity)
	h.Storage = s.check(ctx, "storage", func(ctx context.Context) error {
		_, _, err := s.Storage.Usage(ctx)
		return err
	})
	h.Capacity, h.ActiveJobs, h.QueueLength = load.Capacity, load.Processing, load.Pending
	h.Dependencies = h.Database.Healthy && h.Identity.Healthy && h.Storage.Healthy
	return h
}

const checkTimeout = 3 * time.Second

func (s *System) check(ctx context.Context, name string, ask func(context.Context) error) domain.Check {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	begin := s.Now()
	err := ask(ctx)
	if err != nil {
		s.Log.WarnContext(ctx, "dependency unhealthy", "dependency", name, "err", err)
	}
	end := s.Now()
	return domain.Check{Healthy: err == nil, Took: end.Sub(begin), At: end}
}

const statsAge = 5 * time.Second

// Stats measures the whole system. Figures are kept for a few seconds, so that a screen full of dashboards costs one
// query at a time.
func (s *System) Stats(ctx context.Context) (domain.Stats, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	if age := now.Sub(s.statsAt); !s.statsAt.IsZero() && age >= 0 && age < statsAge {
		return s.stats, nil
	}
	stats, err := s.measure(ctx, now)
	if err == nil {
		s.stats, s.statsAt = stats, now
	}
	return stats, err
}

func (s *System) measure(ctx context.Context, now time.Time) (stats domain.Stats, err error) {
	if stats.Load, err = s.Store.Load(ctx, workerAlive); err != nil {
		return stats, err
	}
	midnight := now.UTC().Truncate(24 * time.Hour)
	if stats.Activity, err = s.Store.Activity(ctx, now.Add(-24*time.Hour), midnight); err != nil {
		return stats, err
	}
	stats.Resources.CPU, stats.Resources.Memory = s.Host.CPU(), s.Host.Memory()
	used, total, err := s.Storage.Usage(ctx)
	if err != nil {
		return stats, err
	}
	if total > 0 {
		disk := domain.Round2(float64(used) / float64(total) * 100)
		stats.Resources.Disk = &disk
	}
	return stats, nil
}
