package httpserver_test

import (
	"net/http"
	"testing"

	"github.com/fiapx/fiapx/platform/httpserver"
)

func TestLanguage(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"": "en", "en-GB,en;q=0.9": "en", "pt-BR": "pt-BR", "pt": "pt-BR", "pt-PT,en;q=0.5": "pt-BR", "fr": "en",
		"de,pt;q=0.8,en;q=0.7": "pt-BR", "en;q=0.1,pt-BR": "pt-BR", "not a language;;": "en",
	} {
		if got := httpserver.Language(&http.Request{Header: http.Header{"Accept-Language": {accept}}}); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}
