package app

import (
	"errors"
	"net"

	"github.com/fiapx/fiapx/platform/mail"
)

var errNoLinks = errors.New("FIAPX_PUBLIC_URL is not set, so links in mails would lead nowhere; set it to the address of the web page as users reach it")

// openMail makes the sender of a target that sends mails; nil when none is configured.
func (p *process) openMail() (mail.Sender, error) {
	if !p.target.mails() || !p.cfg.Mail.Enabled() {
		return nil, nil //nolint:nilnil // mail is off
	}
	if p.cfg.Mail.Links == "" {
		if !p.target.Alone {
			return nil, errNoLinks
		}
		p.cfg.Mail.Links = local(p.cfg.HTTP.Listen)
	}
	return mail.Open(p.cfg.Mail, p.now)
}

// local is where a browser on this machine finds a server that listens at that address.
func local(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		listen = net.JoinHostPort("localhost", port)
	}
	return "http://" + listen
}

// mailRoute tells an operator where mails go.
func (c Config) mailRoute() string {
	switch {
	case c.Mail.Host != "":
		return "SMTP server " + c.Mail.Host
	case c.Mail.Dir != "":
		return "files in " + c.Mail.Dir
	}
	return "none"
}
