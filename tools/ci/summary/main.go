// Command summary reads `go test -json` and prints what ran: a line per package, the output of what failed, the reasons
// of what was skipped, and the counts on a last line of their own. It exits with 1 when a test failed, a package did not
// build, a package with tests ran none of them, or a suite named by -need is missing: silence is not success.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	need := flag.String("need", "", "comma-separated packages that must have run at least one test")
	flag.Parse()
	s := newSummary(os.Stdout)
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(2)
	}
	s.require(strings.FieldsFunc(*need, func(r rune) bool { return r == ',' }))
	if !s.report() {
		os.Exit(1)
	}
}
