package engine

// Share says into how many parts an extraction may be divided.
type Share struct {
	Piece float64 `json:"piece"` // seconds of work on one core that a part has at least, by estimate
	Most  int     `json:"most"`  // parts
}

// Division is how an extraction is divided.
type Division struct {
	Info   Info    `json:"info"`
	Frames int     `json:"frames"` // images of the whole
	Work   float64 `json:"work"`   // seconds on one core, estimated
	Cuts   []int   `json:"cuts"`   // images before each part but the first, ascending; none when it is to be done as a whole
}

// piece is a stretch that is decoded on its own.
type piece struct {
	first, last int // images that it makes, from 0
	work        float64
}

// cuts divides the pieces into as many parts of about equal work as the share allows. A part begins only where all the
// images before it are made by the pieces before it, so that no picture is decoded for two parts.
func cuts(pieces []piece, s Share) []int {
	total := 0.0
	for _, p := range pieces {
		total += p.work
	}
	n := s.Most
	if s.Piece > 0 {
		n = int(min(float64(n), total/s.Piece))
	}
	var out []int
	done, highest := 0.0, -1
	for i, p := range pieces {
		if i > 0 && p.first == highest+1 && done >= total*float64(len(out)+1)/float64(max(1, n)) && len(out)+1 < n {
			out = append(out, p.first)
		}
		done += p.work
		highest = max(highest, p.last)
	}
	return out
}
