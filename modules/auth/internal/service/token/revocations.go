package token

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/platform/authn"
)

// Revocations answers verifiers from what knows about sessions at first hand.
type Revocations struct {
	// Over says whether a session has ended.
	Over func(ctx context.Context, sessionID string) (bool, error)
}

var _ authn.Revocations = Revocations{}

// IsRevoked implements authn.Revocations. Tokens end with their session and never alone.
func (r Revocations) IsRevoked(ctx context.Context, p authn.Principal, _ time.Time) (bool, error) {
	return r.Over(ctx, p.SessionID)
}
