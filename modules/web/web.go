package web

import (
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/fiapx/fiapx/modules/web/internal/presenter"
	"github.com/fiapx/fiapx/platform/httpserver"
)

//go:embed ui
var ui embed.FS

// Config says what is served.
type Config struct {
	Page bool `env:"FIAPX_WEB_PAGE" default:"true" help:"serve the web page at / (the API description and /docs are always served)"`
}

// Deps is what the module is handed.
type Deps struct {
	Specs   []*openapi3.T // one per module with routes; their paths and schemas must not collide
	Version string        // of the program, shown in the description; empty keeps the first document's
	Log     *slog.Logger
}

// Module is the web module, ready to be routed.
type Module struct {
	pages *presenter.Pages
	spec  *openapi3.T
}

// New merges the descriptions and prepares the embedded files.
func New(cfg Config, deps Deps) (*Module, error) {
	files, err := fs.Sub(ui, "ui")
	if err != nil {
		return nil, fmt.Errorf("open the embedded page: %w", err)
	}
	spec, err := presenter.Merge(deps.Version, deps.Specs...)
	if err != nil {
		return nil, err
	}
	pages, err := presenter.New(files, spec, cfg.Page)
	if err != nil {
		return nil, err
	}
	deps.Log.Debug("web page prepared", "page", cfg.Page, "paths", spec.Paths.Len())
	return &Module{pages: pages, spec: spec}, nil
}

// Routes adds the page, the descriptions and the reference to r. It also answers every address that no other route
// knows, so call it on the group at the server's root.
func (m *Module) Routes(r httpserver.Router) { m.pages.Routes(r) }

// OpenAPI is the merged description of every module's routes.
func (m *Module) OpenAPI() *openapi3.T { return m.spec }

// Spec is a module's description of its routes.
type Spec = openapi3.T
