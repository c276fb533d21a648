package engine

import (
	"cmp"
	"slices"
)

// target is a picture that is asked for, at the instants first..last.
type target struct {
	packet      int // in the index
	frame       int // number in order of presentation
	first, last int
}

// run is a stretch of packets that one decoder works through without a flush: from an entry point to the last target
// in decoding order. Targets are sorted by packet.
type run struct {
	from, to int // packets, inclusive
	targets  []target
	cost     int // packets that must be decoded
}

// plan finds the least that must be decoded for the wanted pictures.
func plan(x *index, wanted []target) []run {
	entries := entryPoints(x)
	runs := make([]run, len(entries))
	for _, t := range wanted {
		at := owner(x, entries, t.packet)
		runs[at].targets = append(runs[at].targets, t)
	}
	out := runs[:0]
	for i, r := range runs {
		if len(r.targets) == 0 {
			continue
		}
		slices.SortFunc(r.targets, func(a, b target) int { return cmp.Compare(a.packet, b.packet) })
		r.from, r.to = entries[i], r.targets[len(r.targets)-1].packet
		r.cost = cost(x, r)
		out = append(out, r)
	}
	return out
}

// targets pairs instants with pictures: the last shown one whose pts is not after the instant.
func targets(x *index, g grid, n int) []target {
	var out []target
	at := 0
	for k := range n {
		for last := g.last(k); at+1 < len(x.shown) && x.packets[x.shown[at+1]].pts <= last; {
			at++
		}
		if len(out) > 0 && out[len(out)-1].frame == at {
			out[len(out)-1].last = k
			continue
		}
		out = append(out, target{packet: int(x.shown[at]), frame: at, first: k, last: k})
	}
	return out
}

// picked lists the pictures that c wants.
func picked(x *index, c *picker) []target {
	var out []target
	for at, i := range x.shown {
		wanted, done := c.pick(x.packets[i].pts, x.packets[i].has(flagKey))
		if done {
			break
		}
		if wanted {
			out = append(out, target{packet: int(i), frame: at, first: len(out), last: len(out)})
		}
	}
	return out
}

func entryPoints(x *index) []int {
	var out []int
	for i, e := range x.packets {
		if e.has(flagKey) && e.has(flagEntry) {
			out = append(out, i)
		}
	}
	return out
}

// owner is the entry point that a picture is decoded from: the one before it, or, when it is shown before that one
// although decoded after it (a leading picture of an open GOP), the one before that.
func owner(x *index, entries []int, packet int) int {
	at, found := slices.BinarySearch(entries, packet)
	if !found {
		at--
	}
	if at > 0 && x.packets[packet].pts < x.packets[entries[at]].pts {
		at--
	}
	return at
}

func cost(x *index, r run) int {
	n, at := 0, 0
	for i := r.from; i <= r.to; i++ {
		wanted := r.targets[at].packet == i
		if wanted && at+1 < len(r.targets) {
			at++
		}
		if wanted || !x.skippable(x.packets[i], true) {
			n++
		}
	}
	return n
}
