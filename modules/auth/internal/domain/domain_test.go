package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

func TestNormalizeEmail(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"Ana@Example.COM":         "ana@example.com",
		" ana@example.com ":       "ana@example.com",
		"a.b+c_d%e-f@sub.fiap.br": "a.b+c_d%e-f@sub.fiap.br",
	}
	for in, want := range good {
		if got, err := domain.NormalizeEmail(in); err != nil || got != want {
			t.Errorf("NormalizeEmail(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	bad := []string{
		"", "ana", "@example.com", "ana@", "ana@example", "a b@example.com", "a@b@example.com", ".ana@example.com", "ana.@example.com",
		"a..b@example.com", "ana@-example.com", "ana@example-.com", "ana@exa..mple.com", "ana@example.test", "ana@sub.localhost",
		"ana@example.com\r\nBcc: x@example.com", "açaí@example.com", strings.Repeat("a", 65) + "@example.com",
		"a@" + strings.Repeat("b", 64) + ".com", "a@" + strings.Repeat("bbbb.", 60) + "com",
	}
	for _, in := range bad {
		if got, err := domain.NormalizeEmail(in); fault.KindOf(err) != fault.Unprocessable {
			t.Errorf("NormalizeEmail(%q) = %q, %v; want a field error", in, got, err)
		}
	}
}

func TestRegistrationReportsEveryField(t *testing.T) {
	t.Parallel()
	_, err := domain.Registration{Email: "x", Username: "a b", FirstName: "  ", LastName: "x\ny"}.Clean()
	var paths []string
	for _, f := range fault.From(err).Fields {
		paths = append(paths, f.Path)
	}
	if got := strings.Join(paths, " "); got != "email username first_name last_name" {
		t.Errorf("fields = %q", got)
	}
	clean, err := domain.Registration{Email: "Ana@Example.com", Username: " Ana_1 ", FirstName: " Ana ", LastName: " de Souza ", Password: " p "}.Clean()
	want := domain.Registration{Email: "ana@example.com", Username: "Ana_1", FirstName: "Ana", LastName: "de Souza", Password: " p "}
	if err != nil || clean != want {
		t.Errorf("Clean = %+v, %v; want %+v", clean, err, want)
	}
}

func TestPasswordPolicy(t *testing.T) {
	t.Parallel()
	policy := domain.NewPasswordPolicy(12, listed)
	cases := map[string]error{
		"three blind mice":                 nil,
		"zK4#vv-opqTr":                     nil,
		"açúcar mascavo é bom":             nil,
		"aaaaaaaaaaab":                     nil, // poor, yet not a repetition; length is the rule
		strings.Repeat("long words ", 11):  nil,
		"short":                            errLength,
		"éééééééééé1":                      errLength, // 11 characters, 21 bytes
		strings.Repeat("xyz ", 33):         errLength,
		"bad \xff utf8 bytes":              errLength,
		"password1234":                     domain.ErrPasswordWeak,
		"PASSWORD!!!!":                     domain.ErrPasswordWeak,
		"123456789012":                     domain.ErrPasswordWeak,
		"qwertyuiopasdfghjkl":              domain.ErrPasswordWeak,
		"passwordpassword":                 domain.ErrPasswordWeak,
		"iloveyouiloveyou":                 domain.ErrPasswordWeak,
		"aaaaaaaaaaaa":                     domain.ErrPasswordWeak,
		"abababababab":                     domain.ErrPasswordWeak,
		"abcdefghijklmn":                   domain.ErrPasswordWeak,
		"zyxwvutsrqponm":                   domain.ErrPasswordWeak,
		"890123456789":                     domain.ErrPasswordWeak,
		"my name is Maria_99 ok":           domain.ErrPasswordWeak,
		"i am maria.silva today":           domain.ErrPasswordWeak,
		"correcthorsebatterystaple":        domain.ErrPasswordWeak,
		"p@ssw0rd2024":                     domain.ErrPasswordWeak,
		"P4SSW0RD!!!!":                     domain.ErrPasswordWeak,
		"1l0vey0u!!!!":                     domain.ErrPasswordWeak,
		"Fiapx-2024!!":                     domain.ErrPasswordWeak,
		"fiap-x fiap-x 1":                  domain.ErrPasswordWeak,
		"MariaSilva2024":                   domain.ErrPasswordWeak,
		"silva silva silva":                domain.ErrPasswordWeak,
		"silver maria lanes":               nil,
		"fiapx is where frames go":         nil,
		"the wind in the old willow trees": nil,
	}
	for password, want := range cases {
		err := policy.Check("password", password, "maria_99", "maria.silva@example.com", "Maria José", "da Silva")
		switch {
		case errors.Is(want, errLength):
			if f := fault.From(err); err == nil || len(f.Fields) != 1 || f.Fields[0].Code != "password_length" || f.Fields[0].Path != "password" {
				t.Errorf("Check(%q) = %v; want a length error on the field", password, err)
			}
		case !errors.Is(err, want):
			t.Errorf("Check(%q) = %v; want %v", password, err, want)
		case err != nil && strings.Contains(err.Error(), password):
			t.Errorf("Check(%q) repeats the password: %v", password, err)
		}
	}
	// A short name is inside too many words to be forbidden.
	if err := policy.Check("password", "bananas and papayas", "ana", "ana@example.com"); err != nil {
		t.Errorf("a three-letter username inside another word: %v", err)
	}
}

// listed stands for the block list.
func listed(word string) bool {
	return slices.Contains([]string{"password", "123456789012", "qwertyuiopasdfghjkl", "iloveyou", "correcthorsebatterystaple"}, word)
}

var errLength = errors.New("length")

func TestRefreshTokens(t *testing.T) {
	t.Parallel()
	first, other, salt := domain.NewRefreshToken(), domain.NewRefreshToken(), domain.NewSalt()
	next := domain.Successor(first, salt)
	if next != domain.Successor(first, salt) {
		t.Error("one parent and one salt give two successors")
	}
	for name, tok := range map[string]string{
		"other parent": domain.Successor(other, salt), "other salt": domain.Successor(first, domain.NewSalt()), "parent": first,
	} {
		if tok == next {
			t.Errorf("%s gives the same token", name)
		}
		if !domain.IsRefreshToken(tok) || tok == other {
			t.Errorf("%s: %q is not a new refresh token", name, tok)
		}
	}
	for _, tok := range []string{"", "fxr_", first + "x", first[1:], "eyJhbGciOiJFZERTQSJ9.e30.c2ln"} {
		if domain.IsRefreshToken(tok) {
			t.Errorf("IsRefreshToken(%q)", tok)
		}
	}
	if h := domain.HashToken(first); len(h) != 64 || h == domain.HashToken(other) {
		t.Errorf("HashToken = %q", h)
	}
}

func TestSessionAndUserStates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	live := domain.Session{ExpiresAt: now.Add(time.Second)}
	if err := live.Check(now); err != nil {
		t.Errorf("live session: %v", err)
	}
	if err := live.Check(now.Add(time.Second)); !errors.Is(err, domain.ErrTokenExpired) {
		t.Errorf("expired session: %v", err)
	}
	live.RevokedAt = &now
	if err := live.Check(now); !errors.Is(err, domain.ErrTokenRevoked) {
		t.Errorf("revoked session: %v", err)
	}
	for status, want := range map[domain.Status]error{
		domain.Active: nil, domain.Blocked: domain.ErrUserBlocked, domain.Inactive: domain.ErrUserInactive, "": domain.ErrUserInactive,
	} {
		if err := (domain.User{Status: status}).Admit(); !errors.Is(err, want) {
			t.Errorf("Admit(%q) = %v; want %v", status, err, want)
		}
	}
}

func TestClientKey(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"192.0.2.7":              "192.0.2.7",
		"::ffff:192.0.2.7":       "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":   "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::1":   "2001:db8:1:2::/64",
		"fe80::1%eth0":           "fe80::/64",
		"not an address at all ": "not an address at all ",
	} {
		if got := domain.ClientKey(in); got != want {
			t.Errorf("ClientKey(%q) = %q, want %q", in, got, want)
		}
	}
}
