package usecase

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// KeyStore remembers what an Idempotency-Key stands for. Safe for concurrent use.
type KeyStore interface {
	// ReserveKey takes the key for the lease, or tells which job it has made; domain.ErrKeyBusy while another request holds it.
	ReserveKey(ctx context.Context, r domain.Reservation, lease time.Duration) (domain.Earlier, error)
	// RenewKey holds the key for the lease again; domain.ErrKeyBusy when another request has taken it over.
	RenewKey(ctx context.Context, r domain.Reservation, lease time.Duration) error
	// FreeKey gives the key up unless it has made a job.
	FreeKey(ctx context.Context, r domain.Reservation) error
}

const (
	// keyLease is how long a key stays taken after its process died. A client that comes back sooner is told to wait.
	keyLease = 15 * time.Second
	keyRenew = keyLease / 3
	keyGrace = 10 * time.Second
)

// hold is a key that is kept while its submission is read; nil is none.
type hold struct {
	keys        KeyStore
	reservation domain.Reservation
	log         *slog.Logger
	stop        context.CancelFunc
	stopped     chan struct{}
}

// reserve takes the key. Without a key there is nothing to hold and nothing before.
func (s *Submit) reserve(ctx context.Context, userID, key string) (*hold, domain.Earlier, error) {
	if key == "" {
		return nil, domain.Earlier{}, nil
	}
	r := domain.Reservation{UserID: userID, Key: key, Token: s.NewID()}
	earlier, err := s.Keys.ReserveKey(ctx, r, keyLease)
	if err != nil || earlier.JobID != "" {
		return nil, earlier, err
	}
	renewing, stop := context.WithCancel(ctx)
	h := &hold{keys: s.Keys, reservation: r, log: s.Log, stop: stop, stopped: make(chan struct{})}
	go h.renew(renewing)
	return h, domain.Earlier{}, nil
}

// renew keeps the key while bytes come in. One that is lost all the same shows when the job is stored.
func (h *hold) renew(ctx context.Context) {
	defer close(h.stopped)
	ticker := time.NewTicker(keyRenew)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := h.keys.RenewKey(ctx, h.reservation, keyLease); err != nil && !errors.Is(err, context.Canceled) {
			h.log.WarnContext(ctx, "idempotency key not renewed", "err", err)
		}
	}
}

// free ends the hold. A key that has made a job keeps standing for it.
func (h *hold) free(ctx context.Context) {
	if h == nil {
		return
	}
	h.stop()
	<-h.stopped
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keyGrace)
	defer cancel()
	if err := h.keys.FreeKey(ctx, h.reservation); err != nil {
		h.log.WarnContext(ctx, "idempotency key not freed", "err", err)
	}
}

// of is the reservation to store with the job.
func (h *hold) of() *domain.Reservation {
	if h == nil {
		return nil
	}
	return &h.reservation
}

// repeat answers a request that was answered before. It reads the file once more, because only its content tells whether the
// request is the same, and stores none of it.
func (s *Submit) repeat(ctx context.Context, form *submission, parts domain.Parts, earlier domain.Earlier) (domain.Submitted, error) {
	form.create = nowhere
	if err := form.read(ctx, parts); err != nil {
		return domain.Submitted{}, err
	}
	if form.fingerprint() != earlier.Fingerprint {
		return domain.Submitted{}, domain.ErrKeyReused
	}
	job, err := s.Store.Find(ctx, form.owner.ID, earlier.JobID)
	if errors.Is(err, domain.ErrNotFound) {
		return domain.Submitted{}, domain.ErrKeyDeleted.Because(err)
	}
	if err != nil {
		return domain.Submitted{}, err
	}
	done := s.submitted(ctx, job)
	done.Repeated = true
	return done, nil
}

// nowhere is a file that keeps nothing.
func nowhere(context.Context, string) (domain.Sink, error) { return void{}, nil }

type void struct{}

func (void) Write(p []byte) (int, error)  { return len(p), nil }
func (void) Commit(context.Context) error { return nil }
func (void) Abort() error                 { return nil }
