package domain

import (
	"io"
	"time"
)

// Source is the video. When it also has File() *os.File, the engine's child reads that descriptor itself.
type Source interface {
	io.ReaderAt
	Size() int64
}

// Params say what to extract. The zero value of a field is its default.
type Params struct {
	FPS       float64  // pictures per second of film, > 0
	Extension string   // of the images, without the dot: png, jpg or jpeg; it also decides the format
	Quality   int      // JPEG only: 1 to 100; 0 is the engine's default
	Start     float64  // seconds from the first frame
	End       *float64 // seconds, exclusive; nil is the end of the film
	MaxFrames int      // the first ones; 0 is no limit
	Width     int      // pixels; 0 follows Height and the aspect ratio
	Height    int      // pixels; 0 follows Width and the aspect ratio
	Threads   int      // cores to use; 0 is all that are granted
}

// Info is what the container says of its video stream.
type Info struct {
	Container    string
	Codec        string
	Width        int
	Height       int
	Rotation     int
	PixFmt       string
	FrameRate    float64
	Duration     float64
	Bitrate      int64
	HasAudio     bool
	CreatedAt    string
	SampleAspect string
}

// Image is one encoded picture; they come in ascending Index. Data belongs to the receiver.
type Image struct {
	Index   int     // from 1
	Instant float64 // seconds: start + (Index-1)/fps
	PTS     float64 // seconds: presentation time of the source frame
	Frame   int     // number of the source frame in display order from 0; -1 when not known
	Type    string  // picture type of the source frame: I, P, B
	Width   int
	Height  int
	Data    []byte
}

// Advance is how far an extraction has come.
type Advance struct {
	Done    float64       // share of the timeline, 0 to 1
	Frames  int           // images handed over
	Total   int           // images expected; 0 when not known
	Time    float64       // seconds of film reached
	Elapsed time.Duration // since the start
}

// Report is the outcome of an extraction that gave at least one image.
type Report struct {
	Info      Info
	Frames    int
	Truncated bool     // a limit on the number of images cut it before the end of the film
	DamagedAt *float64 // seconds: from here on the input could not be read
	Reason    string   // why, when DamagedAt is set
	Decoded   int      // packets given to decoders
	Packets   int      // packets of the stream
}

// CutByLimit says whether the operator's limit cut the result: getting as many images as one asked for is no cut.
func (r Report) CutByLimit(p Params) bool {
	return r.Truncated && (p.MaxFrames == 0 || r.Frames < p.MaxFrames)
}

// Archive is what an extraction has written.
type Archive struct {
	Frames int
	Size   int64  // bytes
	SHA256 string // hex, of the whole archive; empty for a folder
}
