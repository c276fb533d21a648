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

// Params say what to extract. The zero value of a field is its default. Exactly one of FPS, Every, Times, Keyframes and
// Scene says which pictures are wanted.
type Params struct {
	FPS       float64   // pictures per second of film
	Every     int       // every Nth source frame, the first one included
	Times     []float64 // the pictures shown at these seconds, ascending
	Keyframes bool      // the pictures that stand alone
	Scene     float64   // the first picture of each scene: share of change, 0 to 1, that begins one

	Extension string   // of the images, without the dot: png, jpg, jpeg, webp or avif; it also decides the format
	Quality   int      // not for PNG: 1 to 100; 0 is the engine's default
	Start     float64  // seconds from the first frame
	End       *float64 // seconds, exclusive; nil is the end of the film
	MaxFrames int      // the first ones; 0 is no limit
	Crop      *Rect    // of the upright picture, before scaling; nil is all of it
	Width     int      // pixels; 0 follows Height and the aspect ratio
	Height    int      // pixels; 0 follows Width and the aspect ratio
	Dedupe    int      // leave out pictures whose hashes differ in at most this many of 64 bits from the last kept one's
	Thumb     int      // width of a small picture that comes with each image; 0 is none
	NoTone    bool     // leave HDR pictures as they are instead of mapping them to SDR
	Threads   int      // cores to use; 0 is all that are granted

	From, To int // of the images that all this gives only From+1 to To, numbered as among all; To 0 is all
}

// Rect is a part of a picture in pixels.
type Rect struct{ X, Y, W, H int }

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

	Thumb       []byte // packed RGB of ThumbWidth x ThumbHeight, when Params.Thumb asks for it
	ThumbWidth  int
	ThumbHeight int
}

// ThumbWidth is the width of the small pictures of which contact sheets and storyboards are made.
const ThumbWidth = 160

// Drop is a picture that was left out because it is nearly the one kept before it.
type Drop struct {
	Instant  float64
	PTS      float64
	Like     int // Index of the image that it resembles
	Distance int // bits in which the hashes differ
}

// Planned is what an extraction would do, from the file's index alone.
type Planned struct {
	Info      Info
	Frames    int       // images; an upper bound when Exact is false
	Exact     bool      // the extraction gives just these, unless decoding fails
	Truncated bool      // a limit on the number of images cuts it
	Instants  []float64 // seconds, of the first 10,000 images
	Packets   int       // of the stream
	Decode    int       // packets that must be decoded
	Bytes     int64     // of the archive, estimated
	Seconds   float64   // of work, estimated
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
	Dropped   []Drop   // near-duplicates left out, the first 10,000
	Drops     int      // how many there were
	Toned     bool     // HDR was mapped to SDR
	Decoded   int      // packets given to decoders
	Packets   int      // packets of the stream
}

// CutByLimit says whether the operator's limit cut the result: getting as many images as one asked for is no cut.
func (r Report) CutByLimit(p Params) bool {
	return r.Truncated && (p.MaxFrames == 0 || r.Frames < p.MaxFrames)
}

// CutByLimit says whether the operator's limit would cut the result: getting as many images as one asked for is no cut.
func (p Planned) CutByLimit(wanted Params) bool {
	return p.Truncated && (wanted.MaxFrames == 0 || p.Frames < wanted.MaxFrames)
}

// Archive is what an extraction has written.
type Archive struct {
	Frames int
	Size   int64  // bytes
	SHA256 string // hex, of the whole archive; empty for a folder
}
