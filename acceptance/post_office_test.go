//go:build acceptance

package acceptance

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// postOffice is a mail server that keeps what it is sent.
type postOffice struct {
	address *net.TCPAddr

	mu     sync.Mutex
	closed bool // turns everybody away
	turned int  // how often
	mails  []letter
}

// letter is a mail as its reader sees it.
type letter struct {
	id, to, subject, text string
}

func openPostOffice(t *testing.T) *postOffice {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postOffice{address: listener.Addr().(*net.TCPAddr)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed {
			p.turned++
			return nil, &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "closed"}
		}
		return &counter{office: p}, nil
	}))
	go func() { _ = server.Serve(listener) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// settings make a server send its mail here, and soon again when it could not.
func (p *postOffice) settings() []string {
	return []string{
		"FIAPX_SMTP_HOST=127.0.0.1", "FIAPX_SMTP_PORT=" + strings.TrimPrefix(p.address.String(), "127.0.0.1:"), "FIAPX_SMTP_TLS=none",
		"FIAPX_MAIL_FROM=robot@fiapx.example", "FIAPX_MAIL_RETRY=1s",
	}
}

func (p *postOffice) shut(closed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = closed
}

func (p *postOffice) turnedAway() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turned
}

// to gives the mails to that address.
func (p *postOffice) to(address string) (found []letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.mails {
		if l.to == address {
			found = append(found, l)
		}
	}
	return found
}

// await gives the mail to the address whose subject contains the words; there must be one, and only one.
func (p *postOffice) await(t *testing.T, address, subject string) letter {
	t.Helper()
	var found []letter
	eventually(t, 20*time.Second, func() bool {
		found = nil
		for _, l := range p.to(address) {
			if strings.Contains(l.subject, subject) {
				found = append(found, l)
			}
		}
		return len(found) > 0
	})
	if len(found) != 1 {
		t.Fatalf("%d mails about %q to %s, want 1; there are %v", len(found), subject, address, p.to(address))
	}
	return found[0]
}

// counter takes one mail after the other.
type counter struct {
	office *postOffice
	to     string
}

func (c *counter) Mail(string, *smtp.MailOptions) error      { return nil }
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error { c.to = to; return nil }
func (c *counter) Reset()                                    {}
func (c *counter) Logout() error                             { return nil }
func (c *counter) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := open(raw)
	if err != nil {
		return err
	}
	l.to = c.to
	c.office.mu.Lock()
	defer c.office.mu.Unlock()
	c.office.mails = append(c.office.mails, l)
	return nil
}

// open reads the first part, which is the plain text.
func open(raw []byte) (letter, error) {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return letter{}, err
	}
	var decoder mime.WordDecoder
	subject, err := decoder.DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return letter{}, err
	}
	_, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return letter{}, err
	}
	part, err := multipart.NewReader(message.Body, params["boundary"]).NextRawPart()
	if err != nil {
		return letter{}, err
	}
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	return letter{id: message.Header.Get("Message-Id"), subject: subject, text: string(text)}, err
}
