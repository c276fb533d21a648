package mail_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/mail/mailtest"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func settings(s *mailtest.Sink) mail.Config {
	return mail.Config{
		Host: s.Host, Port: s.Port, TLS: "none", CA: s.CA, Timeout: 5 * time.Second, Attempts: 3, Retry: time.Second,
		From: "frames@fiapx.example", FromName: "Frames & Co", Links: "https://frames.example",
	}
}

func open(t *testing.T, cfg mail.Config) mail.Sender {
	t.Helper()
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	sender, err := mail.Open(cfg, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func message() mail.Message {
	return mail.Message{
		ID: "job.42.completed", To: "ana@example.org", Name: "Ana Souza", Subject: "Férias: 120 frames", Text: "Olá, Ana\n", HTML: "<p>Olá, Ana</p>\n",
		Language: "pt-BR", Settings: "https://frames.example/settings",
	}
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	sink := mailtest.Start(t)
	if err := open(t, settings(sink)).Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	got := sink.Mails()
	if len(got) != 1 || got[0].From != "frames@fiapx.example" || got[0].To != "ana@example.org" || got[0].ID != "job.42.completed@fiapx.example" {
		t.Fatalf("taken: %+v", got)
	}
	p := mailtest.Parse(t, got[0].Raw)
	for header, want := range map[string]string{
		"From": `"Frames & Co" <frames@fiapx.example>`, "To": `"Ana Souza" <ana@example.org>`, "Date": "Wed, 04 Mar 2026 12:00:00 +0000",
		"Auto-Submitted": "auto-generated", "Content-Language": "pt-BR", "List-Unsubscribe": "<https://frames.example/settings>",
		"User-Agent": "", "X-Mailer": "", "Reply-To": "",
	} {
		if have := p.Header.Get(header); have != want {
			t.Errorf("%s: %q, want %q", header, have, want)
		}
	}
	if p.Subject != "Férias: 120 frames" || p.Text != "Olá, Ana\n" || p.HTML != "<p>Olá, Ana</p>\n" {
		t.Errorf("content: %+v", p)
	}
}

// Whatever a user calls himself or a file, it stays in its header.
func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	sink := mailtest.Start(t)
	m := message()
	evil := "x\r\nBcc: victim@example.org\r\n\r\n<script>\u202e"
	m.ID, m.Name, m.Subject, m.Language, m.Settings = evil, evil, evil, evil, evil
	if err := open(t, settings(sink)).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := sink.Mails()[0]
	p := mailtest.Parse(t, got.Raw)
	if got.To != "ana@example.org" || p.Header.Get("Bcc") != "" || p.Text != m.Text {
		t.Errorf("injected: %s", got.Raw)
	}
	if strings.ContainsAny(p.Subject, "\r\n\u202e") || !strings.Contains(p.Subject, "Bcc: victim") {
		t.Errorf("subject %q", p.Subject)
	}
	m.To = "ana@example.org>\r\nRCPT TO:<victim@example.org"
	if err := open(t, settings(sink)).Send(t.Context(), m); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("a recipient of two lines: %v", err)
	}
}

func TestEncryptionAndSignIn(t *testing.T) {
	t.Parallel()
	sink := mailtest.StartTLS(t)
	cfg := settings(sink)
	cfg.TLS, cfg.User, cfg.Password = "starttls", mailtest.User, mailtest.Password
	if err := open(t, cfg).Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	if got := sink.Mails()[0]; !got.Encrypted || !got.SignedIn {
		t.Errorf("encrypted %v, signed in %v", got.Encrypted, got.SignedIn)
	}
	unknown := cfg
	unknown.CA = ""
	if err := open(t, unknown).Send(t.Context(), message()); !errors.Is(err, mail.ErrUnavailable) {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	cfg.Password = "wrong-secret-4711"
	err := open(t, cfg).Send(t.Context(), message())
	if !errors.Is(err, mail.ErrUnavailable) { // the operator can mend it, so the mail must wait
		t.Errorf("a wrong password: %v", err)
	}
	if strings.Contains(err.Error(), "4711") {
		t.Errorf("the error shows the password: %v", err)
	}
	bare := settings(mailtest.Start(t))
	bare.TLS = "starttls"
	if err := open(t, bare).Send(t.Context(), message()); !errors.Is(err, mail.ErrUnavailable) {
		t.Errorf("a server without STARTTLS was given a mail: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code     int
		enhanced [3]int
		want     error
	}{
		"busy":            {451, [3]int{4, 3, 2}, mail.ErrLater},
		"mailbox full":    {452, [3]int{4, 2, 2}, mail.ErrLater},
		"no such mailbox": {550, [3]int{5, 1, 1}, mail.ErrRefused},
		"relaying denied": {554, [3]int{5, 7, 1}, mail.ErrLater},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sink := mailtest.Start(t)
			sink.Refuse(1, c.code, c.enhanced)
			err := open(t, settings(sink)).Send(t.Context(), message())
			if !errors.Is(err, c.want) || strings.Contains(err.Error(), "ana@") {
				t.Errorf("%v, want %v without the address", err, c.want)
			}
		})
	}
}

