// Package repository reads the tables of the original.
package repository

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"github.com/fiapx/fiapx/modules/importer/internal/domain"
	"github.com/fiapx/fiapx/platform/database"
)

// Origin is the two databases of the original. It only reads; every transaction says so to the server.
type Origin struct{ Auth, Videos *database.DB }

// page is how many rows are asked for at once: the rows are small, the tables may not be.
const (
	page    = 500
	firstID = "00000000-0000-0000-0000-000000000000" // a row may have it
)

// What follows makes a row readable whatever is in it: ids as text, times of this era only, numbers finite.
const accounts = `SELECT id::text, email, username, password_hash, first_name, last_name, status::text,
	CASE WHEN created_at BETWEEN '1970-01-01' AND '9999-12-31' THEN created_at END AS created_at,
	CASE WHEN updated_at BETWEEN '1970-01-01' AND '9999-12-31' THEN updated_at END AS updated_at,
	CASE WHEN last_login BETWEEN '1970-01-01' AND '9999-12-31' THEN last_login END AS last_login
	FROM users WHERE id >= ?::uuid AND id IS DISTINCT FROM ?::uuid ORDER BY id LIMIT ?`

const jobs = `SELECT id::text, user_id, original_filename AS filename, file_path, COALESCE(zip_file_path, '') AS zip_path,
	video_format AS format, status, LEFT(COALESCE(error_message, ''), 4000) AS error,
	COALESCE(file_size, 0) AS file_size, zip_file_size AS zip_size, COALESCE(frame_count, 0) AS frames,
	CASE WHEN duration BETWEEN 0 AND 1e9 THEN duration ELSE 0 END AS duration,
	CASE WHEN frame_rate BETWEEN 0 AND 1e9 THEN frame_rate ELSE 0 END AS frame_rate,
	CASE WHEN extraction_fps BETWEEN -1e9 AND 1e9 THEN extraction_fps ELSE 0 END AS fps,
	CASE WHEN created_at BETWEEN '1970-01-01' AND '9999-12-31' THEN created_at END AS created_at,
	CASE WHEN updated_at BETWEEN '1970-01-01' AND '9999-12-31' THEN updated_at END AS updated_at,
	CASE WHEN processing_started_at BETWEEN '1970-01-01' AND '9999-12-31' THEN processing_started_at END AS started_at,
	CASE WHEN processing_completed_at BETWEEN '1970-01-01' AND '9999-12-31' THEN processing_completed_at END AS ended_at,
	CASE WHEN OCTET_LENGTH(job_metadata::text) <= ? THEN job_metadata::text ELSE '' END AS metadata,
	COALESCE(OCTET_LENGTH(job_metadata::text), 0) AS metadata_size
	FROM video_jobs WHERE id >= ?::uuid AND id IS DISTINCT FROM ?::uuid ORDER BY id LIMIT ?`

// Accounts visits all users by id. The error of visit ends it.
func (o Origin) Accounts(ctx context.Context, visit func(domain.Account) error) error {
	err := pages(ctx, o.Auth, accounts, nil, func(a domain.Account) (string, error) { return a.ID, visit(a) })
	return said("users", err)
}

// Jobs visits all jobs by id. The error of visit ends it.
func (o Origin) Jobs(ctx context.Context, visit func(domain.Job) error) error {
	err := pages(ctx, o.Videos, jobs, []any{domain.MaxMetadata}, func(j domain.Job) (string, error) { return j.ID, visit(j) })
	return said("video_jobs", err)
}

// stop carries the error of a visitor past the description of errors of the database.
type stop struct{ error }

// pages asks for one page after the other, each in a transaction of its own, so that a copy of gigabytes in between holds
// no snapshot open.
func pages[T any](ctx context.Context, db *database.DB, query string, args []any, visit func(T) (id string, err error)) error {
	var seen *string // the last row that was visited
	for after := firstID; ; {
		var rows []T
		err := db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			return tx.Raw(query, append(append([]any{}, args...), after, seen, page)...).Scan(&rows).Error
		}, &sql.TxOptions{ReadOnly: true})
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			if after, err = visit(row); err != nil {
				return stop{err}
			}
			seen = new(after)
		}
	}
}

func said(table string, err error) error {
	var visitor stop
	if err == nil || errors.As(err, &visitor) && visitor.error != nil {
		return visitor.error
	}
	return fmt.Errorf("read the table %s of the original; check that the URL names its database and a role that may read it: %w", table, err)
}
