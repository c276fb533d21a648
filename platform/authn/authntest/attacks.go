package authntest

import (
	"slices"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
)

// Attack is a token that no verifier may accept.
type Attack struct {
	Name   string
	Source string // where it is described or happened
	Token  string
	// Code is the fault that the verifier must answer with; most forgeries are auth.token_invalid, so that a forger learns
	// nothing of which check failed.
	Code string
	// Header is false for what cannot stand in an Authorization header, and so cannot be tried over HTTP.
	Header bool
}

// Target is what a verifier of the test trusts, and the moment it takes for now.
type Target struct {
	Issuer Issuer // its key is published, EdDSA
	Other  Issuer // this one's too, ES256
	Body   Fields // the claims of a good token at Now
	Now    time.Time
}

const invalid = "auth.token_invalid"

// Attacks lists them by name.
func Attacks(target Target) []Attack {
	a := &attacks{Target: target, stranger: NewIssuer(target.Issuer.T, jwa.EdDSA, target.Issuer.Private.KeyID())}
	a.good = a.Issuer.Token(a.Issuer.Header(), a.Body)
	a.part = strings.Split(a.good, ".")
	for _, group := range []func() map[string]source{a.algorithms, a.keys, a.headers, a.claims, a.times, a.forms, a.objects} {
		for name, s := range group() {
			a.list = append(a.list, s.attack(name))
		}
	}
	slices.SortFunc(a.list, func(x, y Attack) int { return strings.Compare(x.Name, y.Name) })
	return a.list
}

type attacks struct {
	Target
	stranger Issuer
	good     string
	part     []string
	list     []Attack
}

// source is a token and where the idea comes from.
type source struct{ token, from string }

func (s source) attack(name string) Attack {
	code := invalid
	if strings.HasPrefix(name, "expired") {
		code = "auth.token_expired"
	}
	printable := s.token != "" && !strings.ContainsAny(s.token, "\r\n\t {}\",:[]")
	return Attack{Name: name, Source: s.from, Token: s.token, Code: code, Header: printable}
}

// signed is a token of the trusted key, changed before it was signed: only the check in question can refuse it.
func (a *attacks) signed(header, body Fields) string { return a.Issuer.Token(header, body) }

func (a *attacks) unsigned(header Fields, signature string) string {
	return B64(header.JSON()) + "." + a.part[1] + "." + signature
}
