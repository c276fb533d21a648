package usecase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// AdoptStore takes in jobs with the ids they had elsewhere. Safe for concurrent use.
type AdoptStore interface {
	// Standing returns the job of that id, whoever owns it; buried ones count as gone for good. domain.ErrNotFound.
	Standing(ctx context.Context, jobID string) (job domain.Job, buried bool, err error)
	// AdoptJob inserts the job unless its id is known.
	AdoptJob(ctx context.Context, job domain.Job, past domain.Past) (added bool, err error)
	// Complement notes files that came later, and lets a job wait that ended because its video was missing.
	Complement(ctx context.Context, job domain.Job) error
}

// Adopt brings jobs of another installation here with their files.
type Adopt struct {
	Store   AdoptStore
	Storage Storage
}

// Adoption is what becomes of a job of another installation.
type Adoption struct {
	Status domain.Status  // here
	Known  bool           // it is here already
	Later  bool           // it is here, and files that were missing come now
	Notes  []*fault.Error // what is amiss, although it comes
}

// Check tells what Add would do. The error is a fault with the reason when the job cannot come.
func (uc Adopt) Check(ctx context.Context, past domain.Past) (Adoption, error) {
	_, out, err := uc.plan(ctx, past)
	return out, err
}

// Add takes the job in: first its files, then its row, so that a job that is here has all that could come. Files are
// visible whole or not at all; after an interruption Add copies them again.
func (uc Adopt) Add(ctx context.Context, past domain.Past) (Adoption, error) {
	job, out, err := uc.plan(ctx, past)
	if err != nil || out.Known && !out.Later {
		return out, err
	}
	if job.Source.SHA256, err = uc.copy(ctx, job.Source.Key, past.Source); err != nil {
		return out, fmt.Errorf("copy the video of job %s: %w", job.ID, err)
	}
	if job.Result != nil {
		if job.Result.SHA256, err = uc.copy(ctx, job.Result.Key, past.Result); err != nil {
			return out, fmt.Errorf("copy the archive of job %s: %w", job.ID, err)
		}
	}
	if out.Later {
		return out, uc.Store.Complement(ctx, job)
	}
	added, err := uc.Store.AdoptJob(ctx, job, past)
	out.Known = err == nil && !added
	return out, err
}

func (uc Adopt) plan(ctx context.Context, past domain.Past) (domain.Job, Adoption, error) {
	job, notes, err := past.Job()
	if err != nil {
		return job, Adoption{}, err
	}
	out := Adoption{Status: job.Status, Notes: notes}
	here, buried, err := uc.Store.Standing(ctx, job.ID)
	if errors.Is(err, domain.ErrNotFound) {
		return job, out, nil
	}
	if err != nil {
		return job, out, err
	}
	if here.Owner.ID != job.Owner.ID {
		return job, out, domain.ErrPastOwner
	}
	out.Known = true
	if out.Status = here.Status; buried || here.Source.Key != job.Source.Key {
		return job, out, nil
	}
	out.Later, err = uc.lacks(ctx, here, job, past)
	return job, out, err
}

// lacks tells whether a file is missing here that can come now.
func (uc Adopt) lacks(ctx context.Context, here, job domain.Job, past domain.Past) (bool, error) {
	if here.Source.RemovedAt != nil && past.Source.Open != nil && !here.AutoCleanup {
		return true, nil
	}
	if here.Result == nil || job.Result == nil || past.Result.Open == nil || here.Result.Key != job.Result.Key {
		return false, nil
	}
	content, _, err := uc.Storage.Open(ctx, here.Result.Key)
	if errors.Is(err, domain.ErrResultGone) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, content.Close()
}

var errSize = errors.New("the file changed while it was copied")

// copy returns the SHA-256 of what it copied, empty when there is nothing to copy.
func (uc Adopt) copy(ctx context.Context, key string, file domain.PastFile) (sum string, err error) {
	if file.Open == nil {
		return "", nil
	}
	from, err := file.Open()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := uc.Storage.Create(ctx, key)
	if err != nil {
		return "", err
	}
	defer func() { _ = to.Abort() }()
	hash := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, hash), interruptible{ctx, from})
	if err == nil && n != file.Size {
		err = errSize
	}
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), to.Commit(ctx)
}

// interruptible stops a copy of gigabytes when its context ends.
type interruptible struct {
	ctx context.Context //nolint:containedctx // io.Reader has no other way to learn of it
	io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
