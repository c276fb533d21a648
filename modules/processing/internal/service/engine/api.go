// Package engine turns a video into still pictures: exactly the ones a player would show, decoding as little as that
// needs. It drives libavformat and libavcodec through a small cgo shim, in a child process of the same binary, because
// video files are hostile input. The parent never touches the file's bytes; it receives finished images over a pipe.
//
// The sampling rule: output k shows, at the instant start + k/fps, the last frame whose presentation time is not after
// that instant. It equals ffmpeg's "fps=N:round=up". Instants count from the first frame of the video stream.
package engine

import (
	"cmp"
	"io"
	"time"

	"github.com/fiapx/fiapx/platform/fault"
)

// Source is the video. When it also has File() *os.File, the child reads that descriptor itself and no byte passes
// through the parent.
type Source interface {
	io.ReaderAt
	Size() int64
}

// Formats of images.
const (
	PNG  = "png"
	JPEG = "jpeg"
	WebP = "webp"
	AVIF = "avif"
)

// Params say what to extract. The zero value of a field is its default. Exactly one of FPS, Every, Times, Keyframes and
// Scene says which pictures are wanted.
type Params struct {
	FPS       float64   `json:"fps,omitempty"`       // pictures per second of film
	Every     int       `json:"every,omitempty"`     // every Nth source frame, the first one included
	Times     []float64 `json:"times,omitempty"`     // the pictures shown at these seconds, ascending
	Keyframes bool      `json:"keyframes,omitempty"` // the pictures that stand alone
	Scene     float64   `json:"scene,omitempty"`     // the first picture of each scene: share of change, 0 to 1, that begins one

	Format    string   `json:"format"`               // PNG, JPEG, WebP or AVIF
	Quality   int      `json:"quality,omitempty"`    // not for PNG: 1 (worst) to 100 (best); 0 is 95
	Start     float64  `json:"start,omitempty"`      // seconds from the first frame
	End       *float64 `json:"end,omitempty"`        // seconds, exclusive; nil is the end of the film
	MaxFrames int      `json:"max_frames,omitempty"` // at most this many, the first ones; 0 is no limit

	// A part of it: the images From+1 to To as the whole extraction gives and numbers them, or ErrWhole when it cannot be
	// told that they are the same. To 0 is the whole.
	From int `json:"from,omitempty"`
	To   int `json:"to,omitempty"`

	Crop   *Rect `json:"crop,omitempty"`   // of the upright picture, before scaling
	Width  int   `json:"width,omitempty"`  // of the images, pixels; 0 follows Height and the aspect ratio
	Height int   `json:"height,omitempty"` // 0 follows Width and the aspect ratio

	Dedupe int  `json:"dedupe,omitempty"`  // leave out a picture whose hash differs from the last kept one's in at most this many of 64 bits
	Thumb  int  `json:"thumb,omitempty"`   // hand over a small picture of this width with each image; 0 is none
	NoTone bool `json:"no_tone,omitempty"` // leave HDR (PQ, HLG) pictures as they are instead of mapping them to SDR

	Threads int `json:"threads,omitempty"` // cores to use; 0 is all that the cgroup grants
}

// Rect is a part of a picture in pixels.
type Rect struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// within checks that the part lies inside the upright picture.
func (r *Rect) within(i Info) error {
	if r == nil || r.X >= 0 && r.Y >= 0 && r.W > 0 && r.H > 0 && r.X <= i.Width-r.W && r.Y <= i.Height-r.H {
		return nil
	}
	return ErrCrop.Sayf("The part to crop lies outside the picture, which is %dx%d pixels; choose one inside it.", i.Width, i.Height)
}

