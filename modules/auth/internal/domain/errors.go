package domain

import "github.com/fiapx/fiapx/platform/fault"

// What can go wrong, as the user is told. Codes are stable; clients branch on them.
var (
	ErrUserExists = fault.New(fault.Conflict, "auth.user_exists",
		"An account with this e-mail or username already exists; sign in, or register with others.")
	ErrUsernameTaken = fault.New(fault.Conflict, "auth.username_taken",
		"This username belongs to somebody else; choose another.")
	ErrUserNotFound = fault.New(fault.NotFound, "auth.user_not_found",
		"The account does not exist or has been deleted.")
	ErrInvalidCredentials = fault.New(fault.Unauthenticated, "auth.invalid_credentials",
		"Invalid e-mail/username or password; check both and try again.")
	ErrUserBlocked = fault.New(fault.Unauthenticated, "auth.user_blocked",
		"This account is blocked; ask the operator to unblock it.")
	ErrUserInactive = fault.New(fault.Unauthenticated, "auth.user_inactive",
		"This account is inactive; ask the operator to activate it.")
	ErrTokenMissing = fault.New(fault.Unauthenticated, "auth.token_missing",
		"No token was given; send it as \"Authorization: Bearer TOKEN\".")
	ErrTokenInvalid = fault.New(fault.Unauthenticated, "auth.token_invalid",
		"The token is not valid here; sign in again.")
	ErrTokenExpired = fault.New(fault.Unauthenticated, "auth.token_expired",
		"The token has expired; refresh it or sign in again.")
	ErrTokenRevoked = fault.New(fault.Unauthenticated, "auth.token_revoked",
		"The token has been revoked; sign in again.")
	ErrRefreshInvalid = fault.New(fault.Unauthenticated, "auth.refresh_invalid",
		"This is not a refresh token of ours; sign in again.")
	ErrRefreshReused = fault.New(fault.Unauthenticated, "auth.refresh_reused",
		"This refresh token was used before, so its session has been ended for safety; sign in again.")
	ErrNotYours = fault.New(fault.Forbidden, "auth.not_yours",
		"You may only see and change your own account; leave user_id out.")
	ErrPasswordWeak = fault.New(fault.Invalid, "auth.password_weak",
		"This password is too easy to guess; choose another.")
	ErrPasswordMismatch = fault.New(fault.Invalid, "auth.password_mismatch",
		"The confirmation differs from the new password; type the same one twice.")
	ErrCurrentPassword = fault.New(fault.Invalid, "auth.current_password",
		"The current password is not correct; check it and try again.")
	ErrKeyTooYoung = fault.New(fault.Conflict, "auth.key_too_young",
		"The next signing key was published too short a time ago for every server to know it; try again later, or replace all keys if one has leaked.")
	ErrTooManyAttempts = fault.New(fault.RateLimited, "auth.too_many_attempts",
		"Too many attempts; wait before you try again.")
)

// What an administrator may be told.
var (
	ErrNotAdmin  = fault.New(fault.Forbidden, "auth.role_missing", "Only an administrator may do this.")
	ErrBlockSelf = fault.New(fault.Conflict, "auth.block_self",
		"You cannot block your own account; another administrator or the command line can.")
)

// What can go wrong with API keys.
var (
	ErrKeyInvalid = fault.New(fault.Unauthenticated, "auth.key_invalid",
		"This API key is unknown, expired or revoked; create another one.")
	ErrNoSuchKey = fault.New(fault.NotFound, "auth.no_such_key",
		"You have no such API key; it may have been revoked already.")
	ErrTooManyKeys = fault.New(fault.Conflict, "auth.too_many_keys",
		"You have as many API keys as one account may have; revoke one that you no longer need.")
)

// ErrNoSuchSession is what its owner reads of a session that is over, somebody else's or none.
var ErrNoSuchSession = fault.New(fault.NotFound, "auth.no_such_session",
	"You have no such session; it may have ended already.")

// ErrSessionNotFound is for callers inside the module; users see ErrTokenInvalid.
var ErrSessionNotFound = fault.New(fault.Unauthenticated, "auth.session_unknown",
	"The session of this token is unknown; sign in again.")

// OnField returns a copy of f that points at a field of the request.
func OnField(f *fault.Error, path string) *fault.Error {
	c := *f
	c.Fields = []fault.Field{{Path: path, Code: f.Code, Message: f.Message}}
	return &c
}
