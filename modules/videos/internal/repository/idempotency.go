package repository

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

type keyRow struct {
	UserID      string `gorm:"primaryKey"`
	Key         string `gorm:"primaryKey"`
	Token       string
	LockedUntil time.Time
	Fingerprint string
	JobID       string
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
}

// TableName implements gorm's naming.
func (keyRow) TableName() string { return "idempotency_keys" }

// ReserveKey takes the key unless it has made a job or another request holds it. A request whose transaction is still on its way
// holds its row, so the one that comes after it waits here and then sees what became of it.
func (s *Store) ReserveKey(ctx context.Context, r domain.Reservation, lease time.Duration) (earlier domain.Earlier, err error) {
	err = s.change(ctx, func(tx *change) error {
		row := keyRow{UserID: r.UserID, Key: r.Key, Token: r.Token, LockedUntil: tx.now.Add(lease), CreatedAt: tx.now}
		res := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if res.Error != nil || res.RowsAffected == 1 {
			return res.Error
		}
		known, err := tx.key(r)
		if errors.Is(err, gorm.ErrRecordNotFound) { // freed in this very moment
			return domain.ErrKeyBusy.After(time.Second)
		}
		if err != nil {
			return err
		}
		old := known.CreatedAt.Add(domain.KeyLife).Before(tx.now)
		switch {
		case known.JobID != "" && !old:
			earlier = domain.Earlier{JobID: known.JobID, Fingerprint: known.Fingerprint}
			return nil
		case known.JobID == "" && known.LockedUntil.After(tx.now):
			return domain.ErrKeyBusy.After(max(time.Second, known.LockedUntil.Sub(tx.now)))
		}
		return tx.Save(&row).Error // forgotten by now, or left by a process that died
	})
	return earlier, err
}

func (tx *change) key(r domain.Reservation) (row keyRow, err error) {
	err = tx.store.locked(tx.Where("user_id = ? AND key = ?", r.UserID, r.Key)).Take(&row).Error
	return row, err
}

// held is the row of a reservation that has not been taken over and has made no job.
func (tx *change) held(r domain.Reservation) *gorm.DB {
	return tx.Model(&keyRow{}).Where("user_id = ? AND key = ? AND token = ? AND job_id = ''", r.UserID, r.Key, r.Token)
}

// RenewKey holds the key for longer.
func (s *Store) RenewKey(ctx context.Context, r domain.Reservation, lease time.Duration) error {
	return s.change(ctx, func(tx *change) error {
		return one(tx.held(r).Updates(map[string]any{"locked_until": tx.now.Add(lease)}))
	})
}

// FreeKey gives the key up.
func (s *Store) FreeKey(ctx context.Context, r domain.Reservation) error {
	return s.change(ctx, func(tx *change) error { return tx.held(r).Delete(&keyRow{}).Error })
}

// spend gives the key to the job, so that both are stored or none.
func (tx *change) spend(n domain.NewJob) error {
	if n.Key == nil {
		return nil
	}
	return one(tx.held(*n.Key).Updates(map[string]any{"job_id": n.Job.ID, "fingerprint": n.Fingerprint}))
}

// one is ErrKeyBusy unless exactly one row was written.
func one(res *gorm.DB) error {
	if res.Error == nil && res.RowsAffected != 1 {
		return domain.ErrKeyBusy.After(time.Second)
	}
	return res.Error
}

// forgetKeys removes keys that nobody is promised any more.
func (tx *change) forgetKeys() error {
	return tx.Where("created_at < ?", tx.now.Add(-domain.KeyLife)).Delete(&keyRow{}).Error // index idempotency_keys_old
}
