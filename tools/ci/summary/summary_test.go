package main

import (
	"bytes"
	"strings"
	"testing"
)

// lines writes events as `go test -json` does.
func lines(events ...string) string { return strings.Join(events, "\n") + "\n" }

const (
	passes = `{"Action":"pass","Package":"p","Test":"TestA"}`
	closes = `{"Action":"pass","Package":"p","Elapsed":0.1}`
)

func TestSummary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in, need string
		ok       bool
		want     []string
	}{
		"all well": {
			in: lines(passes, closes), need: "p", ok: true,
			want: []string{"1 passed, 0 failed, 0 skipped\n"},
		},
		"a failed test shows its output": {
			in: lines(passes, `{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: got 1\n"}`,
				`{"Action":"fail","Package":"p","Test":"TestB"}`, `{"Action":"fail","Package":"p"}`),
			want: []string{"got 1", "1 passed, 1 failed, 0 skipped\n"},
		},
		"a package that does not build": {
			in: lines(passes, closes, `{"Action":"build-output","ImportPath":"q","Output":"q.go:1: undefined: x\n"}`,
				`{"Action":"fail","Package":"q","FailedBuild":"q"}`),
			want: []string{"undefined: x", "1 passed, 1 failed, 0 skipped\n"},
		},
		"a skipped test tells why": {
			in: lines(passes, `{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: no PostgreSQL here\n"}`,
				`{"Action":"skip","Package":"p","Test":"TestC"}`, closes),
			ok: true, want: []string{"skipped 1: no PostgreSQL here\n", "1 passed, 0 failed, 1 skipped\n"},
		},
		"a suite that ran nothing": {
			in:   lines(passes, closes, `{"Action":"output","Package":"q","Output":"testing: warning: no tests to run\n"}`, `{"Action":"pass","Package":"q"}`),
			want: []string{"error: q has tests, but none of them ran\n", "1 passed, 1 failed, 0 skipped\n"},
		},
		"a package without test files is no suite": {
			in: lines(passes, closes, `{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}`, `{"Action":"skip","Package":"q"}`),
			ok: true, want: []string{"1 passed, 0 failed, 0 skipped\n"},
		},
		"a needed suite is missing": {
			in: lines(passes, closes), need: "acceptance",
			want: []string{"error: acceptance was to run, but ran no test\n"},
		},
		"the go command's own complaint": {
			in:   lines("go: updates to go.mod needed", passes, closes),
			want: []string{"error: go: updates to go.mod needed\n", "1 passed, 1 failed"},
		},
		"nothing": {in: "", want: []string{"error: no test ran at all\n", "0 passed, 1 failed, 0 skipped\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			s := newSummary(&out)
			if err := s.read(strings.NewReader(c.in)); err != nil {
				t.Fatal(err)
			}
			if c.need != "" {
				s.require([]string{c.need})
			}
			if ok := s.report(); ok != c.ok {
				t.Errorf("report() = %v, want %v", ok, c.ok)
			}
			for _, want := range c.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("output lacks %q:\n%s", want, out.String())
				}
			}
		})
	}
}
