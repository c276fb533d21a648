//go:build acceptance

package acceptance

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const patience = 90 * time.Second // for a short job on a busy machine

// mainJob is what the product is for: submit, watch, list the frames, download, delete.
func mainJob(t *testing.T, w *world) {
	before := files(t, w.d)
	u := w.signIn(t)
	path := shortClip(t)
	form := upload{name: "short clip ação.mp4", content: read(t, path), fields: map[string]string{"extraction_fps": "2"}}
	sent := w.json(t, http.StatusCreated, form.call(t, u.token))
	sent.want(t, map[string]any{
		"success": true, "data.job.status": "pending", "data.job.estimated_frames": 8,
		"data.video_info.original_filename": form.name, "data.video_info.video_format": "mp4", "data.video_info.duration": 4, "data.video_info.extraction_fps": 2,
	})
	sent.times(t, "timestamp", "data.job.created_at")
	if sent.number(t, "data.job.queue_position") < 1 || sent.number(t, "data.video_info.file_size_mb") <= 0 {
		t.Errorf("submission says %v", sent.value)
	}
	id := sent.text(t, "data.job.id")
	w.reach(t, u, id, "completed", patience)

	status := w.get(t, u.token, job(id, "/status"))
	status.want(t, map[string]any{
		"data.progress.percentage": 100, "data.results.frame_count": 8, "data.results.download_available": true,
		"links.download": job(id, "/download"), "links.frames": job(id, "/frames"),
	})
	w.get(t, u.token, job(id, "/progress")).want(t, map[string]any{"progress_percentage": 100, "processing_active": false, "status": "completed"})
	checkFrameList(t, w, u, id, 8, "png")
	download(t, w, u, id, 8)

	gone := w.json(t, http.StatusOK, call{method: http.MethodDelete, path: job(id, ""), token: u.token})
	gone.want(t, map[string]any{"success": true, "data.deleted_job_id": id})
	refused(t, w.do(t, call{method: http.MethodGet, path: job(id, "/status"), token: u.token}), refusal{status: []int{http.StatusNotFound}, code: "videos.not_found"})
	nothingLeft(t, w.d, before)
}

func checkFrameList(t *testing.T, w *world, u user, id string, count int, extension string) {
	t.Helper()
	names := w.get(t, u.token, job(id, "/frames")).list(t, "")
	if len(names) != count {
		t.Fatalf("%d frames are listed, want %d", len(names), count)
	}
	for i, name := range names {
		if want := fmt.Sprintf("frame_%06d.%s", i+1, extension); name.value != want {
			t.Errorf("frame %d is called %v, want %s", i+1, name.value, want)
		}
	}
}

