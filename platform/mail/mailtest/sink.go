// Package mailtest is a real SMTP server inside a test: it keeps what it takes, counts by Message-ID, and can be away, slow
// or unwilling. Only tests may import it.
package mailtest

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// User and Password open a sink that asks for them.
const (
	User     = "robot@fiapx.example"
	Password = "sink-secret-7391"
)

// Mail is one message as the server took it.
type Mail struct {
	ID        string // Message-ID without its brackets
	From, To  string // of the envelope
	Raw       string
	Encrypted bool
	SignedIn  bool
}

// Sink is the server. Safe for concurrent use.
type Sink struct {
	Host string
	Port int
	// CA is the PEM file of the certificate's authority, for a sink with TLS.
	CA string

	door *door

	mu     sync.Mutex
	mails  []Mail
	tries  int
	refuse []*smtp.SMTPError
	hold   time.Duration
}

// Start runs a sink without TLS until the test ends.
func Start(t testing.TB) *Sink { return start(t, nil, "") }

// StartTLS runs a sink that offers STARTTLS.
func StartTLS(t testing.TB) *Sink {
	config, ca := certificate(t)
	return start(t, config, ca)
}

func start(t testing.TB, config *tls.Config, ca string) *Sink {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().(*net.TCPAddr)
	s := &Sink{Host: address.IP.String(), Port: address.Port, CA: ca, door: &door{Listener: listener}}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain, server.TLSConfig, server.AllowInsecureAuth = "sink.example", config, true
	server.ErrorLog = silent{}
	go func() { _ = server.Serve(s.door) }() // ends with Close
	t.Cleanup(func() { _ = server.Close() })
	return s
}

// Down breaks the connections there are, and new ones at once. The port stays ours, so that no other test gets it.
func (s *Sink) Down() { s.door.shut() }

// Up answers again.
func (s *Sink) Up() { s.door.open() }

// Refuse answers the next n messages with the code (like 451) and the enhanced code (like 4.3.2).
func (s *Sink) Refuse(n, code int, enhanced [3]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		s.refuse = append(s.refuse, &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode(enhanced), Message: "not now"})
	}
}

// Hold makes the server wait before it answers a message, which it then does not keep: its client has long gone.
func (s *Sink) Hold(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = d
}

// Mails are those that were taken, in order.
func (s *Sink) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// Counts tells how often each Message-ID was taken.
func (s *Sink) Counts() map[string]int {
	counts := map[string]int{}
	for _, m := range s.Mails() {
		counts[m.ID]++
	}
	return counts
}

// Tries counts the messages that were offered, taken or not.
func (s *Sink) Tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tries
}

func (s *Sink) session(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &session{sink: s, mail: Mail{Encrypted: encrypted}}, nil
}

type session struct {
	sink *Sink
	mail Mail
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.mail.From = from; return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error   { s.mail.To = to; return nil }
func (s *session) Reset()                                      {}
func (s *session) Logout() error                               { return nil }
func (s *session) AuthMechanisms() []string                    { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.mail.SignedIn = true
		return nil
	}), nil
}

// Data takes the message, or refuses it as the test asked.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	s.mail.Raw, s.mail.ID = string(raw), strings.Trim(parsed.Header.Get("Message-Id"), "<>")
	return s.sink.take(s.mail)
}

func (s *Sink) take(m Mail) error {
	s.mu.Lock()
	s.tries++
	hold, refusal := s.hold, (*smtp.SMTPError)(nil)
	if len(s.refuse) > 0 {
		refusal, s.refuse = s.refuse[0], s.refuse[1:]
	} else if hold == 0 {
		s.mails = append(s.mails, m)
	}
	s.mu.Unlock()
	if hold > 0 {
		<-time.After(hold)
	}
	if refusal != nil {
		return refusal
	}
	return nil
}

// silent drops what the server would log about clients that leave, which is what the tests make them do.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
