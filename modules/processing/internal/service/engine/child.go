//go:build cgo

package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fiapx/fiapx/platform/fault"
)

// sourceFD is where the parent puts the video.
const sourceFD = 3

// ChildMain is the body of the hidden subcommand that does the decoding: one request on standard input, records on
// standard output. It returns the exit code.
func ChildMain(ctx context.Context) int {
	quietLibav()
	if len(os.Args) > 2 && os.Args[2] == "try" {
		_ = json.NewEncoder(os.Stdout).Encode(tryCage()) // a parent that is gone needs no answer
		return 0
	}
	signal.Ignore(os.Interrupt) // a terminal sends it to the whole group; the parent decides
	var req request
	if err := json.NewDecoder(bufio.NewReader(os.Stdin)).Decode(&req); err != nil {
		fmt.Fprintln(os.Stderr, "engine: request:", err)
		return 2
	}
	if err := confine(req.Limits); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		return 2
	}
	out := &reporter{w: os.Stdout}
	endAtLimit(out)
	if err := serve(ctx, req, out); err != nil {
		out.fail(err)
		return 1
	}
	return 0
}

// confine bounds what the process may use, for good; cage.c took everything else from it before main began.
func confine(lim Limits) error {
	cpu := uint64(max(1, lim.CPU/time.Second))
	for _, l := range []struct {
		what      int
		soft, end uint64
	}{
		{unix.RLIMIT_CORE, 0, 0},
		{unix.RLIMIT_DATA, uint64(lim.Memory), uint64(lim.Memory)},
		{unix.RLIMIT_NOFILE, 64, 64},
		{unix.RLIMIT_FSIZE, 0, 0},
		{unix.RLIMIT_CPU, cpu, cpu + 5}, // the signal comes first, the kill if that does not help
	} {
		if err := unix.Setrlimit(l.what, &unix.Rlimit{Cur: l.soft, Max: l.end}); err != nil {
			return fmt.Errorf("rlimit %d: %w", l.what, err)
		}
	}
	return nil
}

// endAtLimit says why before the processor time is up for good.
func endAtLimit(out *reporter) {
	spent := make(chan os.Signal, 1)
	signal.Notify(spent, unix.SIGXCPU)
	go func() {
		<-spent
		out.fail(ErrTime)
		os.Exit(1) //nolint:forbidigo // the work is in C and cannot be asked to return
	}()
}

func serve(ctx context.Context, req request, out *reporter) error {
	if req.Size == 0 {
		return ErrEmpty
	}
	src := source{fd: sourceFD, size: req.Size, remote: req.Remote}
	if req.Probe {
		in, err := openInput(src, req.Limits)
		if err != nil {
			return err
		}
		defer in.close()
		return out.info(in.describe().info)
	}
	if req.Plan {
		planned, err := planLocal(ctx, src, req.Params, req.Limits)
		if err != nil {
			return err
		}
		return out.send(recordPlan, planned, nil)
	}
	if req.Divide != nil {
		division, err := divideLocal(ctx, src, req.Params, req.Limits, *req.Divide)
		if err != nil {
			return err
		}
		return out.send(recordDivision, division, nil)
	}
	report, err := extractLocal(ctx, src, req.Params, req.Limits, out)
	if err != nil {
		return err
	}
	return out.send(recordReport, report, nil)
}

// reporter writes records; images and progress come from different goroutines.
type reporter struct {
	mu sync.Mutex
	w  *os.File
}

func (r *reporter) send(kind byte, head any, body []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return writeRecord(r.w, kind, head, body)
}

func (r *reporter) info(i Info) error { return r.send(recordInfo, i, nil) }

func (r *reporter) progress(p Progress) { _ = r.send(recordProgress, p, nil) } // a parent that is gone shows at the next image

func (r *reporter) image(i Image) error {
	data := i.Data
	i.Data = nil
	return r.send(recordImage, i, data)
}

func (r *reporter) fail(err error) {
	f := fault.From(err)
	if f.Kind == fault.Internal {
		f = ErrNotAVideo.Because(err)
	}
	detail := ""
	if cause := errors.Unwrap(f); cause != nil {
		detail = cause.Error()
	}
	_ = r.send(recordError, failure{Code: f.Code, Message: f.Message, Detail: detail}, nil)
}
