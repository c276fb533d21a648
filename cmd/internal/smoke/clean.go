package smoke

import (
	"context"

	"github.com/fiapx/fiapx/platform/fault"
)

// clean removes what was made, whatever happened before.
func (r *run) clean(ctx context.Context) error {
	var err error
	if r.job != "" {
		err = r.step(ctx, "delete job", r.deleteJob)
	}
	if r.made {
		err = both(err, r.step(ctx, "close account", r.closeAccount))
	}
	return err
}

// deleteJob stops the job first when it still waits or runs. One that ended meanwhile cannot be cancelled, which is as good.
func (r *run) deleteJob(ctx context.Context) error {
	if !r.ended {
		if _, err := r.Client.Cancel(ctx, r.job); err != nil && fault.KindOf(err) != fault.Conflict {
			return left(err, "the job "+r.job)
		}
	}
	_, err := r.Client.Delete(ctx, r.job, false)
	return left(err, "the job "+r.job)
}

// closeAccount opens a session when the run did not come that far.
func (r *run) closeAccount(ctx context.Context) error {
	if !r.in {
		if err := r.login(ctx); err != nil {
			return left(err, "the account "+r.Account.Username)
		}
	}
	_, err := r.Client.CloseAccount(ctx, r.Account.Password)
	return left(err, "the account "+r.Account.Username)
}

// left says what stays behind.
func left(err error, what string) error {
	if err == nil {
		return nil
	}
	f := spoken(err)
	return f.Sayf("%s (%s is left behind)", f.Message, what).Because(err)
}