// A server that is away, silent or slow costs no more than the time that was set.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	slow := mailtest.Start(t)
	slow.Hold(3 * time.Second)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	away := mailtest.Start(t)
	away.Down()
	mute := settings(slow)
	mute.Port = silent.Addr().(*net.TCPAddr).Port
	absent := settings(away)
	absent.Port = 1 // nothing listens there
	for name, cfg := range map[string]mail.Config{"slow": settings(slow), "silent": mute, "away": settings(away), "absent": absent} {
		cfg.Timeout = time.Second
		begun := time.Now()
		err := open(t, cfg).Send(t.Context(), message())
		if took := time.Since(begun); !errors.Is(err, mail.ErrUnavailable) || took > 2500*time.Millisecond {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := open(t, mute).Send(ctx, message()); !errors.Is(err, mail.ErrUnavailable) || time.Since(begun) > 2*time.Second {
		t.Errorf("a caller who leaves: %v after %v", err, time.Since(begun))
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mails")
	cfg := mail.Config{Dir: dir, Port: 587, TLS: "starttls", Timeout: time.Second, Attempts: 1, Retry: time.Second}
	for range 2 { // the same mail again is the same file
		if err := open(t, cfg).Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "job.42.completed.eml" {
		t.Fatalf("%v, %v", entries, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	if p := mailtest.Parse(t, string(raw)); p.Text != message().Text {
		t.Errorf("%+v", p)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := mail.Config{
		Host: "mail.example.org", Port: 587, TLS: "starttls", Timeout: time.Second, Attempts: 1, Retry: time.Second,
		From: "a@example.org", Links: "https://x.example",
	}
	for name, c := range map[string]struct {
		change func(c *mail.Config)
		want   string // in the error; empty accepts
	}{
		"good":            {func(*mail.Config) {}, ""},
		"none":            {func(c *mail.Config) { c.Host, c.From = "", "" }, ""},
		"folder":          {func(c *mail.Config) { c.Host, c.From, c.Dir = "", "", "mails" }, ""},
		"sender is user":  {func(c *mail.Config) { c.From, c.User = "", "u@example.org" }, ""},
		"no sender":       {func(c *mail.Config) { c.From = "" }, "FIAPX_MAIL_FROM"},
		"user alone":      {func(c *mail.Config) { c.Host, c.User = "", "u@example.org" }, "FIAPX_SMTP_HOST"},
		"both":            {func(c *mail.Config) { c.Dir = "mails" }, "FIAPX_MAIL_DIR"},
		"bad tls":         {func(c *mail.Config) { c.TLS = "ssl3" }, "FIAPX_SMTP_TLS"},
		"clear password":  {func(c *mail.Config) { c.TLS, c.User = "none", "u" }, "in the clear"},
		"local password":  {func(c *mail.Config) { c.Host, c.TLS, c.User = "127.0.0.1", "none", "u" }, ""},
		"name of 2 lines": {func(c *mail.Config) { c.FromName = "a\r\nBcc: b" }, "FIAPX_MAIL_FROM_NAME"},
		"bad reply-to":    {func(c *mail.Config) { c.ReplyTo = "nobody" }, "FIAPX_MAIL_REPLY_TO"},
		"bad link":        {func(c *mail.Config) { c.Links = "javascript:alert(1)" }, "FIAPX_PUBLIC_URL"},
		"long timeout":    {func(c *mail.Config) { c.Timeout = time.Hour }, "FIAPX_SMTP_TIMEOUT"},
		"no such ca":      {func(c *mail.Config) { c.CA = "/nonexistent" }, "FIAPX_SMTP_CA"},
	} {
		cfg := good
		c.change(&cfg)
		err := cfg.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if sender, err := mail.Open(mail.Config{}, time.Now); sender != nil || err != nil {
		t.Errorf("without settings: %v, %v", sender, err)
	}
}
