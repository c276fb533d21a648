package config_test

import (
	"testing"

	"github.com/fiapx/fiapx/platform/config"
)

func TestParseBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Bytes{
		"0": 0, "1048576": 1 << 20, "500MiB": 500 << 20, "1.5 KiB": 1536, "2GB": 2e9, "3kB": 3000, "7B": 7, "-1": -1, "2TiB": 2 << 40,
		"9223372036854775807": 1<<63 - 1,
	} {
		if got, err := config.ParseBytes(text); err != nil || got != want {
			t.Errorf("%q is %d (%v), want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "MiB", "five", "5MIB", "5 M", "1e99GiB", "NaN", "InfMB", "9223372036854775808", "8388608TiB"} {
		if got, err := config.ParseBytes(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

func FuzzParseBytes(f *testing.F) {
	for _, seed := range []string{"500MiB", "1.5KiB", "-3", "1e3MB", "B"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := config.ParseBytes(text)
		if err != nil {
			return
		}
		if again, err := config.ParseBytes(size.String()); err != nil || again != size {
			t.Errorf("%q is %d, printed as %s, which is %d (%v)", text, size, size, again, err)
		}
	})
}
