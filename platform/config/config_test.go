package config_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fiapx/fiapx/platform/config"
)

type inner struct {
	Ratio float64 `env:"T_RATIO" default:"0.5"`
	Floor int     `env:"T_FLOOR" default:"1"`
}

func (c inner) Validate() error {
	if c.Floor < 1 {
		return fmt.Errorf("T_FLOOR is %d; set 1 or more", c.Floor)
	}
	return nil
}

type settings struct {
	Name    string        `env:"T_NAME,OLD_NAME" default:"box" help:"what it is called"`
	On      bool          `env:"T_ON" default:"true"`
	Count   int64         `env:"T_COUNT"`
	Wait    time.Duration `env:"T_WAIT" default:"30s"`
	Size    config.Bytes  `env:"T_SIZE" default:"500MiB"`
	Origins []string      `env:"T_ORIGINS"`
	Key     config.Secret `env:"T_KEY,OLD_KEY" help:"the key"`
	Inner   inner
	derived string //nolint:unused // fields that are not exported are left alone
}

func (c settings) Validate() error {
	if c.Wait < time.Second {
		return errors.New("T_WAIT is too short; set 1s or more")
	}
	return nil
}

func environ(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
}

func load(t *testing.T, vars map[string]string) settings {
	t.Helper()
	var s settings
	if err := config.Load(&s, environ(vars)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	want := settings{Name: "box", On: true, Wait: 30 * time.Second, Size: 500 << 20, Inner: inner{Ratio: 0.5, Floor: 1}}
	if diff := cmp.Diff(want, load(t, nil), cmp.AllowUnexported(settings{})); diff != "" {
		t.Error(diff)
	}
}

func TestEnvironmentWins(t *testing.T) {
	t.Parallel()
	got := load(t, map[string]string{
		"T_NAME": " crate ", "T_ON": "false", "T_COUNT": "-7", "T_WAIT": "2m", "T_SIZE": "2GB", "T_ORIGINS": "a, ,b,", "T_KEY": " k ", "T_RATIO": "1e-1", "T_FLOOR": "3",
	})
	want := settings{
		Name: "crate", Count: -7, Wait: 2 * time.Minute, Size: 2e9, Origins: []string{"a", "b"}, Key: " k ", Inner: inner{Ratio: 0.1, Floor: 3},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(settings{})); diff != "" {
		t.Error(diff)
	}
}

func TestWhichVariableCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vars map[string]string
		want string
	}{
		"alias":                     {map[string]string{"OLD_NAME": "old"}, "old"},
		"the name before the alias": {map[string]string{"T_NAME": "new", "OLD_NAME": "old"}, "new"},
		"empty is not set":          {map[string]string{"T_NAME": "", "OLD_NAME": "old"}, "old"},
		"all empty is the default":  {map[string]string{"T_NAME": "", "OLD_NAME": ""}, "box"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := load(t, c.vars).Name; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if got := load(t, map[string]string{"OLD_KEY_FILE": file("good", "s3cret \r\n")}).Key.Reveal(); got != "s3cret " {
		t.Errorf("secret is %q", got)
	}
	if got := load(t, map[string]string{"T_NAME_FILE": file("name", "x")}).Name; got != "box" {
		t.Errorf("only secrets are read from files, but the name is %q", got)
	}
	for want, vars := range map[string]map[string]string{
		"T_KEY_FILE: the file cannot be read": {"T_KEY_FILE": filepath.Join(dir, "absent")},
		"is empty; write the secret into it":  {"T_KEY_FILE": file("empty", "\n")},
		"are both set; remove one of them":    {"T_KEY_FILE": file("both", "s3cret"), "T_KEY": "s3cret"},
	} {
		err := config.Load(&settings{}, environ(vars))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("error %v does not say %q, or says too much", err, want)
		}
	}
}

func TestAllProblemsAreNamed(t *testing.T) {
	t.Parallel()
	vars := map[string]string{"T_ON": "perhaps", "T_COUNT": "1.5", "T_WAIT": "5", "T_SIZE": "big", "T_RATIO": "NaN", "T_FLOOR": "one"}
	err := config.Load(&settings{}, environ(vars))
	for name, value := range vars {
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%s: %q is not ", name, value)) {
			t.Errorf("%s is not explained in: %v", name, err)
		}
	}
}

func TestEveryValidateIsAsked(t *testing.T) {
	t.Parallel()
	err := config.Load(&settings{}, environ(map[string]string{"T_WAIT": "1ms", "T_FLOOR": "0"}))
	for _, want := range []string{"T_WAIT is too short", "T_FLOOR is 0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in: %v", want, err)
		}
	}
	s := load(t, nil)
	s.Inner.Floor = -1 // as a flag may do
	if err := config.Check(&s); err == nil || !strings.Contains(err.Error(), "T_FLOOR is -1") {
		t.Errorf("Check: %v", err)
	}
}

func TestDump(t *testing.T) {
	t.Parallel()
	s := load(t, map[string]string{"T_KEY": "s3cret", "T_NAME": "crate", "T_ORIGINS": "a,b"})
	want := []config.Setting{
		{Name: "T_NAME", Value: "crate", Help: "what it is called"},
		{Name: "T_ON", Value: "true", Default: true},
		{Name: "T_COUNT", Value: "0", Default: true},
		{Name: "T_WAIT", Value: "30s", Default: true},
		{Name: "T_SIZE", Value: "500MiB", Default: true},
		{Name: "T_ORIGINS", Value: "a,b"},
		{Name: "T_KEY", Value: "[redacted]", Help: "the key"},
		{Name: "T_RATIO", Value: "0.5", Default: true},
		{Name: "T_FLOOR", Value: "1", Default: true},
	}
	if diff := cmp.Diff(want, config.Dump(&s)); diff != "" {
		t.Error(diff)
	}
}

func TestSharedVariableIsDumpedOnce(t *testing.T) {
	t.Parallel()
	var both struct{ A, B inner }
	if err := config.Load(&both, environ(map[string]string{"T_FLOOR": "9"})); err != nil {
		t.Fatal(err)
	}
	if both.A.Floor != 9 || both.B.Floor != 9 || len(config.Dump(&both)) != 2 {
		t.Errorf("loaded %+v, dumped %+v", both, config.Dump(&both))
	}
}

func TestSecretsStayHidden(t *testing.T) {
	t.Parallel()
	s := settings{Key: "s3cret"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", s.Key, "all", s)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", s.Key, "all", s)
	document, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, seen := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %q %s", s.Key, s, s.Key, s.Key, s.Key), log.String(), string(document)} {
		if strings.Contains(seen, "s3cret") || !strings.Contains(seen, "redacted") {
			t.Errorf("secret in %s", seen)
		}
	}
	if s.Key.Reveal() != "s3cret" || fmt.Sprint(config.Secret("")) != "" {
		t.Error("Reveal or the empty secret")
	}
}

func TestMistakesOfProgrammersPanic(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]any{
		"no pointer": settings{},
		"nil":        (*settings)(nil),
		"unknown kind": &struct {
			X uint `env:"T_X"`
		}{},
		"unreadable default": &struct {
			X int `env:"T_X" default:"many"`
		}{},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			vars := map[string]string{}
			_ = config.Load(target, environ(vars))
		})
	}
}
