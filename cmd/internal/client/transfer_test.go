package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/cmd/internal/client"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestSubmitSendsFieldsBeforeTheFile(t *testing.T) {
	t.Parallel()
	s, url := newServer(t)
	var parts []string
	s.guarded("POST /video-processing/submit", func(w http.ResponseWriter, r *http.Request) {
		form, err := r.MultipartReader()
		for err == nil {
			part, next := form.NextPart()
			if err = next; err == nil {
				text, _ := io.ReadAll(part)
				parts = append(parts, fmt.Sprintf("%s %s %s %s", part.FormName(), part.FileName(), part.Header.Get("Content-Type"), text))
			}
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"data":{"job":{"id":"j-1","status":"pending","queue_position":1}}}`)
	})
	path := filepath.Join(t.TempDir(), "férias \"1\".MP4")
	if err := os.WriteFile(path, []byte("film"), 0o600); err != nil {
		t.Fatal(err)
	}
	var sent int64
	answer, _, err := login(t, t.TempDir(), url).Submit(t.Context(), client.Upload{
		Path: path, Fields: map[string]string{"extraction_fps": "2"}, Progress: func(n int64) { sent = n },
	})
	if err != nil || answer.Data.Job.ID != "j-1" || sent != 4 {
		t.Fatalf("%+v, %v, %d bytes", answer, err, sent)
	}
	want := []string{"extraction_fps   2", "video_file férias \"1\".MP4 video/mp4 film"}
	if len(parts) != 2 || parts[0] != want[0] || parts[1] != want[1] {
		t.Errorf("sent %q, want %q", parts, want)
	}
}

// The answer is lost, and then a gateway has no server: the third try has the same key and gets the job.
func TestSubmitAgainWithTheSameKey(t *testing.T) {
	t.Parallel()
	s, url := newServer(t)
	var keys []string
	s.guarded("POST /video-processing/submit", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		switch len(keys) {
		case 1:
			panic(http.ErrAbortHandler)
		case 2:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusBadGateway)
		default:
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"data":{"job":{"id":"j-1"}}}`)
		}
	})
	path := filepath.Join(t.TempDir(), "a.mp4")
	if err := os.WriteFile(path, []byte("film"), 0o600); err != nil {
		t.Fatal(err)
	}
	answer, _, err := login(t, t.TempDir(), url).Submit(t.Context(), client.Upload{Path: path})
	if err != nil || answer.Data.Job.ID != "j-1" {
		t.Fatalf("%+v, %v", answer, err)
	}
	if len(keys) != 3 || keys[0] == "" || keys[1] != keys[0] || keys[2] != keys[0] {
		t.Errorf("keys %q, want the same one three times", keys)
	}
}

// What the server says of the video is final.
func TestRefusedVideoIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s, url := newServer(t)
	calls := 0
	s.guarded("POST /video-processing/submit", func(w http.ResponseWriter, r *http.Request) {
		calls++
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"detail":"No video.","code":"videos.not_a_video"}`)
	})
	path := filepath.Join(t.TempDir(), "a.mp4")
	if err := os.WriteFile(path, []byte("film"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := login(t, t.TempDir(), url).Submit(t.Context(), client.Upload{Path: path})
	if fault.From(err).Code != "videos.not_a_video" || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestDownloadGoesOnWhereItBroke(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	s, url := newServer(t)
	var ranges []string
	s.guarded("GET /video-processing/jobs/1/download", func(w http.ResponseWriter, r *http.Request) {
		ranges = append(ranges, r.Header.Get("Range"))
		w.Header().Set("ETag", `"e"`)
		w.Header().Set("Content-Disposition", `attachment; filename="../../etc/clip frames.zip"`)
		if len(ranges) == 1 { // promises everything and breaks off
			w.Header().Set("Content-Length", strconv.Itoa(len(content)))
			_, _ = w.Write(content[:300_000])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	d, err := login(t, t.TempDir(), url).Download(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var got bytes.Buffer
	if err := d.CopyTo(t.Context(), &got, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), content) || d.Name != "clip frames.zip" || d.Size != int64(len(content)) {
		t.Errorf("%d bytes of %d as %q", got.Len(), d.Size, d.Name)
	}
	if len(ranges) != 2 || !strings.HasPrefix(ranges[1], "bytes=") {
		t.Errorf("asked for %q", ranges)
	}
}

func TestDownloadStopsWhenItCannotBeWritten(t *testing.T) {
	t.Parallel()
	s, url := newServer(t)
	s.guarded("GET /video-processing/jobs/1/download", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "zip") })
	d, err := login(t, t.TempDir(), url).Download(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.CopyTo(t.Context(), full{}, nil); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}

var errFull = errors.New("disk is full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
