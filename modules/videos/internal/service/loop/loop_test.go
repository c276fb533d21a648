package loop_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/service/loop"
)

func TestLoopKeepsTimeAndHearsTheBell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var logged bytes.Buffer
		var turns atomic.Int64
		bell := loop.NewBell()
		l := loop.Loop{
			Name: "test", Every: time.Minute, Bell: bell, Log: slog.New(slog.NewTextHandler(&logged, nil)),
			Do: func(context.Context) error {
				turns.Add(1)
				return errors.New("no luck")
			},
		}
		done := make(chan error, 1)
		go func() { done <- l.Run(ctx) }()
		synctest.Wait()
		if n := turns.Load(); n != 1 {
			t.Errorf("%d turns at the start, want 1", n)
		}
		time.Sleep(11 * time.Minute) // virtual
		synctest.Wait()
		if n := turns.Load(); n < 10 || n > 14 {
			t.Errorf("%d turns in 11 minutes", n)
		}
		before := turns.Load()
		bell.Ring()
		bell.Ring() // one that rings unheard is one
		synctest.Wait()
		if turns.Load() == before {
			t.Error("the bell was not heard")
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("stopped with %v", err)
		}
		if !strings.Contains(logged.String(), "no luck") {
			t.Error("the failure was not logged")
		}
	})
}
