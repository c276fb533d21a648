package engine

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]rational{
		1: {1, 1}, 0.1: {1, 10}, 0.3: {3, 10}, 29.97: {2997, 100}, 60: {60, 1}, 30000.0 / 1001: {30000, 1001}, 1.0 / 3: {1, 3}, 0.0001: {1, 10000},
	} {
		if got := nearest(x); got != want {
			t.Errorf("nearest(%v) = %d/%d, want %d/%d", x, got.num, got.den, want.num, want.den)
		}
	}
}

// last and count are compared with the definition in exact fractions: the rule is k/fps + start <= pts * timeBase.
func TestGridIsExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	bases := []rational{{1, 90000}, {1, 1000}, {1, 30}, {1001, 30000}, {1, 12800}, {1, 1}}
	rates := []float64{0.1, 0.3, 1, 2.5, 24, 29.97, 60}
	for range 2000 {
		p := Params{FPS: rates[r.IntN(len(rates))], Start: float64(r.IntN(5_000_000)) / 1e6}
		g := newGrid(p, bases[r.IntN(len(bases))], r.Int64N(1000)-500)
		k := r.IntN(100_000)
		at := g.last(k)
		if !reached(g, k, at) || reached(g, k, at+1) {
			t.Fatalf("last(%d) = %d is not the last tick of %+v", k, at, g)
		}
		end := g.origin + r.Int64N(1_000_000)
		if n, _ := g.count(end); n > 0 && (reached(g, n-1, end) || !reached(g, n, end)) {
			t.Fatalf("count(%d) = %d does not end the film of %+v", end, n, g)
		}
	}
}

// reached tells whether instant k is at or after pts.
func reached(g grid, k int, pts int64) bool {
	at := new(big.Rat).Add(new(big.Rat).SetFrac64(g.start, 1_000_000), new(big.Rat).SetFrac64(int64(k)*g.fps.den, g.fps.num))
	time := new(big.Rat).Mul(new(big.Rat).SetFrac64(pts-g.origin, 1), new(big.Rat).SetFrac64(g.timeBase.num, g.timeBase.den))
	return time.Cmp(at) <= 0
}

func TestCountStopsAtEndAndMax(t *testing.T) {
	t.Parallel()
	end := 3.0
	for _, c := range []struct {
		name string
		p    Params
		film int64
		want int
		cut  bool
	}{
		{"film of 5 s at 1 fps", Params{FPS: 1}, 5000, 5, false},
		{"last instant before a fraction", Params{FPS: 1}, 5001, 6, false},
		{"end wins over the film", Params{FPS: 2, End: &end}, 5000, 6, false},
		{"max cuts", Params{FPS: 2, MaxFrames: 4}, 5000, 4, true},
		{"max that is just enough does not cut", Params{FPS: 2, MaxFrames: 10}, 5000, 10, false},
		{"start at the end", Params{FPS: 1, Start: 5}, 5000, 0, false},
		{"start beyond the end", Params{FPS: 1, Start: 9}, 5000, 0, false},
	} {
		if n, cut := newGrid(c.p, rational{1, 1000}, 0).count(c.film); n != c.want || cut != c.cut {
			t.Errorf("%s: %d images, cut %v; want %d, %v", c.name, n, cut, c.want, c.cut)
		}
	}
}
