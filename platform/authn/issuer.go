package authn

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// issuer is auth over HTTP, for processes that know it by the address of its key set alone.
type issuer struct {
	keySet *url.URL
	client http.Client
}

// newIssuer connects to nothing yet. client says how; redirects are not followed, whatever it thinks of them: they would
// carry an API key, or our trust, to somebody else.
func newIssuer(jwksURL string, client *http.Client) (issuer, error) {
	u, err := url.Parse(jwksURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return issuer{}, fmt.Errorf("address of the key set %q is not a URL like http://auth:8080/.well-known/jwks.json", jwksURL)
	}
	i := issuer{keySet: u, client: *client}
	i.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return i, nil
}

// at is the address of what lies at path, relative to the key set; empty is the key set itself.
func (i issuer) at(path string) string {
	return i.keySet.ResolveReference(&url.URL{Path: path}).String()
}

// get reads what lies at path, which must not be longer than limit bytes.
func (i issuer) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, i.at(path), http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := i.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer answered %s", res.Status)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read the issuer's answer: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("the issuer's answer is over %d bytes", limit)
	}
	return data, nil
}
