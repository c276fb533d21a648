// Package authn verifies access tokens offline against a JWK set and puts the principal into the request context.
// In one process the set is auth's live one; in serve-api it is fetched and cached from the JWKS URL. It never issues tokens.
package authn

import "context"

// Principal is who makes a request, as the access token says it.
type Principal struct {
	UserID    string
	Email     string
	Username  string
	Roles     []string
	Scopes    []string // what the token may be used for
	SessionID string   // the family of refresh tokens this access token belongs to
	TokenID   string   // jti
}

type principalKey struct{}

// With returns a context that carries p.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// FromContext returns the principal put there by the middleware; ok is false on routes without authentication.
func FromContext(ctx context.Context) (p Principal, ok bool) {
	p, ok = ctx.Value(principalKey{}).(Principal)
	return p, ok
}
