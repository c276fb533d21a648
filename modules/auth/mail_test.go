package auth_test

import (
	"context"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/auth"
	"github.com/fiapx/fiapx/platform/cache/memory"
	"github.com/fiapx/fiapx/platform/database"
	"github.com/fiapx/fiapx/platform/database/dbtest"
	"github.com/fiapx/fiapx/platform/mail"
	"github.com/fiapx/fiapx/platform/mail/mailtest"
)

// mailed is the module with a mail server.
type mailed struct {
	*service
	sink *mailtest.Sink
}

func startMailed(t *testing.T, db *database.DB, tune func(*auth.Config)) *mailed {
	t.Helper()
	sink := mailtest.Start(t)
	s := &service{
		t: t, tune: tune, clock: &clock{at: time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)}, db: db, keyDir: t.TempDir(),
		post: mail.Config{
			Host: sink.Host, Port: sink.Port, TLS: "none", From: "robot@fiapx.example", Timeout: 5 * time.Second,
			Links: "https://frames.example/", Attempts: 5, Retry: time.Minute,
		},
	}
	var err error
	if s.mail, err = mail.Open(s.post, s.Now); err != nil {
		t.Fatal(err)
	}
	m := &mailed{service: assemble(t, s), sink: sink}
	m.deliver("auth-mail")
	return m
}

// deliver runs the service of that name until the test ends.
func (m *mailed) deliver(name string) {
	ctx, cancel := context.WithCancel(m.t.Context())
	done := make(chan struct{})
	for _, service := range m.module.Services() {
		if service.Name == name {
			go func() { defer close(done); _ = service.Run(ctx) }()
			m.t.Cleanup(func() { cancel(); <-done })
			return
		}
	}
	m.t.Fatalf("there is no service %s", name)
}

// wait gives the n-th mail, from 1, once it is there and written down as sent: while one of its kind waits, another is not
// written.
func (m *mailed) wait(n int) mailtest.Parsed {
	m.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for len(m.sink.Mails()) < n || m.settled() < n {
		if time.Now().After(deadline) {
			m.t.Fatalf("%d mails after 15 seconds, want %d\n%s", len(m.sink.Mails()), n, m.logged)
		}
		<-time.After(5 * time.Millisecond)
	}
	return mailtest.Parse(m.t, m.sink.Mails()[n-1].Raw)
}

func (m *mailed) settled() int {
	m.t.Helper()
	var n int64
	if err := m.db.WithContext(m.t.Context()).Table("mails").Where("state = 'sent'").Count(&n).Error; err != nil {
		m.t.Fatal(err)
	}
	return int(n)
}

var secretLink = regexp.MustCompile(`https://frames\.example/(verify|reset)#(fxm_[A-Za-z0-9_-]{43})`)

// secret is the one in a mail's link, which must be the same in both forms.
func secret(t *testing.T, p mailtest.Parsed, page string) string {
	t.Helper()
	text, html := secretLink.FindStringSubmatch(p.Text), secretLink.FindStringSubmatch(p.HTML)
	if text == nil || html == nil || text[1] != page || text[2] != html[2] {
		t.Fatalf("links %v and %v, want one to /%s:\n%s", text, html, page, p.Text)
	}
	return text[2]
}

func (s *service) want(status int, code string, a answer) answer {
	s.t.Helper()
	if a.status != status || code != "" && a.text("code") != code {
		s.t.Fatalf("%d %s, want %d %s: %s", a.status, a.text("code"), status, code, a.raw)
	}
	return a
}

func (s *service) post1(path, body string) answer { return s.call("POST", path, "", body) }

const loginBody = `{"identifier":"anas","password":"` + goodPassword + `"}`

func verifying(cfg *auth.Config) { cfg.Mails.VerifyEmail = true }

