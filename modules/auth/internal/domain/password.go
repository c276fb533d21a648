package domain

import (
	"strings"
	"unicode/utf8"

	"github.com/fiapx/fiapx/platform/fault"
)

// MaxPassword is the longest password in code points; the limit bounds the work of hashing, nothing else.
const MaxPassword = 128

const (
	// A name shorter than this may appear in a password: "ana" is inside too many innocent words.
	minForbiddenName = 4
	// What is left of a password without the owner's names and ours must still be this long.
	minBesideNames = 8
)

// product is what a password for this service must not be made of.
var product = []string{"fiapx", "fiap-x", "fiap"}

// PasswordPolicy follows NIST SP 800-63B: length and a block list, no composition rules, no expiry.
type PasswordPolicy struct {
	shortest int
	listed   func(word string) bool
}

// NewPasswordPolicy takes the shortest length in code points, and the block list, which is asked about words in lower case.
func NewPasswordPolicy(shortest int, listed func(word string) bool) *PasswordPolicy {
	return &PasswordPolicy{shortest: shortest, listed: listed}
}

// Check refuses passwords that are too short or long (a field error on field) and ones that guessing programs try
// first (ErrPasswordWeak): common ones, repetitions and runs, and ones made of the user's own names or the product's.
func (p *PasswordPolicy) Check(field, password, username, email string, names ...string) error {
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
	if madeOf(folded, append(names, product...)) {
		return OnField(ErrPasswordWeak.Sayf("A password must not be made of your name or the name of this service; choose another."), field)
	}
	if p.guessable(folded) {
		return OnField(ErrPasswordWeak.Sayf("This password is among the first that attackers try; choose another."), field)
	}
	return nil
}

// madeOf says whether little is left of a password without the words that are known about it. Names may appear in a long
// one: "lima" is inside "climate".
func madeOf(folded string, words []string) bool {
	rest := folded
	for _, w := range words {
		for _, part := range strings.Fields(Fold(w)) {
			if utf8.RuneCountInString(part) >= minForbiddenName {
				rest = strings.ReplaceAll(rest, part, "")
			}
		}
	}
	return rest != folded && utf8.RuneCountInString(rest) < minBesideNames
}

const ornaments = "0123456789 !@#$%^&*()_+-=[]{}|;:,.<>?/~'\"`\\"

// guessable also looks at the password without its ornaments and disguises: "password1234", "Password!!!!" and
// "p@ssw0rd2024" are still "password".
func (p *PasswordPolicy) guessable(folded string) bool {
	head := strings.TrimRight(folded, ornaments)
	stem := strings.TrimLeft(head, ornaments)
	candidates := []string{folded, stem, period(folded), period(stem)}
	for _, plain := range disguises {
		candidates = append(candidates, plain.Replace(folded), plain.Replace(head), plain.Replace(stem), period(plain.Replace(stem)))
	}
	for _, candidate := range candidates {
		if candidate != "" && p.listed(candidate) {
			return true
		}
	}
	return len([]rune(period(folded))) <= 3 || run(folded)
}

// disguises undo the usual replacements of letters; a 1 stands for two of them.
var disguises = []*strings.Replacer{
	strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "i", "!", "i", "0", "o", "$", "s", "5", "s", "7", "t"),
	strings.NewReplacer("@", "a", "4", "a", "3", "e", "1", "l", "!", "l", "0", "o", "$", "s", "5", "s", "7", "t"),
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
