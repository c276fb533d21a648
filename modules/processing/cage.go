package processing

import (
	"context"

	"github.com/fiapx/fiapx/modules/processing/internal/service/engine"
)

// Cage says which layers hold a decoding child on this machine.
type Cage = engine.Cage

// TryCage starts a child that tries to get out, and reports. It needs what Extract needs, an executable that answers
// IsChild.
func TryCage(ctx context.Context) (Cage, error) { return engine.TryCage(ctx) }

// IsChild tells by the arguments of the process, its own name included, whether it must do nothing but run ChildMain.
func IsChild(args []string) bool {
	if len(args) < 2 || args[1] != ChildCommand {
		return false
	}
	return len(args) == 2 || len(args) == 3 && args[2] == "try"
}