func TestVerification(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "auth", func(t *testing.T, db *database.DB) {
		m := startMailed(t, db, verifying)
		m.signUp()
		m.want(401, "auth.email_unverified", m.post1("/auth/login", loginBody))
		wrong := m.post1("/auth/login", `{"identifier":"anas","password":"wrong"}`)
		m.want(401, "auth.invalid_credentials", wrong) // only who knows the password learns of the confirmation

		first := m.wait(1)
		if first.Subject != "Confirm your e-mail address" || first.Header.Get("To") != `"Ana Souza <3" <ana.souza@example.com>` {
			t.Errorf("mail %q to %q", first.Subject, first.Header.Get("To"))
		}
		token := secret(t, first, "verify")
		m.want(202, "", m.post1("/auth/verify-email/resend", `{"identifier":"ANA.SOUZA@example.com"}`))
		second := secret(t, m.wait(2), "verify")

		// A secret is for its purpose alone, and whole.
		m.want(400, "auth.link_invalid", m.post1("/auth/password/reset", `{"token":"`+token+`","new_password":"`+nextPassword+`"}`))
		m.want(400, "auth.link_invalid", m.post1("/auth/verify-email", `{"token":"`+token[:40]+`"}`))
		m.want(200, "", m.post1("/auth/verify-email", `{"token":"`+token+`"}`))
		m.want(400, "auth.link_invalid", m.post1("/auth/verify-email", `{"token":"`+token+`"}`))
		m.want(400, "auth.link_invalid", m.post1("/auth/verify-email", `{"token":"`+second+`"}`))
		m.want(200, "", m.post1("/auth/login", loginBody))

		m.want(202, "", m.post1("/auth/verify-email/resend", `{"identifier":"anas"}`)) // nothing to confirm any more: no mail
		m.nothingSecret(token, second)
		m.count(map[string]int{"verify": 2})
	})
}

func TestVerificationExpires(t *testing.T) {
	t.Parallel()
	m := startMailed(t, dbtest.Open(t, "auth"), verifying)
	m.signUp()
	token := secret(t, m.wait(1), "verify")
	m.Advance(48*time.Hour + time.Second)
	m.want(400, "auth.link_invalid", m.post1("/auth/verify-email", `{"token":"`+token+`"}`))
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, "auth", func(t *testing.T, db *database.DB) {
		m := startMailed(t, db, nil)
		m.signUp()
		if welcome := m.wait(1); welcome.Subject != "Welcome to fiapx" {
			t.Errorf("subject %q", welcome.Subject)
		}
		access, refresh := m.signIn()
		m.want(202, "", m.post1("/auth/password/forgot", `{"identifier":"AnaS"}`))
		token := secret(t, m.wait(2), "reset")
		reset := func(password string) answer {
			return m.post1("/auth/password/reset", `{"token":"`+token+`","new_password":"`+password+`"}`)
		}
		m.want(400, "auth.link_invalid", m.post1("/auth/verify-email", `{"token":"`+token+`"}`))
		m.want(422, "request.invalid_field", reset("short")) // and the link still works
		m.want(200, "", reset(nextPassword))
		m.want(400, "auth.link_invalid", reset(nextPassword))

		m.want(401, "", m.call("GET", "/users/profile", access, ""))
		m.want(401, "", m.post1("/auth/refresh", `{"refresh_token":"`+refresh+`"}`))
		m.want(401, "auth.invalid_credentials", m.post1("/auth/login", loginBody))
		m.want(200, "", m.post1("/auth/login", strings.Replace(loginBody, goodPassword, nextPassword, 1)))
		if changed := m.wait(3); changed.Subject != "Your password was changed" || strings.Contains(changed.Text, "#") {
			t.Errorf("mail %q:\n%s", changed.Subject, changed.Text)
		}
		m.nothingSecret(token)
		m.count(map[string]int{"welcome": 1, "reset": 1, "password-changed": 1})
	})
}

