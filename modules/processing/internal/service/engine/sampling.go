package engine

import (
	"math"
	"math/big"
)

// rational is num/den with den > 0 once it is known; the zero value is unknown.
type rational struct{ num, den int64 }

func (r rational) float() float64 {
	if r.den == 0 {
		return 0
	}
	return float64(r.num) / float64(r.den)
}

// nearest finds the simplest fraction within 1e-9 of x by continued fractions, so that 29.97 means 2997/100 and 0.1 means 1/10.
func nearest(x float64) rational {
	var h0, h1, k0, k1 int64 = 0, 1, 1, 0
	rest := x
	for {
		whole := int64(math.Floor(rest))
		h0, h1, k0, k1 = h1, whole*h1+h0, k1, whole*k1+k0
		if k1 > 1_000_000 || math.Abs(x-float64(h1)/float64(k1)) <= 1e-9*math.Max(1, x) || rest == float64(whole) {
			return rational{h1, k1}
		}
		rest = 1 / (rest - float64(whole))
	}
}

// grid is the set of instants that are asked for, on the time line of a stream: start + k/fps, or a list.
type grid struct {
	fps      rational
	times    []int64 // microseconds from the first frame, ascending; instead of fps
	start    int64   // microseconds from the first frame
	end      int64   // microseconds, exclusive; negative is open
	max      int     // instants; 0 is no limit
	timeBase rational
	origin   int64 // pts of the first frame
}

func newGrid(p Params, timeBase rational, origin int64) grid {
	g := grid{fps: nearest(p.FPS), start: micros(p.Start), end: -1, max: p.MaxFrames, timeBase: timeBase, origin: origin}
	if p.End != nil {
		g.end = micros(*p.End)
	}
	for _, t := range p.Times {
		if m := micros(t); m >= g.start {
			g.times = append(g.times, m)
		}
	}
	return g
}

func micros(seconds float64) int64 { return int64(math.Round(seconds * 1e6)) }

// instant k in seconds.
func (g grid) instant(k int) float64 {
	if g.times != nil {
		return float64(g.times[min(k, len(g.times)-1)]) / 1e6
	}
	return float64(g.start)/1e6 + float64(k)*float64(g.fps.den)/float64(g.fps.num)
}

// last is the greatest pts that is not after instant k: floor((start + k/fps) / timeBase) + origin, without rounding.
func (g grid) last(k int) int64 {
	if g.times != nil {
		return floorDiv(g.times[k]*g.timeBase.den, g.timeBase.num*1_000_000) + g.origin
	}
	n := big.NewInt(int64(k))
	n.Mul(n, big.NewInt(g.fps.den*1_000_000))
	n.Add(n, new(big.Int).Mul(big.NewInt(g.start), big.NewInt(g.fps.num)))
	n.Mul(n, big.NewInt(g.timeBase.den))
	d := new(big.Int).Mul(big.NewInt(g.fps.num*1_000_000), big.NewInt(g.timeBase.num))
	return new(big.Int).Div(n, d).Int64() + g.origin
}

// count is the number of instants before the film ends at pts end, which is exclusive, and whether max cut it.
func (g grid) count(end int64) (n int, cut bool) {
	if g.times != nil {
		return g.countTimes(end)
	}
	stop := new(big.Rat).SetFrac64(end-g.origin, 1)
	stop.Mul(stop, new(big.Rat).SetFrac64(g.timeBase.num, g.timeBase.den))
	if g.end >= 0 {
		if limit := new(big.Rat).SetFrac64(g.end, 1_000_000); limit.Cmp(stop) < 0 {
			stop = limit
		}
	}
	stop.Sub(stop, new(big.Rat).SetFrac64(g.start, 1_000_000))
	stop.Mul(stop, new(big.Rat).SetFrac64(g.fps.num, g.fps.den))
	if stop.Sign() <= 0 {
		return 0, false
	}
	ceil := new(big.Int).Add(stop.Num(), new(big.Int).Sub(stop.Denom(), big.NewInt(1)))
	n = math.MaxInt32 // more than any limit allows
	if ceil.Div(ceil, stop.Denom()); ceil.IsInt64() {
		n = int(min(ceil.Int64(), math.MaxInt32))
	}
	if g.max > 0 && n > g.max {
		return g.max, true
	}
	return n, false
}

// seconds of a pts from the first frame.
func (g grid) seconds(pts int64) float64 {
	return float64(pts-g.origin) * float64(g.timeBase.num) / float64(g.timeBase.den)
}

// countTimes is count for a list.
func (g grid) countTimes(end int64) (n int, cut bool) {
	for n < len(g.times) && g.last(n) < end && (g.end < 0 || g.times[n] < g.end) {
		if g.max > 0 && n == g.max {
			return n, true
		}
		n++
	}
	return n, false
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// picker is the other way to ask: by source frame instead of by instant.
type picker struct {
	every int  // every Nth frame within the window
	marks bool // frames that are marked: keyframes, or the first of a scene
	grid  grid // for the window, max and the time line
	seen  int  // frames within the window so far
	taken int
	cut   bool
}

// byFrame tells that pictures are asked for by what they are, not by when they are shown.
func (p Params) byFrame() bool { return p.Every > 0 || p.Keyframes || p.Scene > 0 }

func newPicker(p Params, g grid) *picker {
	if !p.byFrame() {
		return nil
	}
	return &picker{every: p.Every, marks: p.Keyframes || p.Scene > 0, grid: g}
}

// pick is asked for every frame in order of presentation; done tells that no later one is wanted.
func (c *picker) pick(pts int64, marked bool) (wanted, done bool) {
	at := floorDiv((pts-c.grid.origin)*c.grid.timeBase.num*1_000_000, c.grid.timeBase.den)
	if at < c.grid.start {
		return false, false
	}
	if c.grid.end >= 0 && at >= c.grid.end {
		return false, true
	}
	wanted = c.marks && marked || c.every > 0 && c.seen%c.every == 0
	c.seen++
	if !wanted {
		return false, false
	}
	if c.grid.max > 0 && c.taken == c.grid.max {
		c.cut = true
		return false, true
	}
	c.taken++
	return true, false
}
