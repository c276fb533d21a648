// Package letter lays mails out: one description becomes plain text and HTML that say the same, and a catalogue holds the
// words in each language. Values go in as text and never as HTML. It sends nothing and knows no occasion for a mail.
package letter

import (
	"fmt"
	"html/template"
	"strings"
	"unicode/utf8"
)

// Letter is what a mail says, top to bottom. Empty parts are left out.
type Letter struct {
	Language string // BCP 47
	Subject  string
	Greeting string
	Lines    []string
	Facts    []Fact
	Action   Action
	After    []string
	Footer   []string
}

// Fact is a figure with its name.
type Fact struct{ Label, Value string }

// Action is what the reader may do: one link, whose address is also shown, for readers who trust no button.
type Action struct{ Label, URL string }

const columns = 76

// Text is the letter as plain text, wrapped. Addresses are never broken.
func (l Letter) Text() string {
	var b strings.Builder
	paragraph := func(lines ...string) {
		for _, line := range lines {
			wrap(&b, line)
		}
		b.WriteByte('\n')
	}
	if l.Greeting != "" {
		paragraph(l.Greeting)
	}
	for _, line := range l.Lines {
		paragraph(line)
	}
	if len(l.Facts) > 0 {
		facts := make([]string, len(l.Facts))
		for i, f := range l.Facts {
			facts[i] = f.Label + ": " + f.Value
		}
		paragraph(facts...)
	}
	if l.Action.URL != "" {
		paragraph(l.Action.Label+":", l.Action.URL)
	}
	for _, line := range l.After {
		paragraph(line)
	}
	if len(l.Footer) > 0 {
		paragraph(append([]string{"-- "}, l.Footer...)...)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func wrap(b *strings.Builder, text string) {
	if text == "-- " { // the mark before a signature, with its blank (RFC 3676, 4.3)
		b.WriteString("-- \n")
		return
	}
	width := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > columns:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	b.WriteByte('\n')
}

// HTML is the letter as a page: no images, no scripts, nothing from elsewhere; readable when styles are dropped.
func (l Letter) HTML() (string, error) {
	var b strings.Builder
	if err := page.Execute(&b, l); err != nil {
		return "", fmt.Errorf("lay out a letter: %w", err)
	}
	return b.String(), nil
}

var page = template.Must(template.New("letter").Parse(`<!doctype html>
<html lang="{{.Language}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{.Subject}}</title>
</head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:36em;margin:0 auto">
{{with .Greeting}}<p>{{.}}</p>
{{end}}{{range .Lines}}<p>{{.}}</p>
{{end}}{{if .Facts}}<ul>
{{range .Facts}}<li>{{.Label}}: <strong>{{.Value}}</strong></li>
{{end}}</ul>
{{end}}{{if .Action.URL}}<p><a href="{{.Action.URL}}" style="font-weight:bold">{{.Action.Label}}</a><br>
<small>{{.Action.URL}}</small></p>
{{end}}{{range .After}}<p>{{.}}</p>
{{end}}{{if .Footer}}<hr>
{{range .Footer}}<p><small>{{.}}</small></p>
{{end}}{{end}}</div>
</body>
</html>
`))
