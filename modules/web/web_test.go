package web_test

import (
	"log/slog"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/fiapx/fiapx/modules/web"
)

func TestNewNeedsADescription(t *testing.T) {
	t.Parallel()
	deps := web.Deps{Version: "1.2.3", Log: slog.New(slog.DiscardHandler)}
	if _, err := web.New(web.Config{Page: true}, deps); err == nil {
		t.Error("without a description: accepted")
	}
	deps.Specs = []*openapi3.T{{OpenAPI: "3.0.3", Info: &openapi3.Info{Title: "x", Version: "0"}, Paths: openapi3.NewPaths()}}
	m, err := web.New(web.Config{Page: true}, deps)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.OpenAPI().Info.Version; got != "1.2.3" {
		t.Errorf("version %q, want the program's", got)
	}
}
