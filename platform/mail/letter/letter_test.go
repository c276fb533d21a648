package letter_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/platform/mail/letter"
)

const english = `{"done": {"subject": "{film} is ready", "greeting": "Hello {name},", "lines": ["All of {film}.", "{note}"],
	"facts": [["Frames", "{frames}"], ["Damage", "{damage}"]], "action": "Look", "after": ["Bye."], "footer": ["Sent by a robot."]}}`

const portuguese = `{"done": {"subject": "{film} está pronto", "greeting": "Olá {name},", "lines": ["Todo o {film}.", "{note}"],
	"facts": [["Quadros", "{frames}"], ["Dano", "{damage}"]], "action": "Ver", "after": ["Tchau."], "footer": ["Enviado por um robô."]}}`

func load(t *testing.T, en, pt string) (letter.Catalog, error) {
	t.Helper()
	return letter.Load(fstest.MapFS{"en.json": {Data: []byte(en)}, "pt-BR.json": {Data: []byte(pt)}}, "en")
}

func TestBothFormsSayTheSame(t *testing.T) {
	t.Parallel()
	c, err := load(t, english, portuguese)
	if err != nil {
		t.Fatal(err)
	}
	l := c.Write("pt-BR", "done", map[string]string{
		"film": "<b>férias</b> & {name}.mp4", "name": "Ana", "frames": "1.200", "url": "https://x.example/jobs/1#a",
	})
	want := `Olá Ana,

Todo o <b>férias</b> & {name}.mp4.

Quadros: 1.200

Ver:
https://x.example/jobs/1#a

Tchau.

` + "-- " + `
Enviado por um robô.
`
	if diff := cmp.Diff(want, l.Text()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	html, err := l.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`<html lang="pt-BR">`, "Todo o &lt;b&gt;férias&lt;/b&gt; &amp; {name}.mp4.", `href="https://x.example/jobs/1#a"`,
		"Quadros: <strong>1.200</strong>", "Enviado por um robô.",
	} {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %s:\n%s", part, html)
		}
	}
	if strings.Contains(html, "Dano") || strings.Contains(html, "<b>") || strings.Contains(html, "<p></p>") {
		t.Errorf("the page has what it should not:\n%s", html)
	}
}

func TestLongLinesAreWrappedAndAddressesAreNot(t *testing.T) {
	t.Parallel()
	address := "https://x.example/" + strings.Repeat("a", 100)
	text := letter.Letter{Lines: []string{strings.Repeat("word ", 40) + address}}.Text()
	for line := range strings.Lines(text) {
		if len(line) > 77 && strings.TrimSpace(line) != address {
			t.Errorf("line of %d: %s", len(line), line)
		}
	}
	if !strings.Contains(text, address) {
		t.Error("the address is broken")
	}
}

func TestAnUnknownLanguageFallsBack(t *testing.T) {
	t.Parallel()
	c, err := load(t, english, portuguese)
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Write("fr", "done", map[string]string{"name": "Ana"}); l.Language != "en" || l.Greeting != "Hello Ana," {
		t.Errorf("%+v", l)
	}
}

func TestLanguagesMustAgree(t *testing.T) {
	t.Parallel()
	for name, pt := range map[string]string{
		"a letter less":      `{}`,
		"other placeholders": strings.Replace(portuguese, "{frames}", "{quadros}", 1),
		"not JSON":           "{",
	} {
		if _, err := load(t, english, pt); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := letter.Load(fstest.MapFS{}, "en"); err == nil {
		t.Error("nothing at all was accepted")
	}
}
