//go:build acceptance

package acceptance

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one running fiapx.
type process struct {
	name   string
	cmd    *exec.Cmd
	log    *lockedBuffer
	exited chan struct{}
	err    error // of the exit; read after exited is closed
}

// lockedBuffer collects a log while the test reads it.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// launch starts the program. Its log is printed when the test fails, and no process outlives its test.
func launch(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	p := &process{name: args[0], log: &lockedBuffer{}, exited: make(chan struct{})}
	p.cmd = exec.Command(program, args...)
	p.cmd.Env = append(append(os.Environ(), "GOCOVERDIR="+covered), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.end(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("log of fiapx %v:\n%s", args, p.log)
		}
	})
	return p
}

// end sends the signal and waits for the exit, if there was none before.
func (p *process) end(signal syscall.Signal) {
	select {
	case <-p.exited:
		return
	default:
	}
	_ = p.cmd.Process.Signal(signal)
	<-p.exited
}

// stop ends the process as an operator does and checks that it leaves cleanly and soon.
func (p *process) stop(t *testing.T) {
	t.Helper()
	begun := time.Now()
	p.end(syscall.SIGTERM)
	if p.err != nil {
		t.Errorf("%s on SIGTERM: %v, want exit code 0", p.name, p.err)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("%s took %v to stop on SIGTERM", p.name, took)
	}
}

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// freeAddress gives a loopback address that nothing listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// waitReady waits until /readyz at address says yes.
func waitReady(t *testing.T, p *process, address string) {
	t.Helper()
	ok := eventually(t, 30*time.Second, func() bool {
		if !p.running() {
			t.Fatalf("%s ended before it was ready: %v\n%s", p.name, p.err, p.log)
		}
		return ready(t.Context(), address)
	})
	if !ok {
		t.Fatalf("%s is not ready after 30 seconds\n%s", p.name, p.log)
	}
}

func ready(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// eventually asks until the condition holds or the time is up.
func eventually(t *testing.T, limit time.Duration, condition func() bool) bool {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if condition() {
			return true
		}
		select {
		case <-deadline.Done():
			return false
		case <-tick.C:
		}
	}
}
