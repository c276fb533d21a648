package domain

import (
	"strconv"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// Action says what an entry of the audit log is about.
type Action string

// The actions. They are stable: people filter by them.
const (
	ActRegister      Action = "user.register"
	ActLogin         Action = "session.login"
	ActLogout        Action = "session.logout"
	ActSessionRevoke Action = "session.revoke"
	ActRefreshReuse  Action = "session.refresh_reuse"
	ActPassword      Action = "user.password"
	ActForgot        Action = "user.password_forgot"
	ActReset         Action = "user.password_reset"
	ActVerify        Action = "user.verify_email"
	ActKeyCreate     Action = "key.create"
	ActKeyRevoke     Action = "key.revoke"
	ActBlock         Action = "user.block"
	ActUnblock       Action = "user.unblock"
	ActRole          Action = "user.role"
	ActDelete        Action = "user.delete"
	ActImport        Action = "user.import"
)

// Outcome says how it went.
type Outcome string

// The outcomes.
const (
	Done      Outcome = "done"
	Refused   Outcome = "refused"
	Throttled Outcome = "throttled"
)

// Entry is one line of the audit log. It holds no secrets, and of a person only the id: e-mails and names have no place in it.
type Entry struct {
	ID      int64 // given by the log; it grows
	At      time.Time
	Action  Action
	Outcome Outcome
	Actor   string // id of the user who did it; empty is nobody known, or the operator at the command line
	Subject string // id of the user whose account it is about
	Object  string // id of the session or key
	Detail  string // a code
	From    Origin
}

// By returns a copy that names who did it.
func (e Entry) By(userID string) Entry {
	e.Actor = userID
	return e
}

// About returns a copy about a user and one of his things.
func (e Entry) About(userID, object string) Entry {
	e.Subject, e.Object = userID, object
	return e
}

// Because returns a copy with an outcome and the code of its reason.
func (e Entry) Because(o Outcome, detail string) Entry {
	e.Outcome, e.Detail = o, detail
	return e
}

// Trail asks for a part of the audit log, newest first.
type Trail struct {
	Subject string // whose account it is about; empty is everybody's
	Action  Action
	Outcome Outcome
	Since   *time.Time
	Until   *time.Time
	Before  int64 // entries with a smaller id; 0 begins at the newest
	Limit   int
}

// Pages are between one entry and a hundred.
const (
	DefaultPage = 50
	MaxPage     = 100
)

// ErrBadCursor says that a place in a list is none of ours.
var ErrBadCursor = fault.Fieldf("cursor", "invalid_cursor", "This is no next_cursor of an answer; leave it out to begin at the newest.")

// Cursor is where a list goes on after an entry.
func (e Entry) Cursor() string { return strconv.FormatInt(e.ID, 10) }

// ParseCursor is the inverse of Entry.Cursor; empty is the beginning.
func ParseCursor(s string) (before int64, err error) {
	if s == "" {
		return 0, nil
	}
	before, err = strconv.ParseInt(s, 10, 64)
	if err != nil || before <= 0 {
		return 0, ErrBadCursor
	}
	return before, nil
}
