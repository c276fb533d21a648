package mail

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/fiapx/fiapx/platform/config"
)

// Config is what an operator sets. Without a host and a folder there is no mail.
type Config struct {
	Host     string        `env:"FIAPX_SMTP_HOST,SMTP_HOST" help:"mail server that takes our mail; empty sends none"`
	Port     int           `env:"FIAPX_SMTP_PORT,SMTP_PORT" default:"587" help:"its port: 587 for starttls, 465 for tls"`
	TLS      string        `env:"FIAPX_SMTP_TLS,SMTP_TLS" default:"starttls" help:"starttls (required, not merely tried), tls (from the first byte) or none"`
	CA       string        `env:"FIAPX_SMTP_CA" help:"PEM file of the authority that signed the mail server's certificate, when that is not a public one"`
	User     string        `env:"FIAPX_SMTP_USER,SMTP_USER,NOTIFICATION_GMAIL_EMAIL" help:"account at the mail server; empty does not sign in"`
	Password config.Secret `env:"FIAPX_SMTP_PASSWORD,SMTP_PASSWORD,NOTIFICATION_GMAIL_APP_PASSWORD" help:"its password"`
	Timeout  time.Duration `env:"FIAPX_SMTP_TIMEOUT" default:"30s" help:"longest time that sending one mail may take"`
	Dir      string        `env:"FIAPX_MAIL_DIR" help:"without a mail server: write mails as .eml files into this folder, to look at on a laptop"`

	From     string `env:"FIAPX_MAIL_FROM,EMAIL_FROM,NOTIFICATION_FROM_EMAIL" help:"sender's address; FIAPX_SMTP_USER when empty and that is an address"`
	FromName string `env:"FIAPX_MAIL_FROM_NAME,NOTIFICATION_FROM_NAME" default:"fiapx" help:"sender's name"`
	ReplyTo  string `env:"FIAPX_MAIL_REPLY_TO" help:"address that answers go to; the sender's when empty"`
	Links    string `env:"FIAPX_PUBLIC_URL,PUBLIC_BASE_URL" help:"address of the web page as users reach it, like https://frames.example.org, for the links in mails"`

	Attempts int           `env:"FIAPX_MAIL_ATTEMPTS,NOTIFICATION_RETRY_ATTEMPTS" default:"30" help:"how often sending a mail is tried; 30 is about a day"`
	Retry    time.Duration `env:"FIAPX_MAIL_RETRY" default:"30s" help:"wait after the first failed attempt; doubles up to an hour"`
}

const (
	starttls = "starttls"
	implicit = "tls"
	plain    = "none"

	// MaxTimeout keeps an attempt well below the time for which a process holds a mail.
	MaxTimeout = 2 * time.Minute

	maxPort = 65535
)

// Enabled says whether there is mail.
func (c Config) Enabled() bool { return c.Host != "" || c.Dir != "" }

// Sender is the address that mails come from; empty when none is set.
func (c Config) Sender() string {
	if c.From == "" && strings.Contains(c.User, "@") {
		return c.User
	}
	if c.From == "" && c.Host == "" && c.Dir != "" {
		return "fiapx@localhost.localdomain" // the folder's mails go nowhere
	}
	return c.From
}

// Link is the address of a page of ours. path begins with a slash and holds no secret before a "#".
func (c Config) Link(path string) string { return strings.TrimRight(c.Links, "/") + path }

// Validate reports everything that is wrong, by the name of the variable.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Host == "" && (c.User != "" || c.Password.Reveal() != "") {
		bad("FIAPX_SMTP_USER or FIAPX_SMTP_PASSWORD is set without FIAPX_SMTP_HOST; name the mail server, or remove them")
	}
	if c.Host != "" && c.Dir != "" {
		bad("FIAPX_SMTP_HOST and FIAPX_MAIL_DIR are both set; mail goes to one of them, so remove the other")
	}
	if c.Port < 1 || c.Port > maxPort {
		bad("FIAPX_SMTP_PORT is %d; use 1 to %d, usually 587", c.Port, maxPort)
	}
	if !slices.Contains([]string{starttls, implicit, plain}, c.TLS) {
		bad("FIAPX_SMTP_TLS is %q; use starttls, tls or none", c.TLS)
	}
	if c.TLS == plain && c.User != "" && !loopback(c.Host) {
		bad("FIAPX_SMTP_TLS=none would send the password in the clear; use starttls or tls, or remove FIAPX_SMTP_USER")
	}
	if c.Timeout < time.Second || c.Timeout > MaxTimeout {
		bad("FIAPX_SMTP_TIMEOUT is %s; use 1s to %s", c.Timeout, MaxTimeout)
	}
	if c.Attempts < 1 || c.Retry < time.Millisecond {
		bad("FIAPX_MAIL_ATTEMPTS must be 1 or more and FIAPX_MAIL_RETRY a time like 30s")
	}
	return errors.Join(append(errs, c.addresses()...)...)
}

func (c Config) addresses() (errs []error) {
	if c.Enabled() && !isAddress(c.Sender()) {
		errs = append(errs, errors.New("FIAPX_MAIL_FROM is not an e-mail address; set it to the one that mails shall come from"))
	}
	if c.ReplyTo != "" && !isAddress(c.ReplyTo) {
		errs = append(errs, errors.New("FIAPX_MAIL_REPLY_TO is not an e-mail address; correct or remove it"))
	}
	if strings.ContainsAny(c.FromName, "\r\n") {
		errs = append(errs, errors.New("FIAPX_MAIL_FROM_NAME must be one line"))
	}
	if u, err := url.Parse(c.Links); c.Links != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		errs = append(errs, errors.New("FIAPX_PUBLIC_URL is not an address like https://frames.example.org"))
	}
	if c.CA != "" {
		if _, err := os.Stat(c.CA); err != nil {
			errs = append(errs, fmt.Errorf("FIAPX_SMTP_CA cannot be read; check the path: %w", err))
		}
	}
	return errs
}

func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
