package usecase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// JanitorStore finds what is left to clean.
type JanitorStore interface {
	// Buried returns up to n tombstones.
	Buried(ctx context.Context, n int) ([]domain.Job, error)
	Purge(ctx context.Context, jobID string) error
	// Spent returns up to n completed jobs whose source is to go and is still there.
	Spent(ctx context.Context, n int) ([]domain.Job, error)
	SourceRemoved(ctx context.Context, jobID string) error
	// BuryBefore buries up to n jobs that ended before then.
	BuryBefore(ctx context.Context, before time.Time, n int) (int, error)
	// Unreferenced returns those of the keys that no job points to or is about to.
	Unreferenced(ctx context.Context, keys []string) ([]string, error)
	// Divided returns up to n jobs that have ended and still have segments.
	Divided(ctx context.Context, n int) ([]domain.Job, error)
	// ForgetSegments removes those of a job that has ended.
	ForgetSegments(ctx context.Context, jobID string) error
	// Forget removes published events and silent workers older than before.
	Forget(ctx context.Context, before time.Time) error
}

// Janitor finishes what was begun and removes what nobody needs any more.
type Janitor struct {
	Store     JanitorStore
	Storage   Storage
	Now       func() time.Time
	Retention time.Duration // ended jobs live this long; 0 is for ever
	OrphanAge time.Duration // files without a job are removed after this long
	Log       *slog.Logger
}

const (
	janitorBatch = 100
	forgetAfter  = 7 * 24 * time.Hour
)

// Finish completes deletions and source removals that a crash or an outage of the storage interrupted, and applies the
// retention.
func (j *Janitor) Finish(ctx context.Context) error {
	if j.Retention > 0 {
		n, err := j.Store.BuryBefore(ctx, j.Now().Add(-j.Retention), janitorBatch)
		if err != nil {
			return err
		}
		if n > 0 {
			j.Log.InfoContext(ctx, "jobs past their retention deleted", "jobs", n)
		}
	}
	return errors.Join(j.bury(ctx), j.spent(ctx), j.parts(ctx), j.Store.Forget(ctx, j.Now().Add(-forgetAfter)))
}

func (j *Janitor) bury(ctx context.Context) error {
	jobs, err := j.Store.Buried(ctx, janitorBatch)
	for _, job := range jobs {
		_, failed := removeFiles(ctx, j.Storage, job)
		if failed == nil {
			failed = j.Store.Purge(ctx, job.ID)
		}
		err = errors.Join(err, failed)
	}
	return err
}

func (j *Janitor) spent(ctx context.Context) error {
	jobs, err := j.Store.Spent(ctx, janitorBatch)
	for _, job := range jobs {
		err = errors.Join(err, removeSource(ctx, j.Store, j.Storage, job))
	}
	return err
}

// parts removes what jobs were worked on in, once they have ended: their results, if they have one, are whole.
func (j *Janitor) parts(ctx context.Context) error {
	jobs, err := j.Store.Divided(ctx, janitorBatch)
	for _, job := range jobs {
		failed := j.Storage.List(ctx, domain.ResultPrefix(job.Owner.ID, job.ID), func(s domain.Stored) error {
			if _, _, _, ok := domain.ParsePartKey(s.Key); !ok {
				return nil
			}
			_, err := j.Storage.Delete(ctx, s.Key)
			return err
		})
		if failed == nil {
			failed = j.Store.ForgetSegments(ctx, job.ID)
		}
		err = errors.Join(err, failed)
	}
	return err
}

// Sweep removes files that no job refers to: archives of lost attempts and uploads whose process died. Young files are
// left alone, because their row may be about to be written.
func (j *Janitor) Sweep(ctx context.Context) error {
	old := j.Now().Add(-j.OrphanAge)
	for _, prefix := range domain.KeyPrefixes() {
		var keys []string
		flush := func() error {
			err := j.sweep(ctx, keys)
			keys = keys[:0]
			return err
		}
		err := j.Storage.List(ctx, prefix, func(s domain.Stored) error {
			if s.Modified.After(old) {
				return nil
			}
			if keys = append(keys, s.Key); len(keys) < janitorBatch {
				return nil
			}
			return flush()
		})
		if err = errors.Join(err, flush()); err != nil {
			return err
		}
	}
	return nil
}

func (j *Janitor) sweep(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	orphans, err := j.Store.Unreferenced(ctx, keys)
	if err != nil {
		return err
	}
	for _, key := range orphans {
		if _, err := j.Storage.Delete(ctx, key); err != nil {
			return err
		}
		j.Log.InfoContext(ctx, "unreferenced file removed", "key", key)
	}
	return nil
}
