package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page in the repository is what the program says.
func TestPageIsUpToDate(t *testing.T) {
	t.Parallel()
	if err := run(filepath.Join("..", "..", ".."), true); err != nil {
		t.Error(err)
	}
}

const source = `package p
type Config struct {
	Listen string ` + "`env:\"FIAPX_X,OLD_X\" default:\"a\" help:\"one | two\"`" + `
	Key config.Secret ` + "`env:\"FIAPX_KEY\" help:\"a secret\"`" + `
	Other int ` + "`json:\"other\"`" + `
}`

func TestParse(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	path := filepath.Join(root, "platform", "httpserver", "config.go")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := parse(root, path)
	if err != nil || len(found) != 2 {
		t.Fatalf("found %v, %v; want two settings", found, err)
	}
	page, err := replace("top\n"+begin+"old"+end+"\nbottom", tables(found))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"top\n", "\nbottom", "## HTTP\n",
		"| `FIAPX_X` (also `OLD_X`) | `a` | one \\| two |\n",
		"| `FIAPX_KEY`, `FIAPX_KEY_FILE` | — | a secret |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "old") {
		t.Error("the old tables are still there")
	}
	if _, err := replace("no marks", ""); err == nil {
		t.Error("a page without marks: accepted")
	}
}
