//go:build acceptance

package acceptance

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	listedCommand = regexp.MustCompile(`(?m)^  ([a-z][a-z-]*) +\S`)
	tableRow      = regexp.MustCompile("(?m)^\\| (`[^|]*) \\|")
	tableCommand  = regexp.MustCompile("`([a-z][a-z-]*)`")
	pageLink      = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// The README's table of commands is the list of the program's help.
func TestReadmeListsTheCommands(t *testing.T) {
	t.Parallel()
	help, err := exec.CommandContext(t.Context(), program, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(help), "Usage:")
	list, _, _ = strings.Cut(list, "\nFlags:")
	readme := string(read(t, "../README.md"))
	_, table, _ := strings.Cut(readme, "<!-- commands:")
	table, _, _ = strings.Cut(table, "<!-- end of commands -->")
	got, want := names(tableCommand, strings.Join(tableRow.FindAllString(table, -1), "\n")), names(listedCommand, list)
	if len(want) < 6 {
		t.Fatalf("found only %v in the help:\n%s", want, help)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's commands are not those of fiapx --help (-help +README):\n%s", diff)
	}
}

// names gives the first group of every match, sorted, without what every program has and the program's own name.
func names(pattern *regexp.Regexp, text string) []string {
	var out []string
	for _, match := range pattern.FindAllStringSubmatch(text, -1) {
		if !slices.Contains([]string{"fiapx", "help", "completion"}, match[1]) {
			out = append(out, match[1])
		}
	}
	slices.Sort(out)
	return out
}

func TestLinksBetweenThePagesLeadSomewhere(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "../README.md", "../CONTRIBUTING.md", "../CHANGELOG.md") {
		for _, link := range pageLink.FindAllStringSubmatch(string(read(t, page)), -1) {
			if found, err := filepath.Glob(filepath.Join(filepath.Dir(page), link[1])); err != nil || len(found) == 0 {
				t.Errorf("%s links to %s, which does not exist", page, link[1])
			}
		}
	}
}
