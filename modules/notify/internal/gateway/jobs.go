// Package gateway joins notify to videos: its jobs and its events.
package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fiapx/fiapx/modules/notify/internal/domain"
	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/bus"
)

// Jobs are those of videos.
type Jobs struct{ Notices videos.Notices }

// Notice describes a job as it stands.
func (j Jobs) Notice(ctx context.Context, jobID string) (domain.Notice, bool, error) {
	n, ok, err := j.Notices.Notice(ctx, jobID)
	if err != nil || !ok {
		return domain.Notice{}, false, err
	}
	return domain.Notice{
		JobID: n.JobID, Kind: kinds[n.Event], Email: n.Email, Name: n.Name, Language: n.Language, Wanted: n.Wanted, Filename: n.Filename,
		Frames: n.Frames, Size: n.Size, Took: n.Took, Partial: n.Partial, DamagedAt: n.DamagedAt, Truncated: n.Truncated, Reason: n.Reason,
	}, true, nil
}

// Ended lists jobs that ended, oldest first.
func (j Jobs) Ended(ctx context.Context, after time.Time, id string, n int) ([]domain.Ended, error) {
	found, err := j.Notices.Ended(ctx, after, id, n)
	ended := make([]domain.Ended, len(found))
	for i, e := range found {
		ended[i] = domain.Ended{JobID: e.JobID, Kind: kinds[e.Event], At: e.At}
	}
	return ended, err
}

var kinds = map[string]domain.Kind{videos.JobCompleted: domain.Completed, videos.JobFailed: domain.Failed}

// group shares the events among all processes that send mails.
const group = "notify"

// Listen hands the announced ends to heard until ctx ends.
func Listen(ctx context.Context, b bus.Consumer, heard func(ctx context.Context, jobID string, kind domain.Kind) error) error {
	return b.Consume(ctx, group, []string{videos.TopicJobs}, func(ctx context.Context, m bus.Message) error {
		var event struct {
			Type  string `json:"event_type"`
			JobID string `json:"job_id"`
		}
		if err := json.Unmarshal(m.Value, &event); err != nil {
			return fmt.Errorf("read job event: %w", err)
		}
		if kind, told := kinds[event.Type]; told {
			return heard(ctx, event.JobID, kind)
		}
		return nil
	})
}
