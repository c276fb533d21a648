package web_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// texts reads one language of the page.
func texts(t *testing.T, language string) map[string]string {
	t.Helper()
	content, err := os.ReadFile("ui/assets/i18n/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	if err := json.Unmarshal(content, &out); err != nil {
		t.Fatalf("%s: %v", language, err)
	}
	return out
}

// sources gives the page's files with the suffix, by name.
func sources(t *testing.T, suffix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS("ui"), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		content, err := os.ReadFile("ui/" + path)
		out[path] = string(content)
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatalf("files %s of the page: %d, %v", suffix, len(out), err)
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\w+\}`)

func TestLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	english, portuguese := texts(t, "en"), texts(t, "pt-BR")
	if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(portuguese))); diff != "" {
		t.Errorf("keys differ (-en +pt-BR):\n%s", diff)
	}
	for key, text := range english {
		want, got := placeholder.FindAllString(text, -1), placeholder.FindAllString(portuguese[key], -1)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) || portuguese[key] == "" {
			t.Errorf("%s: placeholders %v in English, %v in Portuguese", key, want, got)
		}
	}
}

var usedKey = regexp.MustCompile(`(?:\bt\("|data-i18n(?:-label)?=")([a-z_.A-Z]+)"`)

func TestEveryUsedTextExists(t *testing.T) {
	t.Parallel()
	known := texts(t, "en")
	used := map[string]bool{}
	for _, suffix := range []string{".js", "index.html"} {
		for name, source := range sources(t, suffix) {
			for _, match := range usedKey.FindAllStringSubmatch(source, -1) {
				used[match[1]] = true
				if known[match[1]] == "" {
					t.Errorf("%s uses the text %s, which does not exist", name, match[1])
				}
			}
		}
	}
	if len(used) < 50 {
		t.Errorf("only %d uses were found: the pattern no longer fits the code", len(used))
	}
}

// The content policy would block these in a browser; here the mistake is found before one is opened.
func TestNothingInlineAndNothingForeign(t *testing.T) {
	t.Parallel()
	rules := map[string]*regexp.Regexp{
		"inline style":        regexp.MustCompile(`<style|\sstyle="`),
		"inline script":       regexp.MustCompile(`<script(?:\s+type="module")?\s*>|\son[a-z]+="`),
		"foreign address":     regexp.MustCompile(`(?:src|href|url\(|fetch\()\W{0,2}(?:https?:)?//`),
		"text as HTML":        regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(`),
		"permanent token":     regexp.MustCompile(`localStorage\.setItem\("(?:fiapx\.session|token)`),
		"import without .js ": regexp.MustCompile(`from "\./[^"]*[^s]"`),
	}
	for _, suffix := range []string{".html", ".js", ".css"} {
		for name, source := range sources(t, suffix) {
			for what, pattern := range rules {
				if found := pattern.FindString(source); found != "" {
					t.Errorf("%s: %s: %s", name, what, found)
				}
			}
		}
	}
}

var label = regexp.MustCompile(`<(?:input|select)[^>]*\bid="([^"]+)"`)

func TestControlsOfThePagesHaveLabels(t *testing.T) {
	t.Parallel()
	for name, source := range sources(t, ".html") {
		if !strings.Contains(source, `<html lang="en">`) || !strings.Contains(source, `id="main"`) {
			t.Errorf("%s lacks its language or its main part", name)
		}
		for _, match := range label.FindAllStringSubmatch(source, -1) {
			if !strings.Contains(source, `for="`+match[1]+`"`) {
				t.Errorf("%s: the control %s has no label", name, match[1])
			}
		}
	}
}
