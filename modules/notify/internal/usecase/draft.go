package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/notify/internal/domain"
)

// Drafts puts together what a mail says.
type Drafts struct{ Jobs Jobs }

// Draft describes the job of a delivery as it is now; ok is false when there is nothing to send any more: the job is gone or
// has ended differently since, or its owner does not want the mail.
func (uc Drafts) Draft(ctx context.Context, id string) (n domain.Notice, ok bool, err error) {
	jobID, kind, ours := domain.Parse(id)
	if !ours {
		return domain.Notice{}, false, nil
	}
	n, ok, err = uc.Jobs.Notice(ctx, jobID)
	return n, ok && n.Deliverable(kind), err
}
