package videos_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

var thirds = []videos.Stretch{{From: 0, To: 4}, {From: 4, To: 8}, {From: 8, To: 10}}

// divided is a job in three segments, held by lead.
func (w *world) divided(lead string) videos.Claim {
	w.t.Helper()
	w.submit("ann")
	c := w.claim(lead)
	w.must(w.queue.Divide(w.t.Context(), c.Lease, thirds))
	w.clock.advance(time.Hour) // the turns of all segments have come
	_, err := w.queue.Renew(w.t.Context(), c.Lease, videos.Progress{})
	w.must(err)
	return c
}

func (w *world) part(c videos.Claim) {
	w.t.Helper()
	w.put(c.ResultKey, []byte("part"))
	w.must(w.queue.Complete(w.t.Context(), c.Lease, videos.Result{Key: c.ResultKey, Size: 4, Frames: c.Stretch.To - c.Stretch.From}))
}

// Segments are claimed once each, by whoever asks; late writers change nothing; what is left of them goes when the job has ended.
func TestSegmentsAreFencedAndGoWithTheirJob(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		lead := w.divided("one")
		own, ok, err := w.queue.ClaimSegment(t.Context(), lead.Lease)
		if err != nil || !ok || own.Stretch != thirds[0] || own.Lease.Segment != 1 {
			t.Fatalf("%+v %v %v", own, ok, err)
		}
		helped := w.claim("two")
		if helped.Lease.JobID != lead.Lease.JobID || helped.Stretch != thirds[1] || helped.ResultKey == own.ResultKey {
			t.Fatalf("%+v", helped)
		}
		w.must(w.queue.Release(t.Context(), helped.Lease))
		if _, err := w.queue.Renew(t.Context(), helped.Lease, videos.Progress{}); !errors.Is(err, videos.ErrLeaseLost) {
			t.Errorf("renewed after the release: %v", err)
		}
		again := w.claim("two")
		if again.Attempt != 1 || again.Stretch != thirds[1] || again.ResultKey == helped.ResultKey {
			t.Errorf("%+v", again)
		}
		if err := w.queue.Complete(t.Context(), helped.Lease, videos.Result{Key: helped.ResultKey}); !errors.Is(err, videos.ErrLeaseLost) {
			t.Errorf("completed late: %v", err)
		}
		for _, c := range []videos.Claim{own, again, w.claim("three")} {
			w.part(c)
		}
		segments, err := w.queue.Segments(t.Context(), lead.Lease.JobID)
		w.must(err)
		for i, s := range segments {
			if !s.Done || s.Stretch != thirds[i] || s.Frames != s.To-s.From {
				t.Errorf("segment %d: %+v", i+1, s)
			}
		}
		w.must(w.module.Janitor(0).Finish(t.Context()))
		if n := len(w.keys()); n != 4 {
			t.Errorf("%d files of a running job, want its video and three parts", n)
		}
		w.finish(lead, 10)
		w.must(w.module.Janitor(0).Finish(t.Context()))
		for _, key := range w.keys() {
			if strings.Contains(key, "part-") {
				t.Errorf("%s is left", key)
			}
		}
	})
}

// A job that is cancelled stops all who work on it; a segment that fails for good makes the job whole again.
func TestSegmentsStopWithTheirJobAndWithEachOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		lead, helped := w.divided("one"), w.claim("two")
		w.must(w.module.Cancel(t.Context(), "ann", lead.Lease.JobID))
		if stop, err := w.queue.Renew(t.Context(), helped.Lease, videos.Progress{}); err != nil || !stop {
			t.Errorf("the helper heard %v %v", stop, err)
		}
		w.must(w.queue.Cancelled(t.Context(), helped.Lease))
		if claims, err := w.queue.Claim(t.Context(), "two", 3); err != nil || len(claims) > 0 {
			t.Errorf("claimed %+v %v of a cancelled job", claims, err)
		}
		second := w.divided("one")
		bad, other := w.claim("two"), w.claim("three")
		w.must(w.queue.Fail(t.Context(), bad.Lease, videos.Failure{Code: "NOT_DIVISIBLE", Message: "No."}))
		if _, err := w.queue.Renew(t.Context(), other.Lease, videos.Progress{}); !errors.Is(err, videos.ErrLeaseLost) {
			t.Errorf("the other segment goes on: %v", err)
		}
		segments, err := w.queue.Segments(t.Context(), second.Lease.JobID)
		w.must(err)
		for _, s := range segments {
			if !s.Dropped {
				t.Errorf("%+v", s)
			}
		}
		if s := w.status("ann", second.Lease.JobID); s != "processing" {
			t.Errorf("the job is %s", s)
		}
	})
}
