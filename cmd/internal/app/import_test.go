package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/importer"
	"github.com/fiapx/fiapx/platform/database"
)

var wantFindings = map[string]string{
	"a0000000-0000-4000-8000-000000000003": "!importer.email_twice",
	"a0000000-0000-4000-8000-000000000004": "!importer.email_twice",
	"a0000000-0000-4000-8000-000000000005": "!importer.username_twice",
	"a0000000-0000-4000-8000-000000000006": "!importer.username_twice",
	"a0000000-0000-4000-8000-000000000007": "!auth.adopt_hash",
	"a0000000-0000-4000-8000-000000000008": "!auth.adopt_time",
	"a0000000-0000-4000-8000-000000000009": "!auth.adopt_username",
	"a0000000-0000-4000-8000-00000000000a": "!auth.adopt_email",

	jobID("2"): "importer.no_file", jobID("4"): "importer.metadata", jobID("5"): "importer.no_file", jobID("8"): "!videos.adopt_status",
	jobID("9"): "importer.bad_path", jobID("a"): "importer.bad_path", jobID("b"): "importer.bad_file", jobID("c"): "importer.bad_size",
	jobID("d"): "importer.metadata", jobID("e"): "!importer.no_owner", jobID("f"): "!importer.no_owner",
	jobID("10"): "!request.invalid_field", jobID("11"): "videos.adopt_params", jobID("12"): "importer.no_path",
}

func found(r ImportReport) map[string]string {
	got := map[string]string{}
	for _, f := range r.Findings {
		mark := ""
		if f.Refused {
			mark = "!"
		}
		got[f.ID] += mark + f.Code
	}
	return got
}

func TestImportOfTheOriginal(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(t *testing.T, cfg Config, o Origin) {
		plan, err := importing(t.Context(), cfg, o, false, false)
		if err != nil || plan.Applied {
			t.Fatal(plan, err)
		}
		if diff := cmp.Diff(wantFindings, found(plan)); diff != "" {
			t.Error(diff)
		}
		if _, err := importing(t.Context(), cfg, o, true, false); !errors.Is(err, ErrImportRefused) {
			t.Fatalf("%v, want the refusal of the whole", err)
		}
		if n := countRows(t, cfg, moduleAuth, "users") + countRows(t, cfg, moduleVideos, "jobs"); n != 0 {
			t.Fatalf("%d rows were written although nothing should be", n)
		}
		done, err := importing(t.Context(), cfg, o, true, true)
		if err != nil || !done.Applied {
			t.Fatal(err)
		}
		done.Applied = false
		if diff := cmp.Diff(plan, done); diff != "" {
			t.Errorf("the plan was another one: %s", diff)
		}
		wantCounts(t, done)
		again, err := importing(t.Context(), cfg, o, true, true)
		if err != nil || again.Accounts.New+again.Jobs.New+again.Jobs.Later != 0 || again.Accounts.Known != 3 || again.Jobs.Known != 14 {
			t.Errorf("the second run: %+v, %v", again, err)
		}
		checkJobs(t, cfg)
		checkLate(t, cfg, o)
		checkServed(t, cfg)
	})
}

