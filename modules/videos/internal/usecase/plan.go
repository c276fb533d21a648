package usecase

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Planner tells what an extraction would do; its errors are faults in the user's words, domain.ErrSourceGone among them.
type Planner interface {
	Plan(ctx context.Context, key string, p domain.Params) (domain.Plan, error)
}

// Plan plans an extraction of the video of a job that is already there.
type Plan struct {
	Store   JobFinder
	Planner Planner
	Gate    *Gate // a plan reads the whole index of a video in a process of its own
}

// Do plans with the parameters of the form; those that are absent are the job's own.
func (p *Plan) Do(ctx context.Context, userID, rawID string, form map[string]string) (domain.Plan, error) {
	job, err := find(ctx, p.Store, userID, rawID)
	if err != nil {
		return domain.Plan{}, err
	}
	params, err := domain.ParseParams(form, job.Params)
	if err != nil {
		return domain.Plan{}, err
	}
	if err := params.Within(job.Info); err != nil {
		return domain.Plan{}, err
	}
	if job.Source.RemovedAt != nil {
		return domain.Plan{}, domain.ErrSourceGone
	}
	leave, err := p.Gate.Enter(userID)
	if err != nil {
		return domain.Plan{}, domain.ErrPlanning.After(2 * time.Second).Because(err)
	}
	defer leave()
	plan, err := p.Planner.Plan(ctx, job.Source.Key, params)
	plan.JobID = job.ID
	return plan, err
}
