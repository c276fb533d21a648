package engine

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// gops makes an index in decoding order from groups given as presentation times; negative flags are none.
func packetsOf(flags map[int64]uint8, pts ...int64) []entry {
	out := make([]entry, 0, len(pts))
	for i, p := range pts {
		out = append(out, entry{pts: p, dts: int64(i), pos: int64(i * 100), size: 100, duration: 1, flags: flags[p]})
	}
	return out
}

const entryPoint = flagKey | flagEntry

func mustIndex(t *testing.T, packets []entry) *index {
	t.Helper()
	x, ok := newIndex(packets, -1<<63, 1)
	if !ok {
		t.Fatal("the index is refused")
	}
	return x
}

func TestPlanStopsAtTheLastTargetAndSkipsGroups(t *testing.T) {
	t.Parallel()
	// Three closed groups of 4: I P b b, in decoding order; b is not referred to.
	b := uint8(flagNonref)
	x := mustIndex(t, packetsOf(map[int64]uint8{0: entryPoint, 1: b, 2: b, 4: entryPoint, 5: b, 6: b, 8: entryPoint, 9: b, 10: b},
		0, 3, 1, 2, 4, 7, 5, 6, 8, 11, 9, 10))
	runs := plan(x, targets(x, newGrid(Params{FPS: 1.0 / 9}, rational{1, 1}, 0), 2)) // pictures 0 and 9
	if len(runs) != 2 || runs[0].from != 0 || runs[0].to != 0 || runs[1].from != 8 || runs[1].to != 10 {
		t.Fatalf("runs %+v", runs)
	}
	if runs[0].cost != 1 || runs[1].cost != 3 {
		t.Errorf("costs %d and %d, want 1 and 3", runs[0].cost, runs[1].cost)
	}
}

func TestLeadingPicturesStartOneGroupEarlier(t *testing.T) {
	t.Parallel()
	// The second group is open: 5 and 6 are shown before its key picture 7.
	x := mustIndex(t, packetsOf(map[int64]uint8{0: entryPoint, 7: entryPoint}, 0, 4, 1, 2, 3, 7, 5, 6, 8))
	runs := plan(x, targets(x, newGrid(Params{FPS: 1.0 / 5}, rational{1, 1}, 0), 2)) // pictures 0 and 5
	if len(runs) != 1 || runs[0].from != 0 || runs[0].to != 6 || len(runs[0].targets) != 2 {
		t.Fatalf("runs %+v", runs)
	}
}

func TestHigherLayersKeepLowerNonReferences(t *testing.T) {
	t.Parallel()
	packets := packetsOf(map[int64]uint8{0: entryPoint, 1: flagNonref, 2: flagNonref}, 0, 1, 2)
	packets[2].layer = 1
	x := mustIndex(t, packets)
	if x.skippable(packets[1], true) || !x.skippable(packets[2], true) {
		t.Error("only the highest temporal layer's non-reference pictures may be skipped")
	}
}

func TestIndexRefusesWhatItCannotOrder(t *testing.T) {
	t.Parallel()
	for name, packets := range map[string][]entry{
		"missing time stamp":    packetsOf(map[int64]uint8{0: entryPoint}, 0, -1<<63),
		"same time stamp twice": packetsOf(map[int64]uint8{0: entryPoint}, 0, 1, 1),
		"no entry point first":  packetsOf(nil, 0, 1),
		"leading without group": packetsOf(map[int64]uint8{2: entryPoint}, 2, 1, 3),
		"cut short":             packetsOf(map[int64]uint8{0: entryPoint, 1: flagCorrupt}, 0, 1),
		"nothing":               nil,
	} {
		if _, ok := newIndex(packets, -1<<63, 1); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

// Whatever the film, every instant is answered by exactly one target, by the picture that the rule names, inside a run
// that starts at an entry point not after it.
func TestPlanAnswersEveryInstant(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		var packets []entry
		for at := int64(0); len(packets) < 60; {
			n := 1 + r.Int64N(9)
			group := packetsOf(map[int64]uint8{at: entryPoint}, at)
			for p := at + 1; p < at+n; p++ {
				group = append(group, entry{pts: p * 1, dts: p, pos: p * 100, size: 100, duration: 1})
			}
			tail := group[1:]
			r.Shuffle(len(tail), func(i, j int) { tail[i], tail[j] = tail[j], tail[i] })
			packets = append(packets, group...)
			at += n + r.Int64N(3)
		}
		x := mustIndex(t, packets)
		g := newGrid(Params{FPS: []float64{0.2, 0.5, 1, 3}[r.IntN(4)]}, rational{1, 1}, x.origin())
		n, _ := g.count(x.end)
		answered := make([]int, n)
		for _, run := range plan(x, targets(x, g, n)) {
			if !packets[run.from].has(flagEntry) || run.targets[0].packet < run.from {
				t.Fatalf("run %+v does not start at an entry point", run)
			}
			for _, tg := range run.targets {
				for k := tg.first; k <= tg.last; k++ {
					answered[k]++
					pts := packets[tg.packet].pts
					next := slices.IndexFunc(x.shown, func(i int32) bool { return packets[i].pts > pts && packets[i].pts <= g.last(k) })
					if pts > g.last(k) || next >= 0 {
						t.Fatalf("instant %d shows %d", k, pts)
					}
				}
			}
		}
		for k, times := range answered {
			if times != 1 {
				t.Fatalf("instant %d is answered %d times", k, times)
			}
		}
	}
}
