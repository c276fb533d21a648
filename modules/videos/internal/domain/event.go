package domain

import (
	"encoding/json"
	"fmt"
	"time"
)

// Event is a fact about a job, to be published once the state that it tells of is durable.
type Event struct {
	ID      string
	Type    string
	Key     string // job id
	Payload []byte
}

// Names of the facts.
const (
	EventSubmitted = "job_submitted"
	EventStarted   = "job_started"
	EventCompleted = "job_completed"
	EventFailed    = "job_failed"
	EventCancelled = "job_cancelled"
)

var eventOf = map[Status]string{
	Pending: EventSubmitted, Processing: EventStarted, Completed: EventCompleted, Failed: EventFailed, Cancelled: EventCancelled,
}

// Announce builds the fact that the job has come into its state. A job that went back to pending is announced as
// submitted again: for a worker that is the same hint.
func Announce(job Job, id string, now time.Time) (Event, error) {
	e := Event{ID: id, Type: eventOf[job.Status], Key: job.ID}
	body := map[string]any{
		"event_id": id, "event_type": e.Type, "job_id": job.ID, "user_id": job.Owner.ID, "timestamp": Stamp(now),
	}
	switch job.Status {
	case Pending:
		body["data"] = submittedData(job)
	case Processing:
		body["worker_id"], body["started_at"] = job.LeaseOwner, stamp(job.StartedAt)
		body["job_data"] = map[string]any{
			"original_filename": job.Filename, "file_size": job.Source.Size, "video_format": job.Format, "extraction_fps": job.Params.FPS,
		}
	case Completed:
		body["data"], body["metrics"] = completedData(job), metrics(job, now)
	case Failed:
		body["data"], body["error"] = endedData(job), job.ErrorMessage
	case Cancelled:
		body["data"] = endedData(job)
	}
	payload, err := json.Marshal(body)
	if err != nil {
		return Event{}, fmt.Errorf("encode event: %w", err)
	}
	e.Payload = payload
	return e, nil
}

func submittedData(j Job) map[string]any {
	return map[string]any{
		"job_id": j.ID, "user_id": j.Owner.ID, "original_filename": j.Filename, "file_size": j.Source.Size,
		"video_format": j.Format, "extraction_fps": j.Params.FPS, "status": j.Status, "created_at": Stamp(j.CreatedAt),
		"metadata": map[string]any{
			"extraction_config": j.Params, "video_info": j.Info, "estimated_frames": j.EstimatedFrames,
		},
	}
}

func completedData(j Job) map[string]any {
	data := map[string]any{
		"job_id": j.ID, "user_id": j.Owner.ID, "original_filename": j.Filename, "status": j.Status,
		"completed_at": stamp(j.CompletedAt), "processing_duration": processingSeconds(j),
	}
	if j.Result != nil {
		data["frame_count"], data["zip_file_path"], data["zip_file_size"] = j.Result.Frames, j.Result.Key, j.Result.Size
	}
	return data
}

func metrics(j Job, now time.Time) map[string]any {
	m := map[string]any{"processing_duration": processingSeconds(j), "worker_id": j.LeaseOwner, "timestamp": Stamp(now)}
	if j.Result != nil {
		m["frame_count"], m["zip_size_bytes"] = j.Result.Frames, j.Result.Size
	}
	return m
}

func endedData(j Job) map[string]any {
	return map[string]any{
		"job_id": j.ID, "user_id": j.Owner.ID, "original_filename": j.Filename, "status": j.Status,
		"error_code": j.ErrorCode, "error_message": j.ErrorMessage, "updated_at": Stamp(j.UpdatedAt), "retry_count": max(0, j.Attempt-1),
	}
}

func processingSeconds(j Job) *float64 {
	if j.StartedAt == nil || j.CompletedAt == nil {
		return nil
	}
	s := j.CompletedAt.Sub(*j.StartedAt).Seconds()
	return &s
}

// Stamp is a time as events and answers carry it: RFC 3339 in UTC.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func stamp(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := Stamp(*t)
	return &s
}
