package authn

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
type RemoteAccounts struct {
	url    string
	client http.Client
}

// NewRemoteAccounts reads the list that lies beside the issuer's key set at jwksURL. It fetches nothing yet.
func NewRemoteAccounts(jwksURL string, client *http.Client) (*RemoteAccounts, error) {
	u, err := url.Parse(jwksURL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("address of the key set %q is not a URL", jwksURL)
	}
	r := &RemoteAccounts{url: u.ResolveReference(&url.URL{Path: accountsName}).String(), client: *client}
	r.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return r, nil
}

// Closed returns AccountDigest of each account that was closed lately. It gives up after ten seconds.
func (r *RemoteAccounts) Closed(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, accountsLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := r.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asked for closed accounts, the issuer answered %s", answer.Status)
	}
	return readAccounts(answer.Body)
}

func readAccounts(body io.Reader) ([]string, error) {
	var list ClosedAccounts
	if err := json.NewDecoder(io.LimitReader(body, maxAccounts)).Decode(&list); err != nil {
		return nil, fmt.Errorf("read closed accounts: %w", err)
	}
	if list.Accounts == nil { // {} is somebody else's answer, not an empty list
		return nil, errors.New("the answer is not a list of closed accounts")
	}
	return list.Accounts, nil
}
