//go:build cgo

package engine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fiapx/fiapx/platform/fault"
)

// Probe tells what the container says about the video. Errors are the sentinels of this package.
func Probe(ctx context.Context, src Source, lim Limits) (Info, error) {
	lim = lim.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, lim.Probe, ErrTime)
	defer cancel()
	var info Info
	err := withChild(ctx, src, request{Probe: true, Limits: lim}, func(kind byte, head, _ []byte) (bool, error) {
		if kind != recordInfo {
			return false, fmt.Errorf("unexpected record %q", kind)
		}
		return true, json.Unmarshal(head, &info)
	})
	return info, err
}

// Plan tells what Extract would do with the same arguments, from the file's index alone. Errors as of Extract.
func Plan(ctx context.Context, src Source, p Params, lim Limits) (Planned, error) {
	lim = lim.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, lim.Probe, ErrTime)
	defer cancel()
	var planned Planned
	err := withChild(ctx, src, request{Plan: true, Params: p, Limits: lim}, func(kind byte, head, _ []byte) (bool, error) {
		if kind != recordPlan {
			return false, fmt.Errorf("unexpected record %q", kind)
		}
		return true, json.Unmarshal(head, &planned)
	})
	return planned, err
}

// Extract runs a child that decodes src and hands its images to emit, in order. Cancelling ctx kills the child at once.
// Errors: the sentinels of this package, what emit returned, or the context's cause. With ErrCrashed the report tells how far
// the child came.
func Extract(ctx context.Context, src Source, p Params, lim Limits, onProgress func(Progress), emit func(Image) error) (Report, error) {
	lim = lim.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, lim.Wall, ErrTime)
	defer cancel()
	var out Report
	var reached Image
	var written int64
	err := withChild(ctx, src, request{Params: p, Limits: lim}, func(kind byte, head, body []byte) (bool, error) {
		switch kind {
		case recordImage:
			var i Image
			if err := json.Unmarshal(head, &i); err != nil {
				return false, err
			}
			i.Data = body
			if written += int64(len(body)); written > lim.Output {
				return false, ErrOutput
			}
			reached = Image{Index: i.Index, PTS: i.PTS}
			return false, emit(i)
		case recordProgress:
			var pr Progress
			if err := json.Unmarshal(head, &pr); err != nil {
				return false, err
			}
			if onProgress != nil {
				onProgress(pr)
			}
			return false, nil
		case recordInfo:
			return false, json.Unmarshal(head, &out.Info)
		case recordReport:
			return true, json.Unmarshal(head, &out)
		}
		return false, fmt.Errorf("unexpected record %q", kind)
	})
	if errors.Is(err, ErrCrashed) && reached.Index > 0 {
		out.Frames, out.DamagedAt, out.Reason = reached.Index, &reached.PTS, "The decoder broke down beyond this point; the video is damaged there."
	}
	return out, err
}

// withChild runs the child and gives its records to take until that says it is done. Whatever happens, the child is
// gone, and reaped, when withChild returns.
func withChild(ctx context.Context, src Source, req request, take func(kind byte, head, body []byte) (done bool, err error)) error {
	req.Size = src.Size()
	if req.Size == 0 {
		return ErrEmpty
	}
	c, err := startChild(ctx, src, req)
	if err != nil {
		return fault.From(err)
	}
	stall := time.AfterFunc(req.Limits.Stall, func() { c.cancel(ErrTime) })
	err = c.read(func(kind byte, head, body []byte) (bool, error) {
		stall.Stop() // what we do with the record is not the child's time
		defer stall.Reset(req.Limits.Stall)
		return take(kind, head, body)
	})
	stall.Stop()
	return c.end(ctx, err)
}

// child is the running decoder process and its pipes.
type child struct {
	cmd     *exec.Cmd
	out     io.ReadCloser
	stderr  *tail
	cancel  context.CancelCauseFunc
	stopped func() error   // why it was cancelled; nil when it was not
	served  sync.WaitGroup // of a remote source
}

