package videos_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
)

// What owners are told: as of submission who and in which language, as of now what they want.
func TestNotices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "videos", func(t *testing.T, db *database.DB) {
		w := newWorldOn(t, db)
		notices := w.module.Notices()
		done := w.submit("ann")
		failed := w.submit("ann")
		for range 2 {
			c := w.claim("worker-1")
			w.clock.advance(90 * time.Second)
			if c.Lease.JobID == failed {
				w.must(w.queue.Fail(t.Context(), c.Lease, videos.Failure{Code: "NO_FRAMES", Message: "No frames; choose another part.", Detail: "secret"}))
			} else {
				w.finish(c, 7)
			}
		}
		got, ok, err := notices.Notice(t.Context(), done)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		want := videos.Notice{
			JobID: done, Event: videos.JobCompleted, UserID: "ann", Email: "ann@mail.test", Name: "ann", Language: "en", Wanted: true,
			Filename: "My film.mp4", Frames: 7,
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(videos.Notice{}, "Size", "Took")); diff != "" || got.Size == 0 || got.Took <= 0 {
			t.Errorf("size %d, took %v (-want +got):\n%s", got.Size, got.Took, diff)
		}
		if got, _, err := notices.Notice(t.Context(), failed); err != nil || got.Event != videos.JobFailed || got.Reason != "No frames; choose another part." || !got.Wanted {
			t.Errorf("%+v, %v", got, err)
		}
		w.ends(t, time.Unix(0, 0), done, failed)

		w.putPreferences("ann", `{"notifications":{"job_completion":false,"language":"pt-BR"}}`)
		if got, _, err := notices.Notice(t.Context(), done); err != nil || got.Wanted || got.Language != "pt-BR" {
			t.Errorf("wanted %v in %q, %v", got.Wanted, got.Language, err)
		}
		if got, _, err := notices.Notice(t.Context(), failed); err != nil || !got.Wanted {
			t.Errorf("failures are wanted still: %v, %v", got.Wanted, err)
		}
		w.putPreferences("ann", `{"notifications":{"email_enabled":false}}`)
		if got, _, err := notices.Notice(t.Context(), failed); err != nil || got.Wanted {
			t.Errorf("no mail is wanted at all: %v, %v", got.Wanted, err)
		}
		w.do("ann", "DELETE", "/jobs/"+done, nil)
		if _, ok, err := notices.Notice(t.Context(), done); err != nil || ok {
			t.Errorf("a deleted job is told: %v, %v", ok, err)
		}
	})
}

// ends pages through both ends, one at a time.
func (w *world) ends(t *testing.T, since time.Time, ids ...string) {
	t.Helper()
	var found []string
	after, id := since, ""
	for {
		page, err := w.module.Notices().Ended(t.Context(), after, id, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		found, after, id = append(found, page[0].JobID), page[0].At, page[0].JobID
	}
	if diff := cmp.Diff(ids, found, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("ended (-want +got):\n%s", diff)
	}
	if page, err := w.module.Notices().Ended(t.Context(), time.Now().AddDate(50, 0, 0), "", 10); err != nil || len(page) != 0 {
		t.Errorf("in the future: %v, %v", page, err)
	}
}

func TestTheLanguageOfTheSubmission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body, kind := multi(t, file("a.mp4", video("")))
	id := w.do("ann", "POST", "/submit", bytes.NewReader(body), "Content-Type", kind, "Accept-Language", "pt-BR,en;q=0.5").at(t, "data.job.id").(string)
	if got, _, err := w.module.Notices().Notice(t.Context(), id); err != nil || got.Language != "pt-BR" || got.Event != videos.JobSubmitted || got.Wanted {
		t.Errorf("%+v, %v", got, err)
	}
}
