// Package smoke tries a running installation from outside, as its users do: account, upload, worker, storage, download and
// deletion. It brings its own tiny video and knows what the pictures of it look like. It is what a deployment runs last.
//
// It is no load test and no monitor: one job, and everything that it made is removed again, also after a failure.
package smoke

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fiapx/fiapx/cmd/internal/client"
	"github.com/fiapx/fiapx/platform/fault"
)

// The times of a run. Cleaning up has its own, so that a run that timed out still leaves nothing behind.
const (
	pollEvery   = 500 * time.Millisecond
	cleanupTime = 30 * time.Second
)

// Options say what to try.
type Options struct {
	Client  *client.Client
	Account *client.Account // thrown away at the end; nil uses what the client has, such as an API key
	Dir     string          // where the video may be written
	Now     func() time.Time
}

// Step is one thing that was tried.
type Step struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Seconds float64 `json:"seconds"`
}

// run is one run of the steps.
type run struct {
	Options
	job   string
	ended bool
	made  bool // the account
	in    bool // a session is open
	steps []Step
}

// Run tries everything in order and stops at the first step that fails, whose name and sentence are in the error. The steps that
// were taken are returned in any case.
func Run(ctx context.Context, o Options) ([]Step, error) {
	r := &run{Options: o, steps: []Step{}}
	err := r.try(ctx)
	cleanCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	return r.steps, both(err, r.clean(cleanCtx))
}

// both makes one sentence of what failed and what was left behind because of it.
func both(err, cleaning error) error {
	if err == nil || cleaning == nil {
		return errors.Join(err, cleaning)
	}
	f := spoken(err)
	return f.Sayf("%s Then %s", f.Message, spoken(cleaning).Message).Because(errors.Join(err, cleaning))
}

func (r *run) try(ctx context.Context) error {
	if r.Account != nil {
		if err := r.step(ctx, "register", r.register); err != nil {
			return err
		}
		if err := r.step(ctx, "login", r.login); err != nil {
			return err
		}
	}
	if err := r.step(ctx, "submit", r.submit); err != nil {
		return err
	}
	if err := r.step(ctx, "wait", r.wait); err != nil {
		return err
	}
	return r.step(ctx, "download", r.download)
}

// step takes one step and notes how it went.
func (r *run) step(ctx context.Context, name string, do func(context.Context) error) error {
	begun := r.Now()
	err := do(ctx)
	r.steps = append(r.steps, Step{Name: name, OK: err == nil, Seconds: r.Now().Sub(begun).Seconds()})
	if err == nil {
		return nil
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = errTooSlow
	}
	f := spoken(err)
	return f.Sayf("%s: %s", name, f.Message).Because(err)
}

// spoken is the fault in err, or one that says what an error of this machine says, such as a folder that cannot be written to.
func spoken(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return fault.New(fault.Internal, "smoke.failed", err.Error()+".")
}

// errTooSlow says that the time given for the run is over.
var errTooSlow = fault.New(fault.Unavailable, "smoke.too_slow",
	"It was not done in the time of --timeout; see whether a worker runs ('fiapx queue workers'), or give it longer.")

func (r *run) register(ctx context.Context) error {
	_, err := r.Client.Register(ctx, *r.Account)
	r.made = err == nil
	return err
}

func (r *run) login(ctx context.Context) error {
	_, err := r.Client.Login(ctx, r.Account.Username, r.Account.Password, false)
	r.in = err == nil
	return err
}

func (r *run) submit(ctx context.Context) error {
	path := filepath.Join(r.Dir, "smoke.mp4")
	if err := os.WriteFile(path, clip, 0o600); err != nil {
		return fault.New(fault.Internal, "smoke.no_room", "The test video cannot be written to "+path+"; make room there, or set TMPDIR.").Because(err)
	}
	s, _, err := r.Client.Submit(ctx, client.Upload{Path: path, Fields: fields})
	r.job = s.Data.Job.ID
	return err
}

// wait forgives a server that is away for a moment: a deployment replaces the last old server while this runs.
func (r *run) wait(ctx context.Context) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		s, _, err := r.Client.Status(ctx, r.job)
		switch {
		case err == nil && s.Ended():
			r.ended = true
			return outcome(s)
		case err != nil && fault.KindOf(err) != fault.Unavailable:
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

func outcome(s client.Status) error {
	job := s.Data.Job
	if job.Status == "completed" {
		return nil
	}
	why := "it was " + job.Status
	if s.Data.Error != nil {
		why = s.Data.Error.Message
	}
	return fault.New(fault.Internal, "smoke.job_failed", fmt.Sprintf("The job %s did not complete: %s", job.ID, why))
}

func (r *run) download(ctx context.Context) error {
	d, err := r.Client.Download(ctx, r.job)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	var archive bytes.Buffer
	if err := d.CopyTo(ctx, &archive, nil); err != nil {
		return err
	}
	return compare(archive.Bytes())
}
