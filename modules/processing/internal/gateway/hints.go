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

// Hints listens to what happens to jobs until ctx ends. A hint that goes to another worker, or nowhere, costs seconds at
// most: the worker polls for jobs, and asks about each running one every second.
func Hints(ctx context.Context, b bus.Consumer, to Hinted) error {
	return b.Consume(ctx, hintGroup, []string{videos.TopicJobs}, func(_ context.Context, m bus.Message) error {
		var event struct {
			Type  string `json:"event_type"`
			JobID string `json:"job_id"`
		}
		if err := json.Unmarshal(m.Value, &event); err != nil {
			return fmt.Errorf("read job event: %w", err)
		}
		switch event.Type {
		case videos.JobSubmitted:
			to.Wake()
		case videos.JobCancelled:
			to.Nudge(event.JobID)
		}
		return nil
	})
}
