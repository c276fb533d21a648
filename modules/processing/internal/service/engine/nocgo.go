//go:build !cgo

package engine

import "context"

// Probe says that this build has no engine.
func Probe(context.Context, Source, Limits) (Info, error) { return Info{}, ErrNotBuilt }

// Plan says that this build has no engine.
func Plan(context.Context, Source, Params, Limits) (Planned, error) { return Planned{}, ErrNotBuilt }

// Divide says that this build has no engine.
func Divide(context.Context, Source, Params, Limits, Share) (Division, error) {
	return Division{}, ErrNotBuilt
}

// TryCage says that this build has no engine.
func TryCage(context.Context) (Cage, error) { return Cage{}, ErrNotBuilt }

// Extract says that this build has no engine.
func Extract(context.Context, Source, Params, Limits, func(Progress), func(Image) error) (Report, error) {
	return Report{}, ErrNotBuilt
}

// ChildMain exists so that every build has the same commands.
func ChildMain(context.Context) int { return 2 }
