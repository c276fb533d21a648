package blocklist_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/modules/auth/internal/service/blocklist"
)

func open(t *testing.T) *blocklist.List {
	t.Helper()
	l, err := blocklist.Open()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestListThatShips(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, word := range []string{
		"123456789012", "password", "qwertyuiop", "iloveyou", "correcthorsebatterystaple", "1q2w3e4r5t6y", "unbelievable", "fitzgerald", "responsabilidade", "flamengo",
	} {
		if !l.Contains(word) {
			t.Errorf("%q is not listed", word)
		}
	}
	own, err := os.ReadFile("own.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(own)) {
		if word := strings.TrimSpace(line); len(word) >= 4 && !strings.HasPrefix(word, "#") && !l.Contains(word) {
			t.Errorf("%q is in own.txt and not in the filter: run ./tools/password-filter", word)
		}
	}
}

// One word in 65,536 is listed by chance: of a million, 15 are expected, and 60 are beyond eleven standard deviations.
func TestFalsePositives(t *testing.T) {
	t.Parallel()
	const asked, bound = 1_000_000, 60
	l, wrong := open(t), 0
	for range asked {
		if l.Contains(rand.Text()) {
			wrong++
		}
	}
	if wrong > bound {
		t.Errorf("%d of %d random words are listed; %d are expected", wrong, asked, asked/65536)
	}
	t.Logf("%d of %d random words are listed", wrong, asked)
}

func TestListOfTheOperator(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list.txt")
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Our Company Song\r\nacme summer party\n\nacme summer party\n")
	l := open(t)
	if n, err := l.Add(path); n != 3 || err != nil {
		t.Errorf("added %d, %v", n, err)
	}
	for word, want := range map[string]bool{"our company song": true, "acme summer party": true, "password": true, "zK4#vv-opqTr": false} {
		if l.Contains(word) != want {
			t.Errorf("Contains(%q) = %v", word, !want)
		}
	}
	write("one\n")
	if _, err := l.Add(path); err != nil || !l.Contains("one") {
		t.Errorf("a list of one: %v", err)
	}
	for name, content := range map[string]string{"empty": "\n\n", "one endless line": strings.Repeat("x", 10_000)} {
		write(content)
		if _, err := l.Add(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v; want an error that names the file", name, err)
		}
	}
	if _, err := l.Add(path + ".absent"); err == nil {
		t.Error("a file that is not there is accepted")
	}
}
