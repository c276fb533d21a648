package domain

import (
	"slices"
	"strings"

	"github.com/fiapx/fiapx/platform/fault"
)

// Scope is a part of what a user may do; access tokens carry those that they are good for.
type Scope string

// The scopes. AccountWrite comes with a sign-in alone: no key can change the password, make another key or close the account.
const (
	VideosRead   Scope = "videos:read"
	VideosWrite  Scope = "videos:write"
	AccountRead  Scope = "account:read"
	AccountWrite Scope = "account:write"
	Admin        Scope = "admin"
)

// grantable are the scopes that a key can have; Admin is for keys of administrators.
var grantable = []Scope{VideosRead, VideosWrite, AccountRead, Admin}

// ParseScopes reads the scopes for a key of the user.
func ParseScopes(words []string, user User) ([]Scope, error) {
	var scopes []Scope
	for _, word := range words {
		s := Scope(word)
		if !slices.Contains(grantable, s) {
			return nil, fault.Fieldf("scopes", "unknown_scope", "A key can have the scopes videos:read, videos:write, account:read and, of an administrator, admin.")
		}
		if s == Admin && user.Role != RoleAdmin {
			return nil, fault.Fieldf("scopes", "not_yours", "Only keys of administrators can have the scope admin.")
		}
		scopes = append(scopes, s)
	}
	if len(scopes) == 0 {
		return nil, fault.Fieldf("scopes", "required", "Name what the key is for: one or more of videos:read, videos:write and account:read.")
	}
	slices.Sort(scopes)
	return slices.Compact(scopes), nil
}

// SessionScopes are those of somebody who signed in: all.
func SessionScopes(user User) []Scope {
	scopes := []Scope{AccountRead, AccountWrite, VideosRead, VideosWrite}
	if user.Role == RoleAdmin {
		scopes = append(scopes, Admin)
	}
	return scopes
}

// KeyScopes are those of a key of the user now. What was taken from the user since is taken from the key.
func KeyScopes(key APIKey, user User) []Scope {
	all := SessionScopes(user)
	return slices.DeleteFunc(slices.Clone(key.Scopes), func(s Scope) bool { return !slices.Contains(all, s) })
}

// JoinScopes writes scopes as tokens and tables hold them.
func JoinScopes(scopes []Scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, " ")
}

// SplitScopes is the inverse of JoinScopes.
func SplitScopes(s string) []Scope {
	var scopes []Scope
	for _, word := range strings.Fields(s) {
		scopes = append(scopes, Scope(word))
	}
	return scopes
}
