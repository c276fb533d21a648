package authn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

const (
	exchangeWait = 5 * time.Second
	maxExchange  = 64 << 10        // bytes of an answer
	exchangePath = "../auth/token" // from the key set, which is below .well-known
)

// RemoteExchange has the issuer make access tokens of API keys, over HTTP. It is safe for concurrent use.
type RemoteExchange struct{ issuer issuer }

var _ Exchanger = (*RemoteExchange)(nil)

// NewRemoteExchange asks the issuer whose key set is at jwksURL. It connects to nothing yet.
func NewRemoteExchange(jwksURL string, client *http.Client) (*RemoteExchange, error) {
	i, err := newIssuer(jwksURL, client)
	if err != nil {
		return nil, err
	}
	return &RemoteExchange{i}, nil
}

// Exchange implements Exchanger.
func (e *RemoteExchange) Exchange(ctx context.Context, key string) (string, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, exchangeWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.issuer.at(exchangePath), http.NoBody)
	if err != nil {
		return "", 0, ErrUnavailable.Because(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	res, err := e.issuer.client.Do(r)
	if err != nil {
		return "", 0, ErrUnavailable.Because(err)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
		return readExchange(res.Body)
	case http.StatusUnauthorized, http.StatusForbidden:
		return "", 0, ErrKey
	case http.StatusTooManyRequests:
		return "", 0, tooOften(res.Header.Get("Retry-After"))
	}
	return "", 0, ErrUnavailable.Because(fmt.Errorf("exchange of an API key: the issuer answered %s", res.Status))
}

func readExchange(body io.Reader) (string, time.Duration, error) {
	var answer struct {
		Data struct {
			Token   string `json:"access_token"`
			Seconds int64  `json:"expires_in"`
		} `json:"data"`
	}
	data, err := io.ReadAll(io.LimitReader(body, maxExchange))
	if err == nil {
		err = json.Unmarshal(data, &answer)
	}
	if err == nil && (answer.Data.Token == "" || answer.Data.Seconds <= 0) {
		err = errors.New("the answer holds no token")
	}
	if err != nil {
		return "", 0, ErrUnavailable.Because(fmt.Errorf("exchange of an API key: %w", err))
	}
	return answer.Data.Token, time.Duration(answer.Data.Seconds) * time.Second, nil
}

// errTooOften is what the issuer's own refusal reads like.
var errTooOften = fault.New(fault.RateLimited, "auth.too_many_attempts", "Too many attempts; wait before you try again.")

func tooOften(retryAfter string) error {
	seconds, err := strconv.Atoi(retryAfter)
	if err != nil {
		seconds = 1
	}
	return errTooOften.After(time.Duration(seconds) * time.Second)
}
