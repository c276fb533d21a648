package domain

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/fiapx/fiapx/platform/fault"
)

// Why an account of another installation cannot come here. The messages name no address: they end in reports.
var (
	ErrAdoptID       = fault.New(fault.Invalid, "auth.adopt_id", "The id is no UUID.")
	ErrAdoptEmail    = fault.New(fault.Invalid, "auth.adopt_email", "The e-mail address is empty, too long, or not of the form name@host; correct it at its origin.")
	ErrAdoptUsername = fault.New(fault.Invalid, "auth.adopt_username", "The username is empty, longer than 50 characters, or has an @, a space or a control character; correct it at its origin.")
	ErrAdoptHash     = fault.New(fault.Invalid, "auth.adopt_hash", "The password hash is neither bcrypt of a bearable cost (14 at most) nor argon2id, so nobody could sign in with it.")
	ErrAdoptStatus   = fault.New(fault.Invalid, "auth.adopt_status", "The status is none of active, inactive and blocked; correct it at its origin.")
	ErrAdoptTime     = fault.New(fault.Invalid, "auth.adopt_time", "The time of creation is missing or out of range; correct it at its origin.")
	ErrAdoptTaken    = fault.New(fault.Conflict, "auth.adopt_taken", "Another account here has this e-mail address or username already.")
)

var uuidShape = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

const (
	maxAdoptedEmail    = 255
	maxAdoptedUsername = 50
)

// Adopted is an account as another installation kept it. Its rules were others, so it may have a username that could not
// be registered here; what would break signing in is refused all the same.
type Adopted struct {
	ID, Email, Username, PasswordHash, FirstName, LastName, Status string
	CreatedAt, UpdatedAt                                           time.Time
	LastLogin                                                      *time.Time
}

// User is the account as it is kept here: with its id, its hash and its times.
func (a Adopted) User() (User, error) {
	id, email, name := strings.ToLower(a.ID), Fold(a.Email), strings.TrimSpace(a.Username)
	status := Status(Fold(a.Status))
	if a.UpdatedAt.IsZero() {
		a.UpdatedAt = a.CreatedAt
	}
	switch {
	case !uuidShape.MatchString(id):
		return User{}, ErrAdoptID
	case !adoptableEmail(email):
		return User{}, ErrAdoptEmail
	case !adoptableUsername(name):
		return User{}, ErrAdoptUsername
	case status != Active && status != Inactive && status != Blocked:
		return User{}, ErrAdoptStatus
	case a.CreatedAt.IsZero():
		return User{}, ErrAdoptTime
	}
	return User{
		ID: id, Email: email, Username: name, PasswordHash: a.PasswordHash,
		FirstName: printable(a.FirstName), LastName: printable(a.LastName), Status: status, Role: RoleUser,
		CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, LastLogin: a.LastLogin,
	}, nil
}

func adoptableEmail(s string) bool {
	local, host, _ := strings.Cut(s, "@")
	return local != "" && host != "" && len(s) <= maxAdoptedEmail && utf8.ValidString(s) &&
		!strings.Contains(host, "@") && !strings.ContainsFunc(s, unfit)
}

func adoptableUsername(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= maxAdoptedUsername && utf8.ValidString(s) && !strings.Contains(s, "@") && !strings.ContainsFunc(s, unfit)
}

func unfit(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }

// printable drops what must not reach a mail header or a terminal.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
	runes := []rune(strings.TrimSpace(s))
	return strings.TrimSpace(string(runes[:min(len(runes), maxName)]))
}
