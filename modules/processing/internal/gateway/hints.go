package gateway

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/fiapx/fiapx/modules/videos"
	"github.com/fiapx/fiapx/platform/bus"
)

// hintGroup shares the hints among all workers: whoever gets one claims, and a claim takes any job that is due.
const hintGroup = "video-processing-workers"

// Hinted is who can make use of hints.
type Hinted interface {
	Wake()
	Nudge(jobID string)
}

// What a message was, for the count.
const (
	hintUsed       = "used"
	hintNotNeeded  = "not_needed" // a fact that workers have no use for
	hintUnknown    = "unknown"    // of a newer version, or not ours
	hintUnreadable = "unreadable"
)

// Hints listens to what happens to jobs until ctx ends. A hint that goes to another worker, or nowhere, costs seconds at
// most: the worker polls for jobs, and asks about each running one every second. A message that cannot be used is passed over,
// so that none holds up those behind it; count is told what each one was.
func Hints(ctx context.Context, b bus.Consumer, to Hinted, count func(was string)) error {
	return b.Consume(ctx, hintGroup, []string{videos.TopicJobs}, func(_ context.Context, m bus.Message) error {
		was, err := hint(m.Value, to)
		count(was)
		return err
	})
}

func hint(value []byte, to Hinted) (was string, err error) {
	var event struct {
		Type  string `json:"event_type"`
		JobID string `json:"job_id"`
	}
	if err := json.Unmarshal(value, &event); err != nil {
		return hintUnreadable, fmt.Errorf("read job event: %w", err)
	}
	switch event.Type {
	case videos.JobSubmitted:
		to.Wake()
	case videos.JobCancelled:
		to.Nudge(event.JobID)
	case videos.JobStarted, videos.JobCompleted, videos.JobFailed:
		return hintNotNeeded, nil
	default:
		return hintUnknown, nil
	}
	return hintUsed, nil
}