func startChild(ctx context.Context, src Source, req request) (*child, error) {
	file, serve, err := descriptor(src)
	if err != nil {
		return nil, err
	}
	if serve != nil {
		defer func() { _ = file.Close() }() // the child has its own by then
		req.Remote = true
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	c := &child{stderr: &tail{max: 64 << 10}}
	life, cancel := context.WithCancelCause(ctx)
	c.cancel, c.stopped = cancel, func() error { return context.Cause(life) }
	c.cmd = exec.CommandContext(life, self, ChildCommand) //nolint:gosec // our own binary
	// What is as large as a picture goes back to the system at once (glibc), instead of staying in pieces with each thread.
	c.cmd.Env = []string{"GOMAXPROCS=" + gomaxprocs(req.Params.Threads), "MALLOC_MMAP_THRESHOLD_=524288"}
	c.cmd.Dir = "/"
	c.cmd.Stdin = bytes.NewReader(line)
	c.cmd.Stderr = c.stderr
	c.cmd.ExtraFiles = []*os.File{file}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.cmd.Cancel = func() error { return syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) }
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if f, ok := c.out.(*os.File); ok {
		_, _ = unix.FcntlInt(f.Fd(), unix.F_SETPIPE_SZ, 1<<20) // fewer wake-ups; the default works too
	}
	if serve != nil {
		c.served.Go(func() { serve(c.cancel) })
	}
	return c, c.cmd.Start()
}

// read gives the records to take until it is done.
func (c *child) read(take func(kind byte, head, body []byte) (bool, error)) error {
	r := bufio.NewReaderSize(c.out, 256<<10)
	for {
		kind, head, body, err := readRecord(r)
		if err != nil {
			return err
		}
		if kind == recordError {
			return received(head)
		}
		done, err := take(kind, head, body)
		if done || err != nil {
			return err
		}
	}
}

// end kills what is left, reaps it, and says what went wrong: the caller's own reason first, then the child's.
func (c *child) end(ctx context.Context, err error) error {
	stopped := c.stopped()
	if err != nil {
		c.cancel(err)
	}
	_, _ = io.Copy(io.Discard, c.out)
	wait := c.cmd.Wait()
	c.served.Wait()
	c.cancel(nil)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case stopped != nil:
		return stopped
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return crashed(wait, c.stderr.String())
	}
	return err
}

// crashed words the death of a child that did not say why it ended.
func crashed(wait error, stderr string) error {
	detail := fmt.Errorf("child: %w: %s", wait, stderr)
	if bytes.Contains([]byte(stderr), []byte("out of memory")) || bytes.Contains([]byte(stderr), []byte("cannot allocate memory")) {
		return ErrMemory.Because(detail)
	}
	return ErrCrashed.Because(detail)
}

// received rebuilds the fault that the child reported. Only known codes become faults of their kind; of an argument that
// the child worded itself, nothing but its sentence is taken.
func received(head []byte) error {
	var f failure
	if err := json.Unmarshal(head, &f); err != nil {
		return ErrCrashed.Because(err)
	}
	detail := errors.New(f.Detail)
	for _, known := range []*fault.Error{ErrEmpty, ErrNotAVideo, ErrIncomplete, ErrContainer, ErrNoVideo, ErrCodec, ErrPixels, ErrStreams, ErrPackets, ErrTimeline, ErrNoFrames, ErrStartBeyondEnd, ErrFormat, ErrTime, ErrMemory, ErrWhole} {
		if known.Code == f.Code && known.Message == f.Message {
			return known.Because(detail)
		}
	}
	if f.Code == ErrCrop.Code {
		return ErrCrop.Sayf("%.200s", f.Message)
	}
	return ErrCrashed.Because(fmt.Errorf("%s: %w", f.Code, detail))
}
