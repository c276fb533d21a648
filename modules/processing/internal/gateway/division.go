package gateway

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/modules/videos"
)

// Fleet is part of usecase.Divider.
func (q Queue) Fleet(ctx context.Context) (workers, slots int, err error) { return q.Jobs.Fleet(ctx) }

// Divide is part of usecase.Divider.
func (q Queue) Divide(ctx context.Context, l domain.Lease, stretches []domain.Stretch) error {
	parts := make([]videos.Stretch, len(stretches))
	for i, s := range stretches {
		parts[i] = videos.Stretch(s)
	}
	return lost(q.Jobs.Divide(ctx, videos.Lease(l), parts))
}

// Undivide is part of usecase.Divider.
func (q Queue) Undivide(ctx context.Context, l domain.Lease) error {
	return lost(q.Jobs.Undivide(ctx, videos.Lease(l)))
}

// Segments is part of usecase.Divider.
func (q Queue) Segments(ctx context.Context, jobID string) ([]domain.Segment, error) {
	segments, err := q.Jobs.Segments(ctx, jobID)
	if err != nil {
		return nil, err
	}
	out := make([]domain.Segment, len(segments))
	for i, s := range segments {
		out[i] = domain.Segment{
			Stretch: domain.Stretch(s.Stretch), Done: s.Done, Dropped: s.Dropped, Key: s.Key, Frames: s.Frames, Rate: s.Rate,
		}
	}
	return out, nil
}

// ClaimSegment is part of usecase.Divider.
func (q Queue) ClaimSegment(ctx context.Context, lead domain.Lease) (domain.Claim, bool, error) {
	asked := time.Now()
	c, ok, err := q.Jobs.ClaimSegment(ctx, videos.Lease(lead))
	if err != nil || !ok {
		return domain.Claim{}, false, lost(err)
	}
	claim := q.toClaim(c)
	claim.Asked = asked
	return claim, true, nil
}
