//go:build cgo

package engine

// turns keeps decoders and encoders together to as many cores as were asked for: each holds a turn while it computes, and
// none while it waits for another. Whoever waits longest is next, so neither side starves.
type turns chan struct{}

func newTurns(threads int) turns { return make(turns, threads) }

// take waits for a turn. A nil turns never lets anybody wait.
func (t turns) take() {
	if t != nil {
		t <- struct{}{}
	}
}

func (t turns) give() {
	if t != nil {
		<-t
	}
}