// download: the whole archive, its headers, parts of it, and not again what the client has.
func download(t *testing.T, w *world, u user, id string, count int) {
	t.Helper()
	q := call{method: http.MethodGet, path: job(id, "/download"), token: u.token}
	whole := w.do(t, q)
	if whole.status != http.StatusOK {
		t.Fatalf("download: %d: %s", whole.status, whole.body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/zip", "Content-Length": strconv.Itoa(len(whole.body)), "Accept-Ranges": "bytes",
		"X-Job-Id": id, "X-Frame-Count": strconv.Itoa(count),
	} {
		if got := whole.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if name := whole.header.Get("Content-Disposition"); !strings.HasPrefix(name, "attachment;") || !strings.Contains(name, "_frames_") {
		t.Errorf("Content-Disposition: %q", name)
	}
	if images := unzip(t, whole.body); len(images) != count {
		t.Errorf("the archive holds %d images, want %d", len(images), count)
	}
	if head := w.do(t, call{method: http.MethodHead, path: q.path, token: u.token}); head.status != http.StatusOK || head.header.Get("ETag") != whole.header.Get("ETag") {
		t.Errorf("HEAD: %d with ETag %s, want 200 with %s", head.status, head.header.Get("ETag"), whole.header.Get("ETag"))
	}
	part := q
	part.header = http.Header{"Range": {"bytes=10-19"}}
	if a := w.do(t, part); a.status != http.StatusPartialContent || string(a.body) != string(whole.body[10:20]) {
		t.Errorf("range: %d with %d bytes, want 206 with the 10 asked for", a.status, len(a.body))
	}
	part.header = http.Header{"Range": {fmt.Sprintf("bytes=%d-", len(whole.body)+1)}}
	if a := w.do(t, part); a.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("range beyond the end: %d, want 416", a.status)
	}
	part.header = http.Header{"If-None-Match": {whole.header.Get("ETag")}}
	if a := w.do(t, part); a.status != http.StatusNotModified {
		t.Errorf("download with its ETag: %d, want 304", a.status)
	}
}

// cancelJob: progress while running, no download, no deletion, cancel once and only once, nothing left.
func cancelJob(t *testing.T, w *world) {
	before := files(t, w.d)
	u := w.signIn(t)
	id := w.submit(t, u, longClip(t), map[string]string{"extraction_fps": "30"})
	seen := watchUntil(t, w, u, id, 2)
	if !slices.IsSorted(seen) || seen[len(seen)-1] > 100 {
		t.Errorf("progress went %v", seen)
	}
	active := w.get(t, u.token, "/video-processing/jobs/active")
	active.want(t, map[string]any{"total_active": 1})
	active.list(t, "active_jobs")[0].want(t, map[string]any{"job_id": id, "status": "processing"})

	bad := []int{http.StatusBadRequest}
	refused(t, w.do(t, call{method: http.MethodGet, path: job(id, "/download"), token: u.token}), refusal{status: bad, code: "videos.not_completed"})
	refused(t, w.do(t, call{method: http.MethodGet, path: job(id, "/frames"), token: u.token}), refusal{status: bad, code: "videos.not_completed"})
	refused(t, w.do(t, call{method: http.MethodDelete, path: job(id, ""), token: u.token}), refusal{status: bad, code: "videos.job_running"})

	asked := time.Now()
	w.post(t, u.token, job(id, "/cancel"), nil).want(t, map[string]any{"status": "cancelled"})
	if !eventually(t, 5*time.Second, func() bool { return decoders(t) == 0 }) || time.Since(asked) > time.Second {
		t.Errorf("the decoder went on for %v after the cancellation, want a second at most", time.Since(asked))
	}
	t.Logf("the decoder was gone %v after the cancellation", time.Since(asked).Round(time.Millisecond))
	refused(t, w.do(t, call{method: http.MethodPost, path: job(id, "/cancel"), token: u.token}), refusal{status: bad, code: "videos.cannot_cancel"})
	w.reach(t, u, id, "cancelled", 20*time.Second)
	w.get(t, u.token, job(id, "/progress")).want(t, map[string]any{"processing_active": false, "status": "cancelled"})
	w.json(t, http.StatusOK, call{method: http.MethodDelete, path: job(id, ""), token: u.token})
	nothingLeft(t, w.d, before)
}

// watchUntil follows the progress until the job runs and has moved n times, and gives the figures.
func watchUntil(t *testing.T, w *world, u user, id string, n int) []float64 {
	t.Helper()
	var seen []float64
	ok := eventually(t, patience, func() bool {
		p := w.get(t, u.token, job(id, "/progress"))
		if status := p.text(t, "status"); status != "pending" && status != "processing" {
			t.Fatalf("the job is %s before it could be watched", status)
		}
		if percent := p.number(t, "progress_percentage"); p.at(t, "processing_active") == true && (len(seen) == 0 || percent != seen[len(seen)-1]) {
			seen = append(seen, percent)
		}
		return len(seen) > n
	})
	if !ok {
		t.Fatalf("the job does not move: %v", seen)
	}
	return seen
}

// strangers see nothing: someone else's job reads exactly like one that never was.
func strangers(t *testing.T, w *world) {
	owner, other := w.signIn(t), w.signIn(t)
	id := w.submit(t, owner, shortClip(t), nil)
	w.reach(t, owner, id, "completed", patience)
	for _, q := range []call{
		{method: http.MethodGet, path: "/status"},
		{method: http.MethodGet, path: "/progress"},
		{method: http.MethodGet, path: "/frames"},
		{method: http.MethodGet, path: "/download"},
		{method: http.MethodPost, path: "/cancel"},
		{method: http.MethodDelete},
	} {
		t.Run(q.method+" "+q.path, func(t *testing.T) {
			var answers []object
			for _, which := range []string{id, "00000000-0000-4000-8000-000000000000", "not-a-job"} {
				one := q
				one.path, one.token = job(which, q.path), other.token
				answers = append(answers, refused(t, w.do(t, one), refusal{status: []int{http.StatusNotFound}, code: "videos.not_found"}))
			}
			for _, a := range answers[1:] {
				if a.text(t, "detail") != answers[0].text(t, "detail") {
					t.Errorf("answers differ: %v and %v", answers[0].value, a.value)
				}
			}
		})
	}
	if n := len(w.get(t, other.token, "/video-processing/jobs").list(t, "data.jobs")); n != 0 {
		t.Errorf("the stranger's list has %d jobs", n)
	}
	w.get(t, owner.token, job(id, "/status")).want(t, map[string]any{"data.job.status": "completed"})
}

// preferences are stored, merged, checked and used for the fields that a submission leaves out.
func preferences(t *testing.T, w *world) {
	const path = "/video-processing/user/preferences"
	u := w.signIn(t)
	w.get(t, u.token, path).want(t, map[string]any{"processing.default_fps": 1, "processing.default_quality": 95, "notifications.email_enabled": true})
	put := func(body any) call { return call{method: http.MethodPut, path: path, token: u.token, body: body} }
	w.json(t, http.StatusOK, put(map[string]any{"processing": map[string]any{"default_fps": 5, "max_frames": 3}, "mine": "kept"}))
	w.get(t, u.token, path).want(t, map[string]any{"processing.default_fps": 5, "processing.max_frames": 3, "processing.default_quality": 95, "mine": "kept"})

	clip := shortClip(t)
	id := w.submit(t, u, clip, nil)
	w.reach(t, u, id, "completed", patience)
	checkFrameList(t, w, u, id, 3, "png")
	explicit := w.submit(t, u, clip, map[string]string{"extraction_fps": "1", "max_frames": "1000"})
	w.reach(t, u, explicit, "completed", patience)
	checkFrameList(t, w, u, explicit, 4, "png")

	for name, value := range map[string]any{"default_fps": 0, "default_quality": 101, "max_frames": 0, "auto_cleanup": "perhaps"} {
		wrong := put(map[string]any{"processing": map[string]any{name: value}})
		refused(t, w.do(t, wrong), refusal{status: []int{http.StatusUnprocessableEntity}, field: "processing." + name})
	}
	refused(t, w.do(t, put([]int{1})), refusal{status: []int{http.StatusUnprocessableEntity}})
	w.get(t, u.token, path).want(t, map[string]any{"processing.default_fps": 5, "processing.max_frames": 3})
}

// listing: pages, filters, figures.
func listing(t *testing.T, w *world) {
	u := w.signIn(t)
	clip := shortClip(t)
	var ids []string
	for range 3 {
		ids = append(ids, w.submit(t, u, clip, map[string]string{"max_frames": "2"}))
		w.reach(t, u, ids[len(ids)-1], "completed", patience)
	}
	page := w.get(t, u.token, "/video-processing/jobs?skip=0&limit=2")
	page.want(t, map[string]any{
		"data.pagination.total_count": 3, "data.pagination.has_next": true, "data.pagination.total_pages": 2, "data.pagination.current_page": 1,
		"data.statistics.total_jobs": 3, "data.statistics.completed_jobs": 3, "data.statistics.total_frames_extracted": 6, "data.statistics.success_rate": 100,
	})
	rest := w.get(t, u.token, "/video-processing/jobs?skip=2&limit=2&status_filter=COMPLETED")
	rest.want(t, map[string]any{"data.pagination.has_next": false, "data.pagination.has_previous": true})
	var listed []string
	for _, j := range slices.Concat(page.list(t, "data.jobs"), rest.list(t, "data.jobs")) {
		j.want(t, map[string]any{"status": "completed", "frame_count": 2, "download_available": true})
		listed = append(listed, j.text(t, "id"))
	}
	slices.Reverse(ids)
	if !slices.Equal(listed, ids) {
		t.Errorf("listed %v, want the newest first: %v", listed, ids)
	}
	w.get(t, u.token, "/video-processing/jobs?status_filter=failed").want(t, map[string]any{"data.pagination.total_count": 0})
	for query, status := range map[string]int{"status_filter=odd": 400, "limit=0": 422, "skip=-1": 422, "limit=many": 422} {
		refused(t, w.do(t, call{method: http.MethodGet, path: "/video-processing/jobs?" + query, token: u.token}), refusal{status: []int{status}})
	}
}

// badInput is refused at the door with a reason, and leaves nothing behind.
func badInput(t *testing.T, w *world) {
	u := w.signIn(t)
	before := files(t, w.d)
	good := read(t, shortClip(t))
	bad, fields := []int{http.StatusBadRequest}, []int{http.StatusUnprocessableEntity}
	with := func(name, value string) upload {
		return upload{name: "v.mp4", content: good, fields: map[string]string{name: value}}
	}
	for name, c := range map[string]struct {
		form upload
		want refusal
	}{
		"text renamed":        {upload{name: "v.mp4", content: []byte(strings.Repeat("This is no video.\n", 500))}, refusal{status: bad}},
		"zero bytes":          {upload{name: "v.mp4"}, refusal{status: bad}},
		"truncated":           {upload{name: "v.mp4", content: good[:len(good)/2]}, refusal{status: bad}},
		"sound only":          {upload{name: "v.mp4", content: read(t, soundOnly(t))}, refusal{status: bad}},
		"wrong extension":     {upload{name: "v.txt", content: good}, refusal{status: bad}},
		"wrong kind of part":  {upload{name: "v.mp4", content: good, contentType: "text/plain"}, refusal{status: bad}},
		"end before start":    {upload{name: "v.mp4", content: good, fields: map[string]string{"start_time": "2", "end_time": "1"}}, refusal{status: []int{400, 422}}},
		"start after the end": {with("start_time", "99"), refusal{status: []int{400, 422}}},
		"negative start":      {with("start_time", "-1"), refusal{status: fields, field: "start_time"}},
		"no rate":             {with("extraction_fps", "0"), refusal{status: fields, field: "extraction_fps"}},
		"negative rate":       {with("extraction_fps", "-1"), refusal{status: fields, field: "extraction_fps"}},
		"rate is no number":   {with("extraction_fps", "NaN"), refusal{status: fields, field: "extraction_fps"}},
		"absurd rate":         {with("extraction_fps", "1e9"), refusal{status: fields, field: "extraction_fps"}},
		"unknown format":      {with("output_format", "bmp"), refusal{status: fields, field: "output_format"}},
		"quality 0":           {with("quality", "0"), refusal{status: fields, field: "quality"}},
		"no frames":           {with("max_frames", "0"), refusal{status: fields, field: "max_frames"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, w.do(t, c.form.call(t, u.token)), c.want)
			nothingLeft(t, w.d, before)
		})
	}
	t.Run("no form", func(t *testing.T) {
		q := call{method: http.MethodPost, path: "/video-processing/submit", token: u.token, body: map[string]any{}}
		refused(t, w.do(t, q), refusal{status: []int{http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}})
	})
	w.get(t, u.token, "/video-processing/jobs").want(t, map[string]any{"data.pagination.total_count": 0})
	if after := files(t, w.d); !maps.Equal(before, after) {
		t.Errorf("the data folder changed: %v", after)
	}
}
