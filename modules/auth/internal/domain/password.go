package domain

import (
	_ "embed"
	"strings"
	"unicode/utf8"

	"github.com/fiapx/fiapx/platform/fault"
)

// MaxPassword is the longest password in code points; the limit bounds the work of hashing, nothing else.
const MaxPassword = 128

// A name shorter than this may appear in a password: "ana" is inside too many innocent words.
const minForbiddenName = 4

//go:embed common_passwords.txt
var commonPasswords string

// PasswordPolicy follows NIST SP 800-63B: length and a block list, no composition rules.
type PasswordPolicy struct {
	shortest int
	common   map[string]struct{}
}

// NewPasswordPolicy reads the block list. shortest is in code points.
func NewPasswordPolicy(shortest int) *PasswordPolicy {
	p := &PasswordPolicy{shortest: shortest, common: map[string]struct{}{}}
	for line := range strings.Lines(commonPasswords) {
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "#") {
			p.common[word] = struct{}{}
		}
	}
	return p
}

// Check refuses passwords that are too short or long (a field error on field) and ones that guessing programs try
// first (ErrPasswordWeak): common ones, repetitions and runs, and ones made of the user's own names.
func (p *PasswordPolicy) Check(field, password, username, email string) error {
	n := utf8.RuneCountInString(password)
	if n < p.shortest || n > MaxPassword || !utf8.ValidString(password) {
		return fault.Fieldf(field, "password_length", "A password has %d to %d characters; a few unrelated words make a good one.", p.shortest, MaxPassword)
	}
	folded := strings.ToLower(password)
	local, _, _ := strings.Cut(email, "@")
	for _, name := range []string{Fold(username), Fold(local)} {
		if utf8.RuneCountInString(name) >= minForbiddenName && strings.Contains(folded, name) {
			return OnField(ErrPasswordWeak.Sayf("A password must not contain your username or e-mail name; choose another."), field)
		}
	}
	if p.guessable(folded) {
		return OnField(ErrPasswordWeak.Sayf("This password is among the first that attackers try; choose another."), field)
	}
	return nil
}

// guessable also looks at the password without its ornaments: "password1234" and "Password!!!!" are still "password".
func (p *PasswordPolicy) guessable(folded string) bool {
	stem := strings.Trim(folded, "0123456789 !@#$%^&*()_+-=[]{}|;:,.<>?/~'\"`\\")
	for _, candidate := range []string{folded, stem, period(folded), period(stem)} {
		if _, listed := p.common[candidate]; listed {
			return true
		}
	}
	return len([]rune(period(folded))) <= 3 || run(folded)
}

// period returns the shortest part whose repetition is s: "abcabcabc" gives "abc".
func period(s string) string {
	r := []rune(s)
	for n := 1; n <= len(r)/2; n++ {
		if len(r)%n == 0 && strings.Repeat(string(r[:n]), len(r)/n) == s {
			return string(r[:n])
		}
	}
	return s
}

// run says whether every character follows the one before it, up or down, with 9 and 0 adjacent as on a keyboard.
func run(s string) bool {
	r := []rune(s)
	for _, step := range []rune{1, -1} {
		if follows(r, step) {
			return true
		}
	}
	return false
}

func follows(r []rune, step rune) bool {
	for i := 1; i < len(r); i++ {
		wraps := (step == 1 && r[i-1] == '9' && r[i] == '0') || (step == -1 && r[i-1] == '0' && r[i] == '9')
		if r[i]-r[i-1] != step && !wraps {
			return false
		}
	}
	return true
}
