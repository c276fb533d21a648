package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

const keysPath = "/auth/api-keys"

// NewKey is a request for an API key.
type NewKey struct {
	Name     string     `json:"name"`
	Scopes   []string   `json:"scopes"`
	Expires  *time.Time `json:"expires_at,omitempty"`
	Password string     `json:"current_password"`
}

// Key is a line of the list of keys.
type Key struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Hint     string     `json:"hint"`
	Scopes   []string   `json:"scopes"`
	Created  time.Time  `json:"created_at"`
	Expires  *time.Time `json:"expires_at"`
	LastUsed *time.Time `json:"last_used_at"`
}

// CreateKey makes a key. This is the only time that the server tells it.
func (c *Client) CreateKey(ctx context.Context, k NewKey) (key string, raw Raw, err error) {
	var answer struct {
		Data struct {
			Key string `json:"key"`
		} `json:"data"`
	}
	raw, err = c.call(ctx, request{method: http.MethodPost, url: c.auth + keysPath, body: jsonBody(k)}, &answer)
	return answer.Data.Key, raw, err
}

// Keys lists the keys of the user, the newest first.
func (c *Client) Keys(ctx context.Context) (keys []Key, raw Raw, err error) {
	var answer struct {
		Data struct {
			Keys []Key `json:"api_keys"`
		} `json:"data"`
	}
	raw, err = c.call(ctx, request{method: http.MethodGet, url: c.auth + keysPath}, &answer)
	return answer.Data.Keys, raw, err
}

// RevokeKey ends a key.
func (c *Client) RevokeKey(ctx context.Context, id string) (Raw, error) {
	return c.call(ctx, request{method: http.MethodDelete, url: c.auth + keysPath + "/" + url.PathEscape(id)}, nil)
}