// Info is what the container says of its first real video stream.
type Info struct {
	Container    string  `json:"container"` // demuxer name, "mov,mp4,m4a,3gp,3g2,mj2"
	Codec        string  `json:"codec"`
	Width        int     `json:"width"`    // as displayed: after rotation, before any scaling
	Height       int     `json:"height"`   //
	Rotation     int     `json:"rotation"` // degrees clockwise that were applied: 0, 90, 180, 270
	PixFmt       string  `json:"pix_fmt"`
	FrameRate    float64 `json:"frame_rate"` // average; 0 when unknown
	Duration     float64 `json:"duration"`   // seconds; 0 when unknown
	Bitrate      int64   `json:"bitrate"`    // bits per second of the whole file; 0 when unknown
	HasAudio     bool    `json:"has_audio"`
	CreatedAt    string  `json:"created_at,omitempty"` // creation_time tag as found
	SampleAspect string  `json:"sample_aspect_ratio"`  // "1:1"
}

// Image is one encoded picture, handed over in ascending Index. Data belongs to the receiver.
type Image struct {
	Index   int     // from 1
	Instant float64 // seconds: start + (Index-1)/fps
	PTS     float64 // seconds: presentation time of the source frame
	Frame   int     // number of the source frame in display order from 0; -1 when not known
	Type    string  // picture type of the source frame: I, P, B
	Width   int
	Height  int
	Data    []byte `json:",omitempty"`

	Thumb       []byte // packed RGB of ThumbWidth x ThumbHeight when Params.Thumb asks for it
	ThumbWidth  int
	ThumbHeight int
}

// Drop is a picture that was left out because it is nearly the one kept before it.
type Drop struct {
	Instant  float64 `json:"instant"`
	PTS      float64 `json:"pts"`
	Like     int     `json:"like"`     // Index of the image that it resembles
	Distance int     `json:"distance"` // bits in which the hashes differ
}

// Planned is what an extraction would do, from the file's index alone.
type Planned struct {
	Info      Info      `json:"info"`
	Frames    int       `json:"frames"`    // images; an upper bound when Exact is false, a guess (the keyframes) for Scene
	Exact     bool      `json:"exact"`     // the extraction will give just these, unless decoding fails
	Truncated bool      `json:"truncated"` // MaxFrames or a limit cuts it
	Instants  []float64 `json:"instants"`  // seconds, of the first 10,000 images
	Packets   int       `json:"packets"`   // of the stream
	Decode    int       `json:"decode"`    // packets that must be decoded
	Bytes     int64     `json:"bytes"`     // of the archive, estimated
	Seconds   float64   `json:"seconds"`   // of work, estimated
}

// Progress of a running extraction.
type Progress struct {
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
	Truncated bool     // MaxFrames, or Limits.Frames, cut it before the end of the film
	DamagedAt *float64 // seconds: from here on the input could not be read
	Reason    string   // why, when DamagedAt is set
	Dropped   []Drop   // near-duplicates left out, the first 10,000
	Drops     int      // how many
	Toned     bool     // HDR was mapped to SDR
	Decoded   int      // packets given to decoders: what the answer cost
	Packets   int      // packets of the stream
}

// Limits contain a hostile or enormous file. Zero fields take the default of DefaultLimits; docs/limits.md has the reasons.
type Limits struct {
	Pixels  int64         // width x height of one frame
	Streams int           // in the container
	Packets int           // of the video stream
	Frames  int           // images written; a film that has more is cut
	Repeats int           // images in a row from one picture: a time stamp far ahead is no reason to write a million copies
	Output  int64         // bytes of images
	Memory  int64         // bytes of data segment of the child (RLIMIT_DATA)
	CPU     time.Duration // of the child, all its threads together (RLIMIT_CPU)
	Wall    time.Duration // one extraction
	Stall   time.Duration // no progress for this long
	Probe   time.Duration // one probe or plan
}

