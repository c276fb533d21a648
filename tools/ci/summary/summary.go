package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build output
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

// suite is what became of one package.
type suite struct {
	passed, failed, skipped int
	output                  map[string][]string // by test; "" is the package's own
}

type summary struct {
	out     io.Writer
	suites  map[string]*suite
	builds  map[string][]string // compiler output by import path
	reasons map[string]int      // why tests were skipped
	faults  []string            // what is wrong beyond failed tests
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, suites: map[string]*suite{}, builds: map[string][]string{}, reasons: map[string]int{}}
}

// read follows the events and prints each package as it ends. Lines that are no events are shown as they are: they come
// from the go command itself and say why nothing could run.
func (s *summary) read(in io.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			fmt.Fprintln(s.out, lines.Text())
			if strings.HasPrefix(lines.Text(), "go: ") && !strings.HasPrefix(lines.Text(), "go: downloading") {
				s.faults = append(s.faults, lines.Text())
			}
			continue
		}
		s.take(e)
	}
	return lines.Err()
}

func (s *summary) take(e event) {
	if e.Action == "build-output" {
		s.builds[e.ImportPath] = append(s.builds[e.ImportPath], e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	one := s.suites[e.Package]
	if one == nil {
		one = &suite{output: map[string][]string{}}
		s.suites[e.Package] = one
	}
	switch {
	case e.Action == "output":
		one.output[e.Test] = append(one.output[e.Test], e.Output)
	case e.Test != "":
		s.ended(one, e)
	default:
		s.closed(one, e)
	}
}

// ended counts a test. Output of tests that passed is dropped at once, so that memory stays small.
func (s *summary) ended(one *suite, e event) {
	switch e.Action {
	case "pass":
		one.passed++
		delete(one.output, e.Test)
	case "skip":
		one.skipped++
		s.reasons[reason(one.output[e.Test])]++
		delete(one.output, e.Test)
	case "fail":
		one.failed++
	}
}

// closed prints a package's line. A failure without a failed test is the package's own: a build error, a panic, a timeout.
func (s *summary) closed(one *suite, e event) {
	own := strings.Join(one.output[""], "")
	switch {
	case e.Action == "fail":
		if one.failed == 0 {
			one.failed++
		}
		s.printFailure(one, e)
	case strings.Contains(own, "[no test files]"):
		delete(s.suites, e.Package) // behind a build tag it may have some in the next run, and then has a line
	case e.Action == "skip" || e.Action == "pass":
		s.printPackage(one, e)
	}
}

func (s *summary) printPackage(one *suite, e event) {
	if one.passed == 0 {
		s.faults = append(s.faults, e.Package+" has tests, but none of them ran")
	}
	fmt.Fprintf(s.out, "%-6s %-60s %4d passed, %d skipped (%.1f s)\n", "ok", e.Package, one.passed, one.skipped, e.Elapsed)
}

func (s *summary) printFailure(one *suite, e event) {
	fmt.Fprintf(s.out, "%-6s %-60s %4d passed, %d failed, %d skipped\n", "FAIL", e.Package, one.passed, one.failed, one.skipped)
	if e.FailedBuild != "" {
		fmt.Fprint(s.out, strings.Join(s.builds[e.FailedBuild], ""))
	}
	for _, test := range slices.Sorted(maps.Keys(one.output)) {
		fmt.Fprint(s.out, indent(one.output[test]))
	}
}

func indent(lines []string) string { return "       " + strings.Join(lines, "       ") }

// reason finds the sentence that t.Skip was given.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "---") || strings.HasPrefix(text, "===") {
			continue
		}
		if _, said, ok := strings.Cut(text, ".go:"); ok {
			_, text, _ = strings.Cut(said, ": ")
		}
		return text
	}
	return "no reason given"
}

// require notes the named packages that ran no test.
func (s *summary) require(packages []string) {
	for _, name := range packages {
		if one := s.suites[name]; one == nil || one.passed+one.failed == 0 {
			s.faults = append(s.faults, name+" was to run, but ran no test")
		}
	}
}

// report prints the end of the summary and tells whether all is well.
func (s *summary) report() bool {
	var passed, failed, skipped int
	for _, one := range s.suites {
		passed, failed, skipped = passed+one.passed, failed+one.failed, skipped+one.skipped
	}
	if passed+failed == 0 {
		s.faults = append(s.faults, "no test ran at all")
	}
	for _, why := range slices.Sorted(maps.Keys(s.reasons)) {
		fmt.Fprintf(s.out, "skipped %d: %s\n", s.reasons[why], why)
	}
	for _, fault := range s.faults {
		fmt.Fprintf(s.out, "error: %s\n", fault)
	}
	failed += len(s.faults)
	fmt.Fprintf(s.out, "%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	return failed == 0
}
