package authn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	accountsName  = "closed-accounts.json"
	maxAccounts   = 32 << 20 // bytes, some 900,000 accounts
	accountsLimit = 10 * time.Second
)

// ClosedAccounts is what an issuer publishes about accounts that were closed lately: AccountDigest of each.
type ClosedAccounts struct {
	Accounts []string `json:"accounts"`
}

// AccountDigest stands for an account in the list of closed ones, which anybody may read, without telling its id.
func AccountDigest(userID string) string {
	sum := sha256.Sum256([]byte("fiapx account\x00" + userID))
	return hex.EncodeToString(sum[:16])
}

// RemoteAccounts asks the issuer over HTTP which accounts are closed. It is safe for concurrent use.
type RemoteAccounts struct{ issuer issuer }

// NewRemoteAccounts reads the list that lies beside the issuer's key set at jwksURL. It fetches nothing yet.
func NewRemoteAccounts(jwksURL string, client *http.Client) (*RemoteAccounts, error) {
	i, err := newIssuer(jwksURL, client)
	if err != nil {
		return nil, err
	}
	return &RemoteAccounts{i}, nil
}

// Closed returns AccountDigest of each account that was closed lately. It gives up after ten seconds.
func (r *RemoteAccounts) Closed(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, accountsLimit)
	defer cancel()
	data, err := r.issuer.get(ctx, accountsName, maxAccounts)
	if err != nil {
		return nil, fmt.Errorf("ask for closed accounts: %w", err)
	}
	return readAccounts(data)
}

func readAccounts(data []byte) ([]string, error) {
	var list ClosedAccounts
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("read closed accounts: %w", err)
	}
	if list.Accounts == nil { // {} is somebody else's answer, not an empty list
		return nil, errors.New("the answer is not a list of closed accounts")
	}
	return list.Accounts, nil
}
