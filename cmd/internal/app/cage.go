package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/fiapx/fiapx/modules/processing"
)

// layers describes what holds the decoder.
func layers(c processing.Cage) string {
	landlock := c.Landlock
	if c.LandlockABI > 0 {
		landlock += fmt.Sprintf(" (ABI %d)", c.LandlockABI)
	}
	return fmt.Sprintf("no_new_privs %s, Landlock %s, seccomp %s", c.NoNewPrivs, landlock, c.Seccomp)
}

// missing are the layers that do not hold.
func missing(c processing.Cage) (names []string) {
	for _, l := range []struct{ name, state string }{
		{"no_new_privs", c.NoNewPrivs}, {"landlock", c.Landlock}, {"seccomp", c.Seccomp},
	} {
		if l.state != "on" {
			names = append(names, l.name)
		}
	}
	return names
}

// allowed are the ways out that a decoder would find.
func allowed(c processing.Cage) (names []string) {
	for name, end := range c.Escapes {
		if end != "denied" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// checkCage has a decoder's child try to get out.
func checkCage(ctx context.Context, _ Config) (string, error) {
	c, err := processing.TryCage(ctx)
	if err != nil {
		return "", fmt.Errorf("it could not be tried: %w", err)
	}
	return judgeCage(c)
}

func judgeCage(c processing.Cage) (string, error) {
	if ways := allowed(c); len(ways) > 0 {
		return "", fmt.Errorf("a decoder could %s; %s; use a Linux kernel with Landlock (5.13 or later) and a container runtime that allows it",
			strings.Join(ways, ", "), layers(c))
	}
	return fmt.Sprintf("%s; %d ways out tried, all closed", layers(c), len(c.Escapes)), nil
}

// announceCage tells once whether hostile videos are held. Decoding without a layer is less safe, not wrong.
func announceCage(ctx context.Context, log *slog.Logger, try func(context.Context) (processing.Cage, error)) {
	c, err := try(ctx)
	switch {
	case err != nil:
		log.WarnContext(ctx, "cage of the decoder not tried", "err", err)
	case c.Holds():
		log.InfoContext(ctx, "cage of the decoder holds", "landlock_abi", c.LandlockABI)
	default:
		log.WarnContext(ctx, "cage of the decoder is incomplete, hostile videos are less contained",
			"missing", missing(c), "possible", allowed(c), "layers", layers(c))
	}
}
