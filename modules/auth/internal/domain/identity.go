package domain

import (
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/fiapx/fiapx/platform/fault"
)

const (
	maxLocalPart = 64 // RFC 5321, 4.5.3.1
	maxEmail     = 254
	maxLabel     = 63
	maxName      = 100
)

var (
	emailShape    = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$`)
	uuidForm      = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	usernameShape = regexp.MustCompile(`^[A-Za-z0-9_-]{3,30}$`)
)

// specialDomains never receive mail (RFC 6761), so an account under one could never be reached.
var specialDomains = []string{"localhost", "local", "test", "invalid", "onion", "arpa"}

// Fold makes e-mails and usernames comparable: two that fold alike are the same one.
func Fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// NormalizeEmail returns the address as it is stored and compared.
func NormalizeEmail(s string) (string, error) {
	email := Fold(s)
	local, host, _ := strings.Cut(email, "@")
	if len(email) > maxEmail || len(local) > maxLocalPart || !emailShape.MatchString(email) || !dotted(local) || !hostname(host) {
		return "", fault.Fieldf("email", "invalid_email", "This is not an e-mail address we can use; write it like name@example.com.")
	}
	return email, nil
}

func dotted(s string) bool {
	return !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") && !strings.Contains(s, "..")
}

func hostname(s string) bool {
	labels := strings.Split(s, ".")
	bad := func(l string) bool {
		return l == "" || len(l) > maxLabel || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-")
	}
	return !slices.ContainsFunc(labels, bad) && !slices.Contains(specialDomains, labels[len(labels)-1])
}

// CleanUsername trims a username and checks its shape.
func CleanUsername(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !usernameShape.MatchString(s) {
		return "", fault.Fieldf("username", "invalid_username", "A username has 3 to 30 letters, digits, hyphens or underscores.")
	}
	return s, nil
}

// CleanName trims a first or last name; field names it in the error. Control characters are refused because names end
// up in mail headers and terminals.
func CleanName(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	if n := utf8.RuneCountInString(s); n < 1 || n > maxName || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fault.Fieldf(field, "invalid_name", "A name has 1 to %d characters and no control characters.", maxName)
	}
	return s, nil
}

// Clean returns the registration as it will be stored, or one error that lists every wrong field. The password is
// left alone: it is whatever its owner typed.
func (r Registration) Clean() (Registration, error) {
	var errs fields
	clean := r
	clean.Email = errs.keep(NormalizeEmail(r.Email))
	clean.Username = errs.keep(CleanUsername(r.Username))
	clean.FirstName = errs.keep(CleanName("first_name", r.FirstName))
	clean.LastName = errs.keep(CleanName("last_name", r.LastName))
	return clean, errs.err()
}

// Clean checks and trims the values that are to change.
func (c ProfileChange) Clean() (ProfileChange, error) {
	var errs fields
	clean := ProfileChange{}
	if c.Username != nil {
		clean.Username = new(errs.keep(CleanUsername(*c.Username)))
	}
	if c.FirstName != nil {
		clean.FirstName = new(errs.keep(CleanName("first_name", *c.FirstName)))
	}
	if c.LastName != nil {
		clean.LastName = new(errs.keep(CleanName("last_name", *c.LastName)))
	}
	return clean, errs.err()
}

// fields collects field errors so that all are reported at once.
type fields []fault.Field

func (f *fields) keep(value string, err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		*f = append(*f, e.Fields...)
	}
	return value
}

func (f fields) err() error {
	if len(f) == 0 {
		return nil
	}
	e := fault.Fieldf(f[0].Path, f[0].Code, "%s", f[0].Message)
	e.Fields = f
	return e
}

// ClientKey is the address that attempts are counted under. An IPv6 client owns a whole /64, so that is one client.
func ClientKey(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
