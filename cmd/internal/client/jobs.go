package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const jobsPath = "/video-processing/jobs"

// Job is a line of the list.
type Job struct {
	ID         string    `json:"id"`
	Filename   string    `json:"original_filename"`
	Status     string    `json:"status"`
	FrameCount *int64    `json:"frame_count"`
	ZipSizeMB  *float64  `json:"zip_size_mb"`
	CreatedAt  time.Time `json:"created_at"`
}

// List is a page of jobs.
type List struct {
	Data struct {
		Jobs       []Job `json:"jobs"`
		Pagination struct {
			Total   int64 `json:"total_count"`
			Skip    int64 `json:"skip"`
			HasNext bool  `json:"has_next"`
		} `json:"pagination"`
	} `json:"data"`
}

// Jobs lists jobs, newest first; status "" is all.
func (c *Client) Jobs(ctx context.Context, status string, skip, limit int) (l List, raw Raw, err error) {
	q := url.Values{"skip": {strconv.Itoa(skip)}, "limit": {strconv.Itoa(limit)}}
	if status != "" {
		q.Set("status_filter", status)
	}
	raw, err = c.call(ctx, request{method: http.MethodGet, url: c.server + jobsPath + "?" + q.Encode()}, &l)
	return l, raw, err
}

// Status is all about one job.
type Status struct {
	Data struct {
		Job struct {
			ID            string `json:"id"`
			Status        string `json:"status"`
			Filename      string `json:"original_filename"`
			QueuePosition *int64 `json:"queue_position"`
		} `json:"job"`
		Progress struct {
			Percentage *float64   `json:"percentage"`
			Stage      string     `json:"current_stage"`
			Frames     int64      `json:"frames_extracted"`
			Completion *time.Time `json:"estimated_completion"`
		} `json:"progress"`
		Results struct {
			FrameCount *int64   `json:"frame_count"`
			ZipSizeMB  *float64 `json:"zip_size_mb"`
			Truncated  bool     `json:"truncated"`
			Warning    *string  `json:"warning"`
		} `json:"results"`
		Error *struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	} `json:"data"`
}

// Ended says that the job will not change any more.
func (s Status) Ended() bool {
	switch s.Data.Job.Status {
	case "completed", "failed", "cancelled":
		return true
	}
	return false
}

// Status asks about a job.
func (c *Client) Status(ctx context.Context, id string) (s Status, raw Raw, err error) {
	raw, err = c.call(ctx, request{method: http.MethodGet, url: c.job(id) + "/status"}, &s)
	return s, raw, err
}

// Frames lists the names of a completed job's images.
func (c *Client) Frames(ctx context.Context, id string) (names []string, raw Raw, err error) {
	raw, err = c.call(ctx, request{method: http.MethodGet, url: c.job(id) + "/frames"}, &names)
	return names, raw, err
}

// Cancel stops a job.
func (c *Client) Cancel(ctx context.Context, id string) (Raw, error) {
	return c.call(ctx, request{method: http.MethodPost, url: c.job(id) + "/cancel"}, nil)
}

// Retry has a failed job tried again.
func (c *Client) Retry(ctx context.Context, id string) (Raw, error) {
	return c.call(ctx, request{method: http.MethodPost, url: c.job(id) + "/retry"}, nil)
}

// Attempt is one line of a job's log.
type Attempt struct {
	Attempt   int        `json:"attempt"`
	Worker    string     `json:"worker_id"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Outcome   string     `json:"outcome"`
	Code      string     `json:"error_code"`
}

// Attempts lists what was tried for a job, oldest first.
func (c *Client) Attempts(ctx context.Context, id string) ([]Attempt, Raw, error) {
	var out struct {
		Attempts []Attempt `json:"attempts"`
	}
	raw, err := c.call(ctx, request{method: http.MethodGet, url: c.job(id) + "/attempts"}, &out)
	return out.Attempts, raw, err
}

// Delete removes a job and, unless keepFiles, its video and archive.
func (c *Client) Delete(ctx context.Context, id string, keepFiles bool) (Raw, error) {
	address := c.job(id) + "?delete_files=" + strconv.FormatBool(!keepFiles)
	return c.call(ctx, request{method: http.MethodDelete, url: address}, nil)
}

func (c *Client) job(id string) string { return c.server + jobsPath + "/" + url.PathEscape(id) }
