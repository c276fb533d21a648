package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fiapx/fiapx/platform/config"
)

// lines are the problems of a load, one each.
func lines(target any, vars map[string]string) []string {
	err := config.Load(target, environ(vars))
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

type Limits struct {
	Most int `env:"T_MOST" default:"3"`
}

// Validate has a pointer receiver, which counts as well as a value's.
func (l *Limits) Validate() error {
	if l.Most > 9 {
		return errors.New("T_MOST is over 9; lower it")
	}
	return nil
}

type private struct {
	Least int `env:"T_LEAST" default:"2"`
}

func TestEmbeddedStructs(t *testing.T) {
	t.Parallel()
	var c struct {
		Limits
		private
	}
	if got := lines(&c, nil); got != nil || c.Most != 3 || c.Least != 2 {
		t.Errorf("defaults are %+v, %q", c, got)
	}
	got := lines(&c, map[string]string{"T_MOST": "10", "T_LEAST": "1"})
	if !slices.Equal(got, []string{"T_MOST is over 9; lower it"}) || c.Least != 1 {
		t.Errorf("%+v with problems %q; want the one of T_MOST, once", c, got)
	}
	if settings := config.Dump(&c); len(settings) != 2 || settings[1].Name != "T_LEAST" || settings[1].Default {
		t.Errorf("dumped %+v", settings)
	}
}

type outer struct {
	Limits
	Inner inner
	Few   int `env:"T_FEW" default:"1"`
}

// Validate of the outer struct hides the embedded one, whose rules hold all the same.
func (o outer) Validate() error {
	if o.Few > o.Most {
		return fmt.Errorf("T_FEW (%d) is over T_MOST (%d)", o.Few, o.Most)
	}
	return nil
}

func TestRulesAreAskedDespiteUnreadableSettings(t *testing.T) {
	t.Parallel()
	var c outer
	got := lines(&c, map[string]string{"T_MOST": "10", "T_FEW": "11", "T_RATIO": "half", "T_FLOOR": "0"})
	want := []string{
		`T_RATIO: "half" is not a number, as in 0.5`, "T_MOST is over 9; lower it", "T_FLOOR is 0; set 1 or more", "T_FEW (11) is over T_MOST (10)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems are %q", got)
	}
	// What cannot be read counts as its default, not as zero, and so breaks no rule.
	if got := lines(&c, map[string]string{"T_FLOOR": "one"}); !slices.Equal(got, []string{`T_FLOOR: "one" is not a whole number, as in 4`}) {
		t.Errorf("problems are %q", got)
	}
}

func TestSecretHidesFromEveryVerb(t *testing.T) {
	t.Parallel()
	secret := struct{ Key config.Secret }{"s3cret"}
	for _, verb := range "vsqxXdbTtUc" {
		if seen := fmt.Sprintf("%"+string(verb)+" %#"+string(verb), secret, secret); strings.Contains(seen, "s3cret") || strings.Contains(seen, "733363726574") {
			t.Errorf("%%%c shows %s", verb, seen)
		}
	}
}

func TestSecretFileIsBounded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(path, make([]byte, 64<<10+1), 0o600); err != nil {
		t.Fatal(err)
	}
	got := lines(&settings{}, map[string]string{"T_KEY_FILE": path})
	if len(got) != 1 || !strings.Contains(got[0], "T_KEY_FILE") || !strings.Contains(got[0], "64 KiB") {
		t.Errorf("problems are %q", got)
	}
}
