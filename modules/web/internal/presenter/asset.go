package presenter

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"time"

	"github.com/labstack/echo/v4"
)

// policy lets the page load its own files and talk to its own server, and nothing else: no inline code, no foreign host.
// blob: is for the pictures that the page reads out of an archive.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// types are spelled out because the operating system's table, which package mime reads, differs between machines.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".yaml": "application/yaml",
	".svg":  "image/svg+xml",
}

// asset is one embedded file with what its answers have in common.
type asset struct {
	content     []byte
	contentType string
	etag        string
}

func newAsset(name string, content []byte) *asset {
	sum := sha256.Sum256(content)
	kind, ok := types[path.Ext(name)]
	if !ok {
		kind = mime.TypeByExtension(path.Ext(name))
	}
	return &asset{content: content, contentType: kind, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
}

// serve answers with the file, or with 304 when the browser has it. The names of the files do not change with their
// content, so browsers must ask each time; the ETag makes that cheap, and a new version is seen at once.
func (a *asset) serve(c echo.Context) error {
	header := c.Response().Header()
	header.Set("Content-Type", a.contentType)
	header.Set("ETag", a.etag)
	header.Set("Cache-Control", "no-cache")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(a.content))
	return nil
}
