package httpserver

import (
	"net/http"

	"golang.org/x/text/language"
)

// The languages that people are written to in, the first for everybody else.
var (
	languages = []string{"en", "pt-BR"}
	matcher   = language.NewMatcher([]language.Tag{language.English, language.BrazilianPortuguese})
)

// Language is the one of ours that the client's Accept-Language asks for first, as a BCP 47 tag.
func Language(r *http.Request) string {
	wanted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err != nil {
		return languages[0]
	}
	_, index, _ := matcher.Match(wanted...)
	return languages[index]
}
