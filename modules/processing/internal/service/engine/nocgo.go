//go:build !cgo

package engine

import "context"

// Probe says that this build has no engine.
func Probe(context.Context, Source, Limits) (Info, error) { return Info{}, ErrNotBuilt }

// Extract says that this build has no engine.
func Extract(context.Context, Source, Params, Limits, func(Progress), func(Image) error) (Report, error) {
	return Report{}, ErrNotBuilt
}

// ChildMain exists so that every build has the same commands.
func ChildMain(context.Context) int { return 2 }
