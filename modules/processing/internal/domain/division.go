package domain

import "time"

// Stretch is the images From+1 to To of a job; the zero value is all of them.
type Stretch struct{ From, To int }

// Share says into how many parts an extraction may be divided.
type Share struct {
	Piece float64 // seconds of work on one core that a part has at least, by estimate
	Most  int     // parts
}

// Division is how an extraction is divided.
type Division struct {
	Frames int
	Work   float64 // seconds on one core, estimated
	Cuts   []int   // images before each part but the first; none when it is to be done as a whole
}

// Stretches are the parts in their order.
func (d Division) Stretches() []Stretch {
	out := make([]Stretch, 0, len(d.Cuts)+1)
	from := 0
	for _, to := range append(d.Cuts[:len(d.Cuts):len(d.Cuts)], d.Frames) {
		out = append(out, Stretch{from, to})
		from = to
	}
	return out
}

// Segment is a part of a job as it stands.
type Segment struct {
	Stretch
	Done    bool
	Dropped bool // the job is to be done as a whole
	Key     string
	Frames  int     // images that are made
	Rate    float64 // seconds of film per second, while it is worked on
}

// Rule says which jobs are divided.
type Rule struct {
	After   time.Duration // work on one core, by estimate, from which on a job is; 0 is none
	Threads int           // cores that a job may use; 0 is all of its worker's
}

const (
	mostSegments = 64
	perHelper    = 3 // segments for each who may work on them: the last ones to end leave the others little to wait for
	perPiece     = 4 // segments that the least work worth dividing gives
)

// Parallel is how many can really work at a time. Where a job has all cores of its worker, two of its segments on one worker
// would only share them.
func (r Rule) Parallel(workers, slots int) int {
	if r.Threads == 0 {
		return workers
	}
	return slots
}

// Eligible tells, before anybody looks at the film, whether it may be long enough, and its pictures such that a part can know them
// without the parts before it.
func (r Rule) Eligible(c Claim) bool {
	p := c.Params
	length := c.Duration
	if p.End != nil {
		length = min(length, *p.End)
	}
	return r.After > 0 && p.Scene == 0 && p.Dedupe == 0 && length-p.Start >= r.After.Seconds()/2
}

// Share is for so many as can work at a time; ok is false when one cannot share.
func (r Rule) Share(parallel int) (s Share, ok bool) {
	return Share{Piece: r.After.Seconds() / perPiece, Most: min(perHelper*parallel, mostSegments)}, parallel > 1
}

// Worth tells whether the division that was found is better than none.
func (r Rule) Worth(d Division) bool { return len(d.Cuts) > 0 && d.Work >= r.After.Seconds() }

// Join makes one report of those of all parts; ok is false when they are not of one undamaged film.
func Join(parts []Report) (whole Report, ok bool) {
	for i, p := range parts {
		if i == 0 {
			whole = Report{Info: p.Info, Truncated: p.Truncated, Packets: p.Packets}
		}
		if p.Info != whole.Info || p.Truncated != whole.Truncated || p.DamagedAt != nil || p.Drops > 0 {
			return whole, false
		}
		whole.Frames += p.Frames
		whole.Decoded += p.Decoded
		whole.Toned = whole.Toned || p.Toned
	}
	return whole, len(parts) > 0
}

// Shared is the progress of a job that several work on, after so long; before is the share that was there when that began.
func Shared(segments []Segment, before float64, elapsed time.Duration) Progress {
	frames, done := Tally(segments)
	p := Extracting(Advance{Done: done, Frames: frames}, 0)
	for _, s := range segments {
		if !s.Done {
			p.Rate += s.Rate
		}
	}
	if done > before && elapsed > 0 {
		p.ETA = elapsed.Seconds() * (1 - done) / (done - before)
	}
	return p
}

// Tally counts the images that are made; share is what that is of all.
func Tally(segments []Segment) (made int, share float64) {
	all := 0
	for _, s := range segments {
		made += s.Frames
		all += s.To - s.From
	}
	return made, float64(made) / float64(max(1, all))
}
