package post_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/modules/auth/internal/domain"
	"github.com/fiapx/fiapx/modules/auth/internal/service/post"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestLetters(t *testing.T) {
	t.Parallel()
	desk, err := post.New(func(path string) string { return "https://frames.example" + path })
	if err != nil {
		t.Fatal(err)
	}
	for _, locale := range []string{"en", "pt-BR"} {
		for _, kind := range []domain.MailKind{domain.MailWelcome, domain.MailVerify, domain.MailReset, domain.MailPasswordChanged} {
			draft := domain.Draft{
				Mail: domain.Mail{ID: "0197", Kind: kind, Locale: locale},
				User: domain.User{Email: "ana@example.org", Username: "AnaS", FirstName: "Ana <b>", LastName: "Souza & Cia"},
			}
			if purpose := draft.Mail.Purpose(); purpose != "" {
				draft.Token, draft.Life = "fxm_SECRET", map[domain.Purpose]time.Duration{domain.ForReset: time.Hour, domain.ForVerify: 48 * time.Hour}[purpose]
			}
			message, err := desk.Write(draft)
			if err != nil {
				t.Fatal(err)
			}
			if message.To != "ana@example.org" || message.ID != "account."+string(kind)+".0197" || message.Language != locale {
				t.Errorf("%+v", message)
			}
			golden(t, string(kind)+"."+locale+".txt", "Subject: "+message.Subject+"\n\n"+message.Text)
			golden(t, string(kind)+"."+locale+".html", message.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", name, diff)
	}
}