// DefaultLimits follow from the measurements of docs/limits.md.
func DefaultLimits() Limits {
	return Limits{
		Pixels: 35_389_440, Streams: 64, Packets: 8_000_000, Frames: 1_000_000, Repeats: 20_000, Output: 64 << 30,
		Memory: 2 << 30, CPU: 4 * time.Hour, Wall: time.Hour, Stall: time.Minute, Probe: 30 * time.Second,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	l.Pixels, l.Streams, l.Packets = cmp.Or(l.Pixels, d.Pixels), cmp.Or(l.Streams, d.Streams), cmp.Or(l.Packets, d.Packets)
	l.Frames, l.Repeats, l.Output = cmp.Or(l.Frames, d.Frames), cmp.Or(l.Repeats, d.Repeats), cmp.Or(l.Output, d.Output)
	l.Memory, l.CPU = cmp.Or(l.Memory, d.Memory), cmp.Or(l.CPU, d.CPU)
	l.Wall, l.Stall, l.Probe = cmp.Or(l.Wall, d.Wall), cmp.Or(l.Stall, d.Stall), cmp.Or(l.Probe, d.Probe)
	return l
}

// ChildCommand is the hidden subcommand under which the binary must call ChildMain.
const ChildCommand = "engine-child"

// What can be wrong with a video, in the words the user reads. None of these is worth another attempt, except ErrCrashed.
var (
	ErrEmpty          = fault.New(fault.Invalid, "EMPTY_FILE", "The file is empty; choose a video file that has content.")
	ErrNotAVideo      = fault.New(fault.Invalid, "NOT_A_VIDEO", "The file is not a video that can be read; check that it plays and upload it again.")
	ErrIncomplete     = fault.New(fault.Invalid, "NOT_A_VIDEO", "The file is incomplete; upload it again from the original.")
	ErrContainer      = fault.New(fault.Invalid, "UNSUPPORTED_CONTAINER", "This kind of file is not supported; convert it to MP4, MOV, MKV, WebM, AVI, WMV or FLV.")
	ErrNoVideo        = fault.New(fault.Invalid, "NO_VIDEO_STREAM", "The file has no video stream; upload a file with pictures, not only sound.")
	ErrCodec          = fault.New(fault.Invalid, "UNSUPPORTED_CODEC", "The video uses a codec that is not supported; convert it to H.264 in an MP4 file.")
	ErrPixels         = fault.New(fault.Invalid, "TOO_MANY_PIXELS", "The pictures of this video are too large to process; scale it down to 8192x4320 or less.")
	ErrStreams        = fault.New(fault.Invalid, "TOO_MANY_STREAMS", "The file has too many streams; keep the video stream and upload it again.")
	ErrPackets        = fault.New(fault.Invalid, "TOO_MANY_PACKETS", "The video has more frames than can be processed at once; split it and extract the parts.")
	ErrTimeline       = fault.New(fault.Invalid, "TIMELINE_INVALID", "The video's time stamps leap too far to be sampled; remux it, or extract a shorter part.")
	ErrOutput         = fault.New(fault.Invalid, "LIMIT_OUTPUT", "The images take more space than is allowed; extract fewer or smaller ones, or choose JPEG.")
	ErrNoFrames       = fault.New(fault.Invalid, "NO_FRAMES", "No frames could be extracted from the video; check that it plays.")
	ErrStartBeyondEnd = fault.New(fault.Invalid, "START_BEYOND_END", "Start time is beyond the end of the video; choose an earlier one.")
	ErrCrop           = fault.New(fault.Invalid, "CROP_OUTSIDE", "The part to crop lies outside the picture; choose one inside it.")
	ErrFormat         = fault.New(fault.Invalid, "FORMAT_UNAVAILABLE", "This kind of image cannot be made here; choose PNG or JPEG.")
	ErrTime           = fault.New(fault.Invalid, "LIMIT_TIME", "The video took longer to process than is allowed; extract a shorter part or fewer frames.")
	ErrMemory         = fault.New(fault.Invalid, "LIMIT_MEM", "The video needs more memory than is allowed; scale it down and try again.")
	ErrSource         = fault.New(fault.Unavailable, "SOURCE_UNREADABLE", "The video could not be read from the storage; try again later.")
	ErrCrashed        = fault.New(fault.Unavailable, "CRASHED", "The video made the decoder stop unexpectedly; it may be damaged.")
	ErrWhole          = fault.New(fault.Invalid, "NOT_DIVISIBLE", "The video cannot be processed in parts; extract it as a whole.")
	ErrNotBuilt       = fault.New(fault.Unavailable, "NO_ENGINE", "This build has no extraction engine (it was built without cgo); use a build with the FFmpeg libraries.")
)
