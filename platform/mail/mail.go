// Package mail sends mail: over SMTP, or into a folder of .eml files on a machine without a mail server. A message has one
// recipient and an id of its owner's choice, so that a message sent twice is recognised as one. What is in a message, when
// it is sent and how often that is tried is not decided here: see letter, courier and the modules.
package mail

import (
	"context"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// The ways to fail. What the server said is in the cause, for the log.
var (
	// ErrRefused says that this message will never be taken (SMTP 5xx about the recipient or the content).
	ErrRefused = fault.New(fault.Invalid, "mail.refused", "The mail server does not take mail for this address; check the address.")
	// ErrLater says that the server answers and does not take this message now (SMTP 4xx), or not from us (5.7.x), which an
	// operator can mend.
	ErrLater = fault.New(fault.Unavailable, "mail.later", "The mail server does not take this mail at the moment; try again later.")
	// ErrUnavailable says that the server is away, silent, or does not let us in: no mail will be taken at the moment.
	ErrUnavailable = fault.New(fault.Unavailable, "mail.unavailable", "Mail cannot be sent at the moment; try again later.")
)

// Message is one mail.
type Message struct {
	// ID names the message for ever: the part of Message-ID before the @. Letters, digits, dots and hyphens.
	ID      string
	To      string // the address alone
	Name    string // of the recipient; may be empty
	Subject string
	Text    string
	HTML    string
	// Language is a BCP 47 tag for Content-Language.
	Language string
	// Settings is where the recipient turns such mail off, for List-Unsubscribe; empty for mail that cannot be.
	Settings string
}

// Sender sends. It returns ErrRefused, ErrLater or ErrUnavailable; nil means that the server has taken the message, or the folder
// has it. Safe for concurrent use.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Open returns the sender that the settings ask for, or nil when they ask for none: check Config.Enabled. now dates the
// messages. It connects to nothing.
func Open(cfg Config, now func() time.Time) (Sender, error) {
	write := writer{cfg: cfg, now: now}
	switch {
	case cfg.Host != "":
		return newSMTP(cfg, write)
	case cfg.Dir != "":
		return newFolder(cfg.Dir, write)
	}
	return nil, nil //nolint:nilnil // no sender and no error: mail is off
}
