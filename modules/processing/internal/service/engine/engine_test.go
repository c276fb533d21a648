//go:build cgo

package engine_test

import (
	"context"
	"os"
	"testing"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// The engine starts its own binary as the child; under test that is the test binary.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == engine.ChildCommand {
		os.Exit(engine.ChildMain(context.Background())) //nolint:forbidigo // this is the child's main
	}
	m.Run()
}
