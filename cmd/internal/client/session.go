package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// ErrNotLoggedIn says that there is no session for the server.
var ErrNotLoggedIn = fault.New(fault.Unauthenticated, "client.not_logged_in", "You are not logged in; run 'fiapx login' first.")

// margin is how long before its end a token is renewed, so that it does not run out on the way.
const margin = 30 * time.Second

// Account is what a registration asks for.
type Account struct {
	Email     string `json:"email"`
	Username  string `json:"username"`
	Password  string `json:"password"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// Register makes an account; it does not log in.
func (c *Client) Register(ctx context.Context, a Account) (Raw, error) {
	return c.call(ctx, request{method: http.MethodPost, url: c.auth + "/auth/register", body: jsonBody(a), open: true}, nil)
}

// Login opens a session and keeps it.
func (c *Client) Login(ctx context.Context, identifier, password string, remember bool) (username string, err error) {
	var answer tokens
	_, err = c.call(ctx, request{
		method: http.MethodPost, url: c.auth + "/auth/login", open: true,
		body: jsonBody(map[string]any{"identifier": identifier, "password": password, "remember_me": remember}),
	}, &answer)
	if err != nil {
		return "", err
	}
	return answer.Data.User.Username, c.keep(answer, answer.Data.User.Username)
}

// tokens is the answer of login and refresh.
type tokens struct {
	Data struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Expires int64  `json:"expires_in"`
		User    struct {
			Username string `json:"username"`
		} `json:"user"`
	} `json:"data"`
}

func (c *Client) keep(t tokens, username string) error {
	c.session = &Session{
		Auth: c.auth, Username: username, Access: t.Data.Access, Refresh: t.Data.Refresh,
		Expires: c.now().Add(time.Duration(t.Data.Expires) * time.Second),
	}
	return c.store.put(c.server, c.session)
}

// Logout ends the session on the server, or all of the user's, and forgets it here. A server that cannot be reached does
// not keep us from forgetting.
func (c *Client) Logout(ctx context.Context, all bool) error {
	if c.session == nil {
		return ErrNotLoggedIn
	}
	_, err := c.call(ctx, request{
		method: http.MethodPost, url: c.auth + "/auth/logout", open: !all, body: jsonBody(map[string]any{"revoke_all": all}),
		header: http.Header{"Authorization": {"Bearer " + c.session.Refresh}},
	}, nil)
	c.session = nil
	return errors.Join(err, c.store.put(c.server, nil))
}

// CloseAccount closes the user's account for good and forgets the session here.
func (c *Client) CloseAccount(ctx context.Context, password string) (Raw, error) {
	raw, err := c.call(ctx, request{
		method: http.MethodPost, url: c.auth + "/users/close-account", body: jsonBody(map[string]any{"current_password": password}),
	}, nil)
	if err != nil {
		return nil, err
	}
	c.session = nil
	return raw, c.store.put(c.server, nil)
}

// freshen makes sure that there is a token, and that it lives for a while.
func (c *Client) freshen(ctx context.Context) error {
	if c.token != "" {
		return nil
	}
	if c.session == nil {
		return ErrNotLoggedIn.Sayf("You are not logged in to %s; run 'fiapx login' first.", c.server)
	}
	if c.now().Add(margin).Before(c.session.Expires) {
		return nil
	}
	return c.refresh(ctx)
}

// refresh exchanges the refresh token. The new one is kept before it is used, because the old one is spent.
func (c *Client) refresh(ctx context.Context) error {
	if err := c.reload(); err != nil {
		return err
	}
	var answer tokens
	_, err := c.call(ctx, request{
		method: http.MethodPost, url: c.auth + "/auth/refresh", open: true,
		body: jsonBody(map[string]any{"refresh_token": c.session.Refresh}),
	}, &answer)
	if fault.KindOf(err) == fault.Unauthenticated {
		return ErrNotLoggedIn.Sayf("Your session at %s has ended; run 'fiapx login' again.", c.server).Because(err)
	}
	if err != nil {
		return err
	}
	return c.keep(answer, c.session.Username)
}

// reload takes the refresh token from the file, where another command may have put a newer one.
func (c *Client) reload() error {
	k, err := c.store.load()
	if err != nil {
		return err
	}
	if newer := k.Servers[c.server]; newer != nil {
		c.session = newer
	}
	return nil
}
