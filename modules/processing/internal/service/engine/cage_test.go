//go:build cgo

package engine_test

import (
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

func TestTheCageHolds(t *testing.T) {
	t.Parallel()
	c, err := engine.TryCage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c.NoNewPrivs != "on" || c.Seccomp != "on" {
		t.Errorf("layers: %+v", c)
	}
	if c.LandlockABI == 0 {
		t.Skipf("this kernel has no Landlock (%s), so the file system is not closed here: %v", c.Landlock, c.Escapes)
	}
	for what, end := range c.Escapes {
		if end != "denied" {
			t.Errorf("the child could %s", what)
		}
	}
	if len(c.Escapes) < 9 || !c.Holds() {
		t.Errorf("the cage does not hold: %+v", c)
	}
}
