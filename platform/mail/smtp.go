package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// smtpSender gives each mail a connection of its own: mails are few, and a connection that has gone stale cannot be taken
// for a refusal.
type smtpSender struct {
	writer
	tls *tls.Config
}

func newSMTP(cfg Config, w writer) (*smtpSender, error) {
	s := &smtpSender{writer: w, tls: &tls.Config{ServerName: cfg.Host, MinVersion: tls.VersionTLS12}}
	if cfg.CA == "" {
		return s, nil
	}
	pem, err := os.ReadFile(cfg.CA)
	if err != nil {
		return nil, fmt.Errorf("FIAPX_SMTP_CA: %w", err)
	}
	s.tls.RootCAs = x509.NewCertPool()
	if !s.tls.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("FIAPX_SMTP_CA: %s holds no certificate; name a PEM file", cfg.CA)
	}
	return s, nil
}

// Send is part of Sender.
func (s *smtpSender) Send(ctx context.Context, m Message) error {
	message, err := s.write(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	line := &connection{tls: s.tls, implicit: s.cfg.TLS == implicit}
	defer line.close()
	defer context.AfterFunc(ctx, line.close)()
	client, err := s.client(line)
	if err != nil {
		return fmt.Errorf("prepare to send mail: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if message.IsDelivered() {
		return nil // what went wrong after the server took it, like a QUIT without an answer, is no reason to send it again
	}
	return judge(errors.Join(err, ctx.Err()))
}

func (s *smtpSender) client(line *connection) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.cfg.Port), gomail.WithTimeout(s.cfg.Timeout), gomail.WithTLSConfig(s.tls),
		gomail.WithDialContextFunc(line.dial), gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutNoop(),
	}
	switch s.cfg.TLS {
	case starttls:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case implicit:
		options = append(options, gomail.WithSSL())
	}
	if s.cfg.User != "" {
		// PLAIN and LOGIN refuse to run without TLS, other than on this machine.
		options = append(options, gomail.WithUsername(s.cfg.User), gomail.WithPassword(s.cfg.Password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return gomail.NewClient(s.cfg.Host, options...)
}

// judge tells a message that will never be taken from a server that does not take it now. A refusal for reasons of
// policy (5.7.x: relaying, authentication, a blocklist) is about us and can be mended, so that message waits.
func judge(err error) error {
	var sent *gomail.SendError
	if !errors.As(err, &sent) || sent.ErrorCode() == 0 {
		return ErrUnavailable.Because(err)
	}
	cause := errors.New(reason(sent))
	about := sent.Reason == gomail.ErrSMTPRcptTo || sent.Reason == gomail.ErrSMTPData || sent.Reason == gomail.ErrSMTPDataClose
	if about && sent.ErrorCode() >= permanent && !strings.HasPrefix(sent.EnhancedStatusCode(), "5.7.") {
		return ErrRefused.Because(cause)
	}
	return ErrLater.Because(cause)
}

// permanent is where SMTP's answers begin that say no for good (RFC 5321, 4.2.1).
const permanent = 500

// reason leaves out what the library would add: the recipient's address does not belong into a log.
func reason(e *gomail.SendError) string {
	return strings.TrimSpace(e.Reason.String() + ": " + strconv.Itoa(e.ErrorCode()) + " " + e.EnhancedStatusCode())
}
