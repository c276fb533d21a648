package domain

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// MailKind is an occasion for a mail.
type MailKind string

// The occasions.
const (
	MailWelcome         MailKind = "welcome"
	MailVerify          MailKind = "verify"
	MailReset           MailKind = "reset"
	MailPasswordChanged MailKind = "password_changed"
)

// Mail is one that is to be sent. Whom it greets and what its link holds is found when it is sent.
type Mail struct {
	ID        string
	UserID    string
	Kind      MailKind
	Locale    string // BCP 47
	CreatedAt time.Time
}

// stale is when the reason for a mail with a link has passed: whoever still wants one has asked again.
const stale = 24 * time.Hour

// Wanted says whether there is still reason to send the mail to its user.
func (m Mail) Wanted(u User, now time.Time) bool {
	switch m.Kind {
	case MailVerify:
		return u.VerifiedAt == nil && u.Admit() == nil && now.Sub(m.CreatedAt) < stale
	case MailReset:
		return u.Admit() == nil && now.Sub(m.CreatedAt) < stale
	case MailWelcome, MailPasswordChanged:
	}
	return true
}

// Draft is a mail with everything that goes into it.
type Draft struct {
	Mail  Mail
	User  User
	Token string        // for the link; empty when the mail has none
	Life  time.Duration // of the token
}

// Purpose is what the secret of a link is good for, and nothing else.
type Purpose string

// The purposes.
const (
	ForVerify Purpose = "verify"
	ForReset  Purpose = "reset"
)

// Purpose of the secret in the mail's link; empty when it has none.
func (m Mail) Purpose() Purpose {
	switch m.Kind {
	case MailVerify:
		return ForVerify
	case MailReset:
		return ForReset
	case MailWelcome, MailPasswordChanged:
	}
	return ""
}

// MailToken is the stored side of a link's secret.
type MailToken struct {
	Hash      string
	UserID    string
	Purpose   Purpose
	CreatedAt time.Time
	ExpiresAt time.Time
}

// mailPrefix tells these secrets from others, and lets secret scanners find leaked ones.
const mailPrefix = "fxm_"

// NewMailToken returns the secret for a link: 256 random bits.
func NewMailToken() string { return mailPrefix + base64.RawURLEncoding.EncodeToString(randomBytes()) }

// IsMailToken tells by its shape whether a text is the secret of a link.
func IsMailToken(s string) bool {
	body, ok := strings.CutPrefix(s, mailPrefix)
	return ok && len(body) == base64.RawURLEncoding.EncodedLen(refreshEntropy)
}

// MailRequest asks for a mail to an account's owner.
type MailRequest struct {
	Identifier string // e-mail or username, any letter case
	Locale     string
	From       Origin
}

// PasswordReset replaces a forgotten password.
type PasswordReset struct {
	Token, New string
	Locale     string
	From       Origin
}

// RevokedByReset is why a reset password ends sessions.
const RevokedByReset = "password_reset"

// What can go wrong with mails, as the user is told.
var (
	ErrEmailUnverified = fault.New(fault.Unauthenticated, "auth.email_unverified",
		"The e-mail address is not confirmed yet; open the link in the mail we sent you, or ask for another one.")
	ErrMailOff = fault.New(fault.Unavailable, "auth.mail_unavailable",
		"This server cannot send mail, so it cannot send you a link; ask its operator.")
	ErrMailToken = fault.New(fault.Invalid, "auth.link_invalid",
		"This link is not valid: it was used, has expired, or is not complete; ask for a new one.")
)

// ErrMailObsolete is for callers inside the module: there is no reason any more to send this mail.
var ErrMailObsolete = fault.New(fault.Gone, "auth.mail_obsolete", "There is nothing to send any more.")