// Whether there is such an account shows neither in the answer nor in its time.
func TestForgottenPasswordTellsNothing(t *testing.T) {
	t.Parallel()
	const floor = 150 * time.Millisecond
	m := startMailed(t, dbtest.Open(t, "auth"), func(cfg *auth.Config) { cfg.FailureFloor = floor })
	m.signUp()
	m.wait(1)
	ask := func(who string) answer {
		begun := time.Now()
		a := m.want(202, "", m.post1("/auth/password/forgot", `{"identifier":"`+who+`"}`))
		if took := time.Since(begun); took < floor {
			t.Errorf("%s was answered after %v, want %v or more", who, took, floor)
		}
		return a
	}
	known, unknown := ask("anas"), ask("nobody@example.org")
	if known.raw != unknown.raw {
		t.Errorf("answers differ:\n%s\n%s", known.raw, unknown.raw)
	}
	m.wait(2)
	for _, who := range []string{"anas", "nobody@example.org"} { // the same limit for both
		var last answer
		for range 5 {
			last = m.post1("/auth/password/forgot", `{"identifier":"`+who+`"}`)
		}
		m.want(429, "auth.too_many_attempts", last)
		if last.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
}

// A mailbox gets five links an hour, whatever is asked for; every client gets the same answer all the while.
func TestMailboxesAreNotFilled(t *testing.T) {
	t.Parallel()
	m := startMailed(t, dbtest.Open(t, "auth"), nil)
	m.signUp()
	sent := 1
	for range 8 {
		m.want(202, "", m.post1("/auth/password/forgot", `{"identifier":"anas"}`))
		m.Advance(5*time.Minute + time.Second) // out of the window of the client and the account
		sent = min(sent+1, 6)
		m.wait(sent)
	}
	m.count(map[string]int{"welcome": 1, "reset": 5})
}

// Asking while the mail server is away leaves one mail that waits; it arrives when the server is back.
func TestMailServerAway(t *testing.T) {
	t.Parallel()
	m := startMailed(t, dbtest.Open(t, "auth"), nil)
	m.sink.Down()
	m.signUp() // registration does not wait for it
	for range 3 {
		m.want(202, "", m.post1("/auth/password/forgot", `{"identifier":"anas"}`))
	}
	for deadline := time.Now().Add(15 * time.Second); !strings.Contains(m.logged.String(), "mails wait") && time.Now().Before(deadline); {
		<-time.After(5 * time.Millisecond) // for the first attempt, which reads the clock
	}
	m.sink.Up()
	m.Advance(2 * time.Minute)
	m.wait(2)
	m.count(map[string]int{"welcome": 1, "reset": 1})
}

func TestMailsInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	m := startMailed(t, dbtest.Open(t, "auth"), nil)
	m.language = "pt-BR,pt;q=0.9"
	m.signUp()
	if p := m.wait(1); p.Subject != "Boas-vindas ao fiapx" || p.Header.Get("Content-Language") != "pt-BR" {
		t.Errorf("%q in %q", p.Subject, p.Header.Get("Content-Language"))
	}
}

func TestBlockedUsersGetNoLink(t *testing.T) {
	t.Parallel()
	m := startMailed(t, dbtest.Open(t, "auth"), nil)
	m.signUp()
	m.wait(1)
	m.want(202, "", m.post1("/auth/password/forgot", `{"identifier":"anas"}`))
	token := secret(t, m.wait(2), "reset")
	m.exec("UPDATE users SET status = 'blocked'")
	m.want(202, "", m.post1("/auth/password/forgot", `{"identifier":"anas"}`))
	m.want(401, "auth.user_blocked", m.post1("/auth/password/reset", `{"token":"`+token+`","new_password":"`+nextPassword+`"}`))
	m.count(map[string]int{"welcome": 1, "reset": 1})
}

func TestWithoutMail(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.signUp()
	for _, path := range []string{"/auth/password/forgot", "/auth/verify-email/resend"} {
		s.want(http.StatusServiceUnavailable, "auth.mail_unavailable", s.post1(path, `{"identifier":"anas"}`))
	}
	s.want(400, "auth.link_invalid", s.post1("/auth/verify-email", `{"token":"x"}`))
	var n int64
	if err := s.db.WithContext(t.Context()).Table("mails").Count(&n).Error; err != nil || n != 0 {
		t.Errorf("%d mails wait for a server that there is not, %v", n, err)
	}
	cfg := defaults(t)
	verifying(&cfg)
	if _, err := auth.New(cfg, auth.Deps{DB: s.db, Cache: memory.New(s.Now), KeyDir: t.TempDir(), Now: s.Now, Log: slog.New(slog.DiscardHandler)}); err == nil || !strings.Contains(err.Error(), "FIAPX_SMTP_HOST") {
		t.Errorf("verification without mail: %v", err)
	}
}

// count asserts which mails were taken, each once.
func (m *mailed) count(want map[string]int) {
	m.t.Helper()
	got := map[string]int{}
	for id, n := range m.sink.Counts() {
		kind := strings.Split(id, ".")[1]
		got[kind]++
		if n != 1 {
			m.t.Errorf("%s was sent %d times", id, n)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		m.t.Errorf("mails (-want +got):\n%s", diff)
	}
}

// nothingSecret asserts that neither log nor database knows the secrets, and the log no address.
func (m *mailed) nothingSecret(tokens ...string) {
	m.t.Helper()
	var stored []string
	if err := m.db.WithContext(m.t.Context()).Raw("SELECT hash FROM mail_tokens UNION SELECT reason FROM mails").Scan(&stored).Error; err != nil {
		m.t.Fatal(err)
	}
	everything := m.logged.String() + strings.Join(stored, " ")
	for _, word := range append(tokens, "example.com") {
		if strings.Contains(everything, word) {
			m.t.Errorf("%s is in the log or the database", word)
		}
	}
}

func (s *service) exec(sql string) {
	s.t.Helper()
	if err := s.db.WithContext(s.t.Context()).Exec(sql).Error; err != nil {
		s.t.Fatal(err)
	}
}
