package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/platform/fault"
)

// TestMain makes the test binary the program too: scripts call it as fiapx, and the engine starts its children from it.
func TestMain(m *testing.M) {
	if processing.IsChild(os.Args) {
		os.Exit(Execute())
	}
	testscript.Main(m, map[string]func(){"fiapx": func() { os.Exit(Execute()) }})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "config"))
			env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data"))
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "engine":
				_, err := processing.Probe(t.Context(), processing.DefaultConfig(), strings.NewReader("no video"))
				return fault.From(err).Code != "NO_ENGINE", nil
			case "cage":
				c, err := processing.TryCage(t.Context())
				return err == nil && c.Holds(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": exitcode, "appears": appears},
	})
}

// exitcode runs fiapx and compares its exit code: exitcode 3 extract bad.mp4.
func exitcode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE ARGUMENT...")
	}
	err := ts.Exec("fiapx", args[1:]...)
	got := "0"
	if err != nil {
		got = err.Error()[len("exit status "):]
	}
	if got != args[0] {
		ts.Fatalf("fiapx %v: exit code %s, want %s", args[1:], got, args[0])
	}
}

// appears waits until a file matches the pattern.
func appears(ts *testscript.TestScript, _ bool, args []string) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if found, _ := filepath.Glob(ts.MkAbs(args[0])); len(found) > 0 {
			return
		}
		<-tick.C
	}
	ts.Fatalf("no file matches %s after ten seconds", args[0])
}
