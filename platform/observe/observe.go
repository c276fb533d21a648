// Package observe makes the logger and carries the facts of a request (its id, its user) to every line logged under it.
// It holds no global logger; whoever logs is handed one.
package observe

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"
)

// NewLogger writes to w in format "text", "json" or "auto" (text on a terminal, JSON elsewhere), from level up
// ("debug", "info", "warn", "error"). An unknown format or level is an error that names the allowed ones.
func NewLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var from slog.Level
	if err := from.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q is not one of debug, info, warn, error", level)
	}
	options := &slog.HandlerOptions{Level: from}
	switch strings.ToLower(format) {
	case "text":
		return slog.New(contextual{slog.NewTextHandler(w, options)}), nil
	case "json":
		return slog.New(contextual{slog.NewJSONHandler(w, options)}), nil
	case "auto":
		if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return NewLogger(w, "text", level)
		}
		return NewLogger(w, "json", level)
	}
	return nil, fmt.Errorf("log format %q is not one of auto, text, json", format)
}

type attrsKey struct{}

// WithAttrs returns a context whose log lines carry attrs beside those it had.
func WithAttrs(ctx context.Context, attrs ...slog.Attr) context.Context {
	had, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return context.WithValue(ctx, attrsKey{}, append(had[:len(had):len(had)], attrs...))
}

// contextual adds the context's attributes to each record.
type contextual struct{ slog.Handler }

func (h contextual) Handle(ctx context.Context, r slog.Record) error {
	if attrs, ok := ctx.Value(attrsKey{}).([]slog.Attr); ok {
		r.AddAttrs(attrs...)
	}
	return h.Handler.Handle(ctx, r)
}

func (h contextual) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextual{h.Handler.WithAttrs(attrs)}
}

func (h contextual) WithGroup(name string) slog.Handler {
	return contextual{h.Handler.WithGroup(name)}
}
