package usecase

import (
	"context"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// PreferenceStore keeps what users have set.
type PreferenceStore interface {
	// Preferences returns the stored ones, empty when there are none.
	Preferences(ctx context.Context, userID string) (domain.Preferences, error)
	// ChangePreferences replaces the stored ones by change of them, with no other change in between.
	ChangePreferences(ctx context.Context, userID string, change func(domain.Preferences) (domain.Preferences, error)) error
}

// Preferences reads and changes a user's settings.
type Preferences struct{ Store PreferenceStore }

// Do returns the settings with the defaults filled in.
func (p *Preferences) Do(ctx context.Context, userID string) (domain.Preferences, error) {
	stored, err := p.Store.Preferences(ctx, userID)
	if err != nil {
		return nil, err
	}
	return stored.WithDefaults(), nil
}

// Change merges patch into the settings. Faults of kind Unprocessable name the wrong keys;
// domain.ErrPreferencesTooLarge.
func (p *Preferences) Change(ctx context.Context, userID string, patch domain.Preferences) error {
	if err := patch.Validate(); err != nil {
		return err
	}
	return p.Store.ChangePreferences(ctx, userID, func(stored domain.Preferences) (domain.Preferences, error) {
		merged := stored.Merge(patch)
		_, err := merged.Encode()
		return merged, err
	})
}
