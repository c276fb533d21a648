package letter

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Words are a letter in one language, with {placeholders}.
type Words struct {
	Subject  string      `json:"subject"`
	Greeting string      `json:"greeting"`
	Lines    []string    `json:"lines"`
	Facts    [][2]string `json:"facts"`
	Action   string      `json:"action"`
	After    []string    `json:"after"`
	Footer   []string    `json:"footer"`
}

// Catalog holds the words of every letter, by language and name. The first language is what others fall back to.
type Catalog struct {
	words    map[string]map[string]Words
	fallback string
}

// Load reads LANGUAGE.json files from a folder, and refuses them unless all languages have the same letters with the same
// placeholders.
func Load(files fs.FS, fallback string) (Catalog, error) {
	c := Catalog{words: map[string]map[string]Words{}, fallback: fallback}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return c, err
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return c, err
		}
		words := map[string]Words{}
		if err := json.Unmarshal(content, &words); err != nil {
			return c, fmt.Errorf("letters in %s: %w", name, err)
		}
		c.words[strings.TrimSuffix(path.Base(name), ".json")] = words
	}
	return c, c.check()
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func (c Catalog) check() error {
	reference, ok := c.words[c.fallback]
	if !ok {
		return fmt.Errorf("there are no letters in %q", c.fallback)
	}
	var errs []error
	for language, words := range c.words {
		if !slices.Equal(slices.Sorted(maps.Keys(reference)), slices.Sorted(maps.Keys(words))) {
			errs = append(errs, fmt.Errorf("%s has other letters than %s", language, c.fallback))
			continue
		}
		for name, w := range words {
			if want, got := placeholders(reference[name]), placeholders(w); !slices.Equal(want, got) {
				errs = append(errs, fmt.Errorf("%s of %s has the placeholders %v, want %v", name, language, got, want))
			}
		}
	}
	return errors.Join(errs...)
}

func placeholders(w Words) []string {
	text := append([]string{w.Subject, w.Greeting, w.Action}, slices.Concat(w.Lines, w.After, w.Footer)...)
	for _, f := range w.Facts {
		text = append(text, f[0], f[1])
	}
	found := placeholder.FindAllString(strings.Join(text, " "), -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// Language is the one that letters for this reader are written in.
func (c Catalog) Language(wanted string) string {
	if _, ok := c.words[wanted]; ok {
		return wanted
	}
	return c.fallback
}

// Write fills a letter's placeholders. Paragraphs and figures whose placeholders are all empty are left out, so that a
// letter may have parts that only some readers get. A letter that does not exist is a mistake in the program.
func (c Catalog) Write(language, name string, values map[string]string) Letter {
	language = c.Language(language)
	w, ok := c.words[language][name]
	if !ok {
		panic("letter: there is no letter " + name)
	}
	f := filler(values)
	l := Letter{
		Language: language, Subject: f.fill(w.Subject), Greeting: f.fill(w.Greeting),
		Lines: f.all(w.Lines), After: f.all(w.After), Footer: f.all(w.Footer),
	}
	for _, fact := range w.Facts {
		if !f.empty(fact[1]) {
			l.Facts = append(l.Facts, Fact{Label: f.fill(fact[0]), Value: f.fill(fact[1])})
		}
	}
	if w.Action != "" {
		l.Action = Action{Label: f.fill(w.Action), URL: values["url"]}
	}
	return l
}

type filler map[string]string

// fill looks at the text once: a value that looks like a placeholder stays what it is.
func (f filler) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(p string) string { return f[strings.Trim(p, "{}")] })
}

func (f filler) empty(text string) bool {
	found := placeholder.FindAllString(text, -1)
	return len(found) > 0 && !slices.ContainsFunc(found, func(p string) bool { return f[strings.Trim(p, "{}")] != "" })
}

func (f filler) all(lines []string) (out []string) {
	for _, line := range lines {
		if !f.empty(line) {
			out = append(out, f.fill(line))
		}
	}
	return out
}
