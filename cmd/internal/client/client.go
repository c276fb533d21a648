// Package client speaks the HTTP API for the command line: it keeps the session in the user's own configuration folder,
// renews it when needed, and turns problems back into faults of the kinds that the server had. It prints nothing.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// Raw is an answer as the server wrote it.
type Raw = json.RawMessage

// Client talks to one server. It is for one goroutine.
type Client struct {
	server  string // base URL of the jobs, without a slash at the end
	auth    string // base URL of the accounts; the same one unless the roles run apart
	http    *http.Client
	store   Store
	now     func() time.Time
	session *Session // nil until loaded
	token   string   // an API key or access token that stands in for a session; it is sent as it is and never kept
}

// Options say which server, and where its session is kept.
type Options struct {
	Server string // http://host:port; empty is the one of the last login, or this machine
	Auth   string // empty is Server, or what the last login to it used
	Token  string // an API key or access token to use instead of a session; empty is none
	Store  Store
	Now    func() time.Time
}

// DefaultServer is where fiapx all listens.
const DefaultServer = "http://localhost:8080"

// maxAnswer bounds what is read of an answer that is not a download.
const maxAnswer = 16 << 20

// New prepares a client and reads the session that is kept for the server.
func New(o Options) (*Client, error) {
	kept, err := o.Store.load()
	if err != nil {
		return nil, err
	}
	server, err := base(first(o.Server, kept.Current, DefaultServer))
	if err != nil {
		return nil, err
	}
	c := &Client{server: server, http: newHTTP(), store: o.Store, now: o.Now, session: kept.Servers[server], token: o.Token}
	remembered := ""
	if c.session != nil {
		remembered = c.session.Auth
	}
	c.auth, err = base(first(o.Auth, remembered, server))
	return c, err
}

// Server is the base URL that the client talks to.
func (c *Client) Server() string { return c.server }

// newHTTP has no overall limit, since uploads and downloads take as long as they take; silence is limited instead.
func newHTTP() *http.Client {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 2 * time.Minute,
		ForceAttemptHTTP2:     true,
	}
	return &http.Client{Transport: transport}
}

func base(address string) (string, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fault.New(fault.Invalid, "client.bad_server", fmt.Sprintf("%q is no address of a server; write it like https://frames.example.com.", address))
	}
	return strings.TrimRight(u.Scheme+"://"+u.Host+u.Path, "/"), nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// request is one call.
type request struct {
	method string
	url    string
	header http.Header
	body   func() (io.Reader, string, error) // anew for each try, with its content type; nil is none
	open   bool                              // needs no session
}

// send makes the call, with a fresh token, and once more when the server does not like the token all the same. Any
// answer that is no success becomes a fault. The caller closes the body.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	if !r.open {
		if err := c.freshen(ctx); err != nil {
			return nil, err
		}
	}
	answer, err := c.try(ctx, r)
	if err != nil || answer.StatusCode != http.StatusUnauthorized || r.open || c.token != "" {
		return accept(answer, err)
	}
	_, refused := accept(answer, nil)
	if err := c.refresh(ctx); err != nil {
		return nil, errors.Join(err, refused)
	}
	return accept(c.try(ctx, r))
}

func (c *Client) try(ctx context.Context, r request) (*http.Response, error) {
	var body io.Reader
	contentType := ""
	if r.body != nil {
		var err error
		if body, contentType, err = r.body(); err != nil {
			return nil, err
		}
	}
	q, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.header {
		q.Header[name] = values
	}
	if contentType != "" {
		q.Header.Set("Content-Type", contentType)
	}
	if access := c.access(); !r.open && access != "" {
		q.Header.Set("Authorization", "Bearer "+access)
	}
	answer, err := c.http.Do(q)
	if err != nil {
		return nil, c.unreachable(ctx, r.url, err)
	}
	return answer, nil
}

// access is what a call is authorized with.
func (c *Client) access() string {
	if c.token != "" || c.session == nil {
		return c.token
	}
	return c.session.Access
}

func (c *Client) unreachable(ctx context.Context, address string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var f *fault.Error
	if errors.As(err, &f) { // what the body had to say, such as a file that cannot be read
		return f
	}
	u, parseErr := url.Parse(address)
	if parseErr == nil {
		address = u.Scheme + "://" + u.Host
	}
	return fault.New(fault.Unavailable, "client.unreachable",
		fmt.Sprintf("The server at %s cannot be reached; check that it runs, and the address given with --server.", address)).Because(err)
}

// call makes the call and decodes the answer into out, unless that is nil.
func (c *Client) call(ctx context.Context, r request, out any) (Raw, error) {
	answer, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, c.unreachable(ctx, r.url, err)
	}
	if out == nil {
		return raw, nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fault.New(fault.Unavailable, "client.not_fiapx",
			fmt.Sprintf("What answers at %s is not a fiapx server; check the address given with --server.", r.url)).Because(err)
	}
	return raw, nil
}

// jsonBody is the body of a call.
func jsonBody(v any) func() (io.Reader, string, error) {
	return func() (io.Reader, string, error) {
		text, err := json.Marshal(v)
		return bytes.NewReader(text), "application/json", err
	}
}
