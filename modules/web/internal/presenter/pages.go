// Package presenter answers the browser: embedded files with caching and a strict content policy, the merged API
// description, and the page for addresses that only the page itself knows. It calls no use case, because the page does
// everything through the public API.
package presenter

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
	"go.yaml.in/yaml/v4"

	"github.com/fiapx/fiapx/platform/httpserver"
)

// Pages holds every answer ready-made.
type Pages struct {
	page   *asset // nil when the page is switched off
	docs   *asset
	json   *asset
	yaml   *asset
	assets map[string]*asset // by the path below /assets/
}

// New reads the files once; they cannot change while the program runs.
func New(files fs.FS, spec *openapi3.T, page bool) (*Pages, error) {
	p := &Pages{assets: map[string]*asset{}}
	if err := p.describe(spec); err != nil {
		return nil, err
	}
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return p.add(files, path, page)
	})
	if err != nil {
		return nil, fmt.Errorf("read the embedded page: %w", err)
	}
	return p, nil
}

func (p *Pages) describe(spec *openapi3.T) error {
	asJSON, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return fmt.Errorf("write the API description: %w", err)
	}
	asYAML, err := yaml.Marshal(spec)
	if err != nil {
		return fmt.Errorf("write the API description: %w", err)
	}
	p.json, p.yaml = newAsset("openapi.json", asJSON), newAsset("openapi.yaml", asYAML)
	return nil
}

func (p *Pages) add(files fs.FS, path string, page bool) error {
	content, err := fs.ReadFile(files, path)
	if err != nil {
		return err
	}
	file := newAsset(path, content)
	switch path {
	case "index.html":
		if page {
			p.page = file
		}
	case "docs.html":
		p.docs = file
	default:
		p.assets[strings.TrimPrefix(path, "assets/")] = file
	}
	return nil
}

// Routes adds the answers to r, which must be the group at the server's root.
func (p *Pages) Routes(r httpserver.Router) {
	for path, file := range map[string]*asset{"/docs": p.docs, "/openapi.json": p.json, "/openapi.yaml": p.yaml} {
		get(r, path, file.serve)
	}
	if p.page != nil {
		get(r, "/", p.page.serve)
	}
	get(r, "/redoc", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/docs") })
	get(r, "/assets/*", p.asset)
	r.RouteNotFound("/*", p.unknown)
}

func get(r httpserver.Router, path string, h echo.HandlerFunc) {
	r.GET(path, h)
	r.HEAD(path, h)
}

func (p *Pages) asset(c echo.Context) error {
	file, ok := p.assets[c.Param("*")]
	if !ok {
		return echo.ErrNotFound
	}
	return file.serve(c)
}
