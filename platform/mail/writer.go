package mail

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// maxSubject keeps subjects readable in a list, in characters.
const maxSubject = 120

// writer turns a Message into the bytes that are sent.
type writer struct {
	cfg Config
	now func() time.Time
}

func (w writer) write(m Message) (*gomail.Msg, error) {
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8))
	if err := out.FromFormat(oneLine(w.cfg.FromName), w.cfg.Sender()); err != nil {
		return nil, fmt.Errorf("sender's address: %w", err)
	}
	if err := out.AddToFormat(oneLine(m.Name), m.To); err != nil {
		return nil, ErrRefused.Because(err)
	}
	if w.cfg.ReplyTo != "" {
		if err := out.ReplyTo(w.cfg.ReplyTo); err != nil {
			return nil, fmt.Errorf("address for answers: %w", err)
		}
	}
	out.Subject(shorten(oneLine(m.Subject)))
	out.SetMessageIDWithValue(w.id(m))
	out.SetDateWithValue(w.now())
	// Tells other programs not to answer on their own (RFC 3834, 5), so that no loop begins.
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	if m.Language != "" {
		out.SetGenHeader(gomail.HeaderContentLang, oneLine(m.Language))
	}
	if m.Settings != "" {
		out.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+oneLine(m.Settings)+">")
	}
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return out, nil
}

// id is the whole Message-ID without its brackets. What is not ours to choose cannot break out of it.
func (w writer) id(m Message) string {
	local := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-') {
			return r
		}
		return '-'
	}, m.ID)
	_, domain, _ := strings.Cut(w.cfg.Sender(), "@")
	return local + "@" + domain
}

// oneLine is what a header may hold: a name or file name with a line end in it must not begin a header of its own, and
// one that changes the direction of writing must not disguise what follows.
func oneLine(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.Join(strings.Fields(clean), " ")
}

func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= maxSubject {
		return s
	}
	return string(runes[:maxSubject-1]) + "…"
}