func wantCounts(t *testing.T, r ImportReport) {
	t.Helper()
	got := []any{r.Accounts, r.Jobs, r.Statuses, r.Videos, r.Archives, r.Expiring}
	want := []any{
		importer.Count{Found: 11, New: 3, Refused: 8},
		importer.Count{Found: 18, New: 14, Refused: 4},
		map[string]int{"completed": 2, "pending": 2, "failed": 3, "cancelled": 7},
		importer.FileCount{Found: 8, Bytes: 40, Missing: 6},
		importer.FileCount{Found: 1, Bytes: 8, Missing: 1},
		12,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func query[T any](t *testing.T, cfg Config, module, sql string, args ...any) (rows []T) {
	t.Helper()
	db, err := database.Open(t.Context(), cfg.options(module, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = database.Close(db) }()
	if err := db.Raw(sql, args...).Scan(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return rows
}

func countRows(t *testing.T, cfg Config, module, table string) int {
	t.Helper()
	return query[int](t, cfg, module, "SELECT COUNT(*) FROM "+table)[0]
}

type movedJob struct {
	Status, Params, UserEmail, Filename, ErrorCode, ErrorMessage, SourceKey, ResultKey, ResultSHA256 string

	FrameCount, DownloadCount, ResultSize   int64
	Duration                                float64
	CreatedAt, TurnAt                       time.Time
	StartedAt, CompletedAt, SourceRemovedAt *time.Time
}

func job(t *testing.T, cfg Config, last string) movedJob {
	t.Helper()
	rows := query[movedJob](t, cfg, moduleVideos, "SELECT *, result_sha256 AS result_sha256 FROM jobs WHERE id = ?", jobID(last))
	if len(rows) != 1 {
		t.Fatalf("job %s: %d rows", last, len(rows))
	}
	return rows[0]
}

func checkJobs(t *testing.T, cfg Config) {
	t.Helper()
	one := job(t, cfg, "1")
	at := time.Date(2024, 5, 1, 10, 40, 0, 0, time.UTC)
	if one.Status != "completed" || one.FrameCount != 7 || one.DownloadCount != 3 || one.ResultSize != 8 || one.UserEmail != "" ||
		!one.CompletedAt.Equal(at) || !one.CreatedAt.Equal(time.Date(2024, 5, 1, 10, 0, 0, 5e8, time.UTC)) || one.SourceRemovedAt != nil {
		t.Errorf("%+v", one)
	}
	var params map[string]any
	if err := json.Unmarshal([]byte(one.Params), &params); err != nil || params["fps"] != 2.0 || params["quality"] != 80.0 ||
		params["format"] != "jpg" || params["start_time"] != 1.5 || params["max_frames"] != 100.0 {
		t.Errorf("parameters %s, %v", one.Params, err)
	}
	for last, want := range map[string]string{
		"2": "completed", "3": "pending", "4": "pending", "5": "failed videos.source_lost", "6": "failed videos.failed_elsewhere", "7": "cancelled",
		"d": "cancelled", "12": "failed videos.failed_elsewhere",
	} {
		j := job(t, cfg, last)
		if got := strings.TrimSpace(j.Status + " " + j.ErrorCode); got != want {
			t.Errorf("job %s is %s, want %s", last, got, want)
		}
	}
	if j := job(t, cfg, "6"); strings.Contains(j.ErrorMessage, "storage") || strings.Contains(j.ErrorMessage, "\x1b") || !strings.Contains(j.ErrorMessage, "broken") {
		t.Errorf("the failure reads %q", j.ErrorMessage)
	}
	if j := job(t, cfg, "12"); j.Filename != "passwd.mp4" {
		t.Errorf("the file name is %q", j.Filename)
	}
	if j := job(t, cfg, "3"); j.UserEmail != "ana@example.com" || j.StartedAt != nil || !j.TurnAt.Equal(j.CreatedAt) {
		t.Errorf("the waiting job is %+v", j)
	}
	if n := countRows(t, cfg, moduleVideos, "outbox"); n != 0 {
		t.Errorf("%d events were announced", n)
	}
}

// checkLate: files that come later are brought by another run, and the job that lacked its video waits again.
func checkLate(t *testing.T, cfg Config, o Origin) {
	t.Helper()
	o.put(t, "videos/"+ana+"/late.mp4", "later")
	o.put(t, "results/"+ana+"/gone_frames.zip", "PK-again")
	r, err := importing(t.Context(), cfg, o, true, true)
	if err != nil || r.Jobs.Later != 2 || r.Jobs.New != 0 || r.Videos.Found != 2 || r.Archives.Found != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if j := job(t, cfg, "5"); j.Status != "pending" || j.ErrorCode != "" || j.SourceRemovedAt != nil || j.UserEmail == "" {
		t.Errorf("the job whose video came later is %+v", j)
	}
	if r, err := importing(t.Context(), cfg, o, true, true); err != nil || r.Jobs.Later != 0 || r.Jobs.Known != 14 {
		t.Errorf("the run after that: %+v, %v", r, err)
	}
}

// checkServed: the owner signs in with the old password, whose hash is upgraded, and gets the archive.
func checkServed(t *testing.T, cfg Config) {
	t.Helper()
	target, err := Find("all")
	if err != nil {
		t.Fatal(err)
	}
	p, err := build(t.Context(), target, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.close() }()
	token := signIn(t, p, "ANA@example.com", http.StatusOK)
	signIn(t, p, "bob@example.com", http.StatusUnauthorized)
	hash := query[string](t, cfg, moduleAuth, "SELECT password_hash FROM users WHERE id = ?", ana)[0]
	if !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("the hash was not upgraded: %.8s", hash)
	}
	signIn(t, p, "ana", http.StatusOK)
	for last, want := range map[string]string{"1": "PK-8byte", "2": "PK-again"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/video-processing/jobs/"+jobID(last)+"/download", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		p.server.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK || w.Body.String() != want {
			t.Errorf("download of job %s: %d %q", last, w.Code, w.Body)
		}
	}
}

func signIn(t *testing.T, p *process, login string, want int) (token string) {
	t.Helper()
	body := strings.NewReader(`{"identifier":"` + login + `","password":"Password123!"}`)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/auth/login", body)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	p.server.Handler().ServeHTTP(w, r)
	var answer struct {
		Data struct {
			AccessToken string `json:"access_token"`
		} `json:"data"`
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != want {
		t.Fatalf("sign-in: %d %s %v", w.Code, w.Body, err)
	}
	return answer.AccessToken + answer.Data.AccessToken
}

func TestImportGoesOnAfterAnInterruption(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(t *testing.T, cfg Config, o Origin) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		_, err := Import(ctx, cfg, slog.New(slog.DiscardHandler), o, Importing{
			Apply: true, SkipRefused: true, Moved: func(int) {},
			Tell: func(_, jobs int, applying bool) {
				if applying && jobs == 4 {
					cancel()
				}
			},
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		half := countRows(t, cfg, moduleVideos, "jobs")
		r, err := importing(t.Context(), cfg, o, true, true)
		if err != nil || half == 0 || r.Jobs.Known != half || r.Jobs.New+half != 14 || r.Accounts.Known != 3 {
			t.Errorf("after %d jobs: %+v, %v", half, r, err)
		}
		checkJobs(t, cfg)
	})
}

func TestImportWithoutFiles(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(t *testing.T, cfg Config, o Origin) {
		o.Files = ""
		r, err := importing(t.Context(), cfg, o, true, true)

		want := map[string]int{"completed": 2, "failed": 5, "cancelled": 7}
		if err != nil || !cmp.Equal(r.Statuses, want) || r.Videos.Found != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestImportSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	cfg, err := Load(Target{}, func(string) (string, bool) { return "", false }, Overrides{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = importing(t.Context(), cfg, Origin{Server: "postgres://me:hunter2@127.0.0.1:1/?connect_timeout=2"}, false, false)
	if err == nil || !strings.Contains(err.Error(), originAuth) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
	_, err = importing(t.Context(), cfg, Origin{Server: "postgres://me:hunter2@[::1/"}, false, false)
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
	address, err := onDatabase("postgres://me:p%40ss@db:5433/other?sslmode=disable", originVideos)
	u, parseErr := url.Parse(address.Reveal())
	if password, _ := u.User.Password(); err != nil || parseErr != nil || password != "p@ss" || u.Path != "/video_processing" || u.RawQuery != "sslmode=disable" {
		t.Errorf("%v, %v, %v", u.Redacted(), err, parseErr)
	}
}
