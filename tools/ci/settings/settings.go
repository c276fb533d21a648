package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// setting is one tagged field of a Config.
type setting struct {
	pkg, field  string
	names       []string // the first is ours, the others are accepted too
	value, help string
	secret      bool
}

// sections orders the page; a package that is not here comes last, under its own name.
var sections = []struct{ pkg, title string }{
	{"cmd/internal/app", "The process"},
	{"platform/httpserver", "HTTP"},
	{"platform/observe", "Logs"},
	{"platform/database", "Database"},
	{"platform/mail", "Mail"},
	{"modules/auth", "Accounts and tokens"},
	{"modules/videos", "Jobs and uploads"},
	{"modules/processing", "The worker"},
	{"modules/notify", "Mails about jobs"},
	{"modules/web", "The page"},
}

// collect reads the tags of every struct under the folders that hold the program.
func collect(root string) ([]setting, error) {
	var out []setting
	for _, dir := range []string{"cmd", "platform", "modules"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			found, err := parse(root, path)
			out = append(out, found...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) < 10 {
		return nil, fmt.Errorf("found only %d settings below %s: is that the root?", len(out), root)
	}
	return out, nil
}

func parse(root, path string) ([]setting, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	pkg, err := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	var out []setting
	ast.Inspect(file, func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok {
			if s, ok := tagged(field); ok {
				s.pkg = filepath.ToSlash(pkg)
				out = append(out, s)
			}
		}
		return true
	})
	return out, nil
}

func tagged(field *ast.Field) (setting, bool) {
	if field.Tag == nil || len(field.Names) == 0 {
		return setting{}, false
	}
	text, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return setting{}, false
	}
	tag := reflect.StructTag(text)
	names := tag.Get("env")
	if names == "" {
		return setting{}, false
	}
	kind, _ := field.Type.(*ast.SelectorExpr)
	return setting{
		field: field.Names[0].Name, names: strings.Split(names, ","), value: tag.Get("default"), help: tag.Get("help"),
		secret: kind != nil && kind.Sel.Name == "Secret",
	}, true
}

// tables writes one table per section. A variable that two packages read is listed in each.
func tables(settings []setting) string {
	var b strings.Builder
	titles := map[string]string{}
	order := []string{}
	for _, s := range sections {
		titles[s.pkg] = s.title
		order = append(order, s.pkg)
	}
	for _, s := range settings {
		if !slices.Contains(order, s.pkg) {
			order = append(order, s.pkg)
			titles[s.pkg] = s.pkg
		}
	}
	for _, pkg := range order {
		writeTable(&b, titles[pkg], settings, pkg)
	}
	return b.String()
}

func writeTable(b *strings.Builder, title string, settings []setting, pkg string) {
	begun := false
	for _, s := range settings {
		if s.pkg != pkg {
			continue
		}
		if !begun {
			fmt.Fprintf(b, "\n## %s\n\n| variable | default | meaning |\n| --- | --- | --- |\n", title)
			begun = true
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", variables(s), value(s), strings.ReplaceAll(s.help, "|", `\|`))
	}
}

func variables(s setting) string {
	text := "`" + s.names[0] + "`"
	if s.secret {
		text += ", `" + s.names[0] + "_FILE`"
	}
	if len(s.names) > 1 {
		text += " (also `" + strings.Join(s.names[1:], "`, `") + "`)"
	}
	return text
}

func value(s setting) string {
	if s.value == "" {
		return "—"
	}
	return "`" + s.value + "`"
}

const begin, end = "<!-- tables: written by ./tools/generate -->\n", "\n<!-- end of tables -->"

// replace puts the tables between the page's two marks.
func replace(page, tables string) (string, error) {
	before, rest, ok := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		return "", errors.New("the page lacks the marks between which the tables belong")
	}
	return before + begin + tables + end + after, nil
}
