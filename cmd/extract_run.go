package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/fiapx/fiapx/modules/processing"
	"github.com/fiapx/fiapx/platform/config"
	"github.com/fiapx/fiapx/platform/fault"
)

// extract runs one task after the other. A bad video does not keep the next one waiting, but decides the exit code.
func (c *console) extract(ctx context.Context, f extractFlags, videos []string) error {
	params, err := f.params()
	if err != nil {
		return err
	}
	tasks, err := f.tasks(videos)
	if err != nil {
		return err
	}
	if f.out == "-" && c.json && !f.plan {
		return usagef("--json and -o - both want standard output; choose one")
	}
	var cfg processing.Config
	if err := config.Load(&cfg, c.environ); err != nil {
		return err
	}
	do := func(t task) error { return c.extractOne(ctx, cfg, f, params, t) }
	if f.plan {
		do = func(t task) error { return c.planOne(ctx, cfg, params, t) }
	}
	if len(tasks) == 1 {
		return do(tasks[0])
	}
	return c.each(tasks, do)
}

func (c *console) each(tasks []task, do func(task) error) error {
	worst := exitOK
	for _, t := range tasks {
		err := do(t)
		if err == nil {
			continue
		}
		report(c.err, prefixed(t.video, err))
		worst = worse(worst, exitCode(err))
		if worst == exitInterrupted || worst == exitFailure { // the disk is full, the engine is missing: so it is for the rest
			break
		}
	}
	if worst == exitOK {
		return nil
	}
	return &codeError{code: worst}
}

// worse orders the codes by how much is missing.
func worse(a, b int) int {
	rank := map[int]int{exitOK: 0, exitPartial: 1, exitBadVideo: 2, exitUsage: 3, exitFailure: 4, exitInterrupted: 5}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// prefixed names the video, for there are several.
func prefixed(video string, err error) error {
	var coded *codeError
	if errors.As(err, &coded) && coded.cause == nil {
		return err
	}
	return &codeError{exitCode(err), errors.New(video + ": " + sentence(err))}
}

func (c *console) extractOne(ctx context.Context, cfg processing.Config, f extractFlags, p processing.Params, t task) error {
	view := c.view(t, f.quiet)
	out, err := c.extractTask(ctx, cfg, f, p, t, view)
	view.end()
	if err != nil {
		return view.failed(judged(err))
	}
	return view.done(out)
}

func (c *console) extractTask(
	ctx context.Context, cfg processing.Config, f extractFlags, p processing.Params, t task, view extractView,
) (processing.Outcome, error) {
	src, err := openSource(t.video)
	if err != nil {
		return processing.Outcome{}, err
	}
	defer func() { _ = src.Close() }()
	target, err := c.open(t, f)
	if err != nil {
		return processing.Outcome{}, err
	}
	out, err := processing.Extract(ctx, cfg, processing.Request{
		Source: src, Params: p, Output: target.Output, OnProgress: view.progress, OnImage: view.image,
	})
	if err == nil {
		err = ctx.Err() // too late to stop it, early enough to leave nothing behind
	}
	if err == nil {
		err = target.commit()
	}
	if err != nil {
		target.discard()
	}
	return out, err
}

// judged gives an error of the extraction its exit code.
func judged(err error) error {
	switch {
	case exitCode(err) != exitFailure:
		return err
	case processing.IsOutputError(err):
		return fmt.Errorf("the output could not be written: %w", err)
	case fault.KindOf(err) == fault.Invalid, fault.From(err).Code == "CRASHED":
		return &codeError{exitBadVideo, err}
	}
	return err
}
