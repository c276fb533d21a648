package repository

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
)

type auditRow struct {
	ID        int64 `gorm:"primaryKey"`
	At        time.Time
	Action    string
	Outcome   string
	ActorID   string
	SubjectID string
	ObjectID  string
	Detail    string
	Address   string
	Agent     string
}

func (auditRow) TableName() string { return "audit_log" }

func fromEntry(e domain.Entry) auditRow {
	return auditRow{
		At: e.At.UTC(), Action: string(e.Action), Outcome: string(e.Outcome), ActorID: e.Actor, SubjectID: e.Subject,
		ObjectID: e.Object, Detail: e.Detail, Address: e.From.Address, Agent: e.From.Agent,
	}
}

func (r auditRow) entry() domain.Entry {
	return domain.Entry{
		ID: r.ID, At: r.At.UTC(), Action: domain.Action(r.Action), Outcome: domain.Outcome(r.Outcome), Actor: r.ActorID,
		Subject: r.SubjectID, Object: r.ObjectID, Detail: r.Detail, From: domain.Origin{Address: r.Address, Agent: r.Agent},
	}
}

// record writes an entry in the transaction of the change that it tells of: both are there or neither is.
func record(tx *gorm.DB, e domain.Entry) error {
	row := fromEntry(e)
	return tx.Create(&row).Error
}

// Record writes an entry by itself.
func (s *Store) Record(ctx context.Context, e domain.Entry) error {
	return wrap("write to the audit log", record(s.with(ctx), e))
}

// Trail reads entries by the indexes audit_log_subject, audit_log_action or the primary key.
func (s *Store) Trail(ctx context.Context, t domain.Trail) ([]domain.Entry, error) {
	query := s.with(ctx).Order("id DESC").Limit(t.Limit)
	if t.Subject != "" {
		query = query.Where("subject_id = ?", t.Subject)
	}
	if t.Action != "" {
		query = query.Where("action = ?", t.Action)
	}
	if t.Outcome != "" {
		query = query.Where("outcome = ?", t.Outcome)
	}
	if t.Since != nil {
		query = query.Where("at >= ?", t.Since.UTC())
	}
	if t.Until != nil {
		query = query.Where("at < ?", t.Until.UTC())
	}
	if t.Before > 0 {
		query = query.Where("id < ?", t.Before)
	}
	var rows []auditRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, wrap("read the audit log", err)
	}
	entries := make([]domain.Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.entry()
	}
	return entries, nil
}

// ForgetEntries removes a batch of entries from before then. The table refuses this for entries younger than 719 hours.
func (s *Store) ForgetEntries(ctx context.Context, before time.Time, limit int) (int, error) {
	done := s.with(ctx).Exec(`DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE at < ? ORDER BY at LIMIT ?)`,
		before.UTC(), limit) // index audit_log_at
	return int(done.RowsAffected), wrap("shorten the audit log", done.Error)
}
