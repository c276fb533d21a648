// Package post puts the ends of jobs into words, in each language.
package post

import (
	"embed"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/fiapx/fiapx/modules/notify/internal/domain"
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
		return nil, fmt.Errorf("letters of notify: %w", err)
	}
	return &Desk{words: words, link: link}, nil
}

// Write makes the mail about a job. The link leads to the job's page, where its reader signs in: a mail is no key.
func (d *Desk) Write(n domain.Notice) (mail.Message, error) {
	name := string(n.Kind)
	if n.Kind == domain.Completed && !n.Whole() {
		name = "partial"
	}
	lang := d.words.Language(n.Language)
	l := d.words.Write(lang, name, values(lang, n, d.link))
	html, err := l.HTML()
	delivery := domain.Delivery{JobID: n.JobID, Kind: n.Kind}
	return mail.Message{
		ID: "job." + delivery.ID(), To: n.Email, Name: n.Name, Subject: l.Subject, Text: l.Text(), HTML: html,
		Language: l.Language, Settings: d.link("/settings"),
	}, err
}

const bytesPerMB = 1e6

func values(lang string, n domain.Notice, link func(string) string) map[string]string {
	p := message.NewPrinter(language.Make(lang))
	v := map[string]string{
		"name": n.Name, "film": n.Filename, "frames": p.Sprint(number.Decimal(n.Frames)),
		"size": p.Sprint(number.Decimal(float64(n.Size)/bytesPerMB, number.MaxFractionDigits(1))),
		"took": clock(n.Took), "reason": n.Reason, "partial": n.Partial,
		"url": link("/jobs/" + n.JobID), "settings": link("/settings"),
	}
	if n.DamagedAt != nil {
		v["damaged"] = clock(time.Duration(*n.DamagedAt * float64(time.Second)))
	}
	if n.Truncated {
		v["limit"] = p.Sprint(number.Decimal(n.Frames))
	}
	return v
}

// clock writes a time as it is read in any language: 0:08, 2:05, 1:02:05.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
