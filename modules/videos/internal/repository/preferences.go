package repository

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Preferences returns what the user has stored, empty when nothing.
func (s *Store) Preferences(ctx context.Context, userID string) (domain.Preferences, error) {
	var row preferencesRow
	err := s.db.WithContext(ctx).Where("user_id = ?", userID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Preferences{}, nil
	}
	if err != nil {
		return nil, err
	}
	return toPreferences(row)
}

func toPreferences(row preferencesRow) (domain.Preferences, error) {
	// Numbers keep their digits: unknown keys are returned exactly as they came.
	dec := json.NewDecoder(bytes.NewReader([]byte(row.Preferences)))
	dec.UseNumber()
	p := domain.Preferences{}
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("decode preferences of user %s: %w", row.UserID, err)
	}
	return p, nil
}

// ChangePreferences replaces what is stored by change of it. The row is made first, so that there is one to lock and
// two first changes at once cannot lose one.
func (s *Store) ChangePreferences(ctx context.Context, userID string, edit func(domain.Preferences) (domain.Preferences, error)) error {
	return s.change(ctx, func(tx *change) error {
		row := preferencesRow{UserID: userID, Preferences: "{}", UpdatedAt: tx.now}
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
			return err
		}
		if err := s.locked(tx.DB).Where("user_id = ?", userID).Take(&row).Error; err != nil {
			return err
		}
		stored, err := toPreferences(row)
		if err != nil {
			return err
		}
		if stored, err = edit(stored); err != nil {
			return err
		}
		raw, err := stored.Encode()
		if err != nil {
			return err
		}
		return tx.Model(&preferencesRow{}).Where("user_id = ?", userID).
			Updates(map[string]any{"preferences": string(raw), "updated_at": tx.now}).Error
	})
}
