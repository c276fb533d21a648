// Package auth is the module of accounts, sessions and tokens: registration, sign-in, refresh tokens that rotate, logout,
// one's own profile, and the public keys that let everybody else verify access tokens without asking. It knows no other
// module; what others need of a user travels in the token's claims.
//
// The database is the truth about sessions. What the cache holds (revocations for offline verifiers, counters of
// attempts) can be lost without harm: revocations are announced again, counters start anew.
package auth

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen --config oapi-codegen.yaml openapi.yaml
