// Package post puts the mails about accounts into words, in each language. It decides nothing about when and to whom they go.
package post

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/mail/letter"
)

//go:embed letters
var letters embed.FS

// Desk writes mails. Safe for concurrent use.
type Desk struct {
	words letter.Catalog
	link  func(path string) string
}

// New returns a desk; link makes the address of a page.
func New(link func(path string) string) (*Desk, error) {
	files, err := fs.Sub(letters, "letters")
	if err != nil {
		return nil, err
	}
	words, err := letter.Load(files, "en")
	if err != nil {
		return nil, fmt.Errorf("letters of auth: %w", err)
	}
	return &Desk{words: words, link: link}, nil
}

// pages are where the links lead. The secret comes after a "#": browsers keep that part to themselves, so it is neither in
// our log nor in anybody's Referer.
var pages = map[domain.MailKind]string{
	domain.MailWelcome:         "/",
	domain.MailVerify:          "/verify#",
	domain.MailReset:           "/reset#",
	domain.MailPasswordChanged: "/forgot",
}

// Write makes the mail of a draft. The same draft always has the same id.
func (d *Desk) Write(draft domain.Draft) (mail.Message, error) {
	l := d.words.Write(draft.Mail.Locale, string(draft.Mail.Kind), map[string]string{
		"name": draft.User.FullName(), "username": draft.User.Username,
		"life": span(d.words.Language(draft.Mail.Locale), draft.Life),
		"url":  d.link(pages[draft.Mail.Kind] + draft.Token),
	})
	html, err := l.HTML()
	return mail.Message{
		ID: "account." + string(draft.Mail.Kind) + "." + draft.Mail.ID,
		To: draft.User.Email, Name: draft.User.FullName(), Subject: l.Subject, Text: l.Text(), HTML: html, Language: l.Language,
	}, err
}

// units name hours and minutes; a link lives for several of either.
var units = map[string][2]string{"en": {"hours", "minutes"}, "pt-BR": {"horas", "minutos"}}

func span(language string, d time.Duration) string {
	if d >= 2*time.Hour {
		return fmt.Sprintf("%d %s", int(d.Hours()), units[language][0])
	}
	return fmt.Sprintf("%d %s", int(d.Minutes()), units[language][1])
}
