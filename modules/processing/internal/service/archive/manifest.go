package archive

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

const (
	manifestName    = "manifest.json"
	manifestVersion = 1
	samplingRule    = "Image k shows the last frame whose presentation time is not after start_time + (k-1)/fps; " +
		"instants are seconds and count from the first frame of the video stream."
)

// manifest collects the lines about the images, deflated as they come: what is left of a line is little more than its
// digest, so that even a million of them stay in memory.
type manifest struct {
	options Options
	spool   bytes.Buffer
	deflate *flate.Writer
	lines   int
}

func newManifest(o Options) *manifest {
	m := &manifest{options: o}
	// The level is a valid constant, the only thing NewWriter checks.
	m.deflate, _ = flate.NewWriter(&m.spool, flate.BestSpeed)
	return m
}

// line is what the manifest says of one image.
type line struct {
	Name    string  `json:"name"`
	Instant float64 `json:"instant"`
	PTS     float64 `json:"pts"`
	Frame   *int    `json:"source_frame"`
	Type    string  `json:"type"`
	Size    int     `json:"size"`
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	SHA256  string  `json:"sha256"`
}

func (m *manifest) add(name string, img domain.Image) error {
	sum := sha256.Sum256(img.Data)
	l := line{
		Name: name, Instant: micro(img.Instant), PTS: micro(img.PTS), Type: img.Type,
		Size: len(img.Data), Width: img.Width, Height: img.Height, SHA256: hex.EncodeToString(sum[:]),
	}
	if img.Frame >= 0 {
		l.Frame = &img.Frame
	}
	text, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("describe %s: %w", name, err)
	}
	separator := ",\n    "
	if m.lines == 0 {
		separator = "\n    "
	}
	m.lines++
	_, err = io.WriteString(m.deflate, separator+string(text))
	return err
}

// head is all of the manifest but the images.
type head struct {
	Version    int        `json:"version"`
	Source     source     `json:"source"`
	Parameters parameters `json:"parameters"`
	Sampling   string     `json:"sampling"`
	FrameCount int        `json:"frame_count"`
	Truncated  bool       `json:"truncated"`
	DamagedAt  *float64   `json:"damaged_input_at"`
	Damage     string     `json:"damaged_input_reason,omitempty"`
}

type source struct {
	Name         string  `json:"name"`
	Size         int64   `json:"size"`
	Container    string  `json:"container"`
	Codec        string  `json:"codec"`
	Width        int     `json:"width"`
	Height       int     `json:"height"`
	Rotation     int     `json:"rotation"`
	PixFmt       string  `json:"pix_fmt"`
	SampleAspect string  `json:"sample_aspect_ratio"`
	FrameRate    float64 `json:"frame_rate"`
	Duration     float64 `json:"duration"`
	Bitrate      int64   `json:"bitrate"`
	HasAudio     bool    `json:"has_audio"`
	CreatedAt    string  `json:"created_at,omitempty"`
}

type parameters struct {
	FPS       float64  `json:"fps"`
	Format    string   `json:"format"`
	Quality   int      `json:"quality,omitempty"`
	Start     float64  `json:"start_time"`
	End       *float64 `json:"end_time"`
	MaxFrames *int     `json:"max_frames"`
	Width     int      `json:"width,omitempty"`
	Height    int      `json:"height,omitempty"`
}

// writeTo writes the head and the images as one JSON document.
func (m *manifest) writeTo(w io.Writer, r domain.Report, frames int) error {
	text, err := json.MarshalIndent(m.head(r, frames), "", "  ")
	if err != nil {
		return fmt.Errorf("describe extraction: %w", err)
	}
	if err := m.deflate.Close(); err != nil {
		return err
	}
	// The images go in before the closing brace of the head.
	if _, err := fmt.Fprintf(w, "%s,\n  \"images\": [", bytes.TrimSuffix(text, []byte("\n}"))); err != nil {
		return err
	}
	if _, err := io.Copy(w, flate.NewReader(&m.spool)); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n  ]\n}\n")
	return err
}

func (m *manifest) head(r domain.Report, frames int) head {
	return head{
		Version: manifestVersion, Source: m.source(r.Info), Parameters: m.parameters(), Sampling: samplingRule,
		FrameCount: frames, Truncated: r.Truncated, DamagedAt: r.DamagedAt, Damage: r.Reason,
	}
}

func (m *manifest) source(i domain.Info) source {
	return source{
		Name: m.options.Source, Size: m.options.Size, Container: i.Container, Codec: i.Codec,
		Width: i.Width, Height: i.Height, Rotation: i.Rotation, PixFmt: i.PixFmt, SampleAspect: i.SampleAspect,
		FrameRate: i.FrameRate, Duration: i.Duration, Bitrate: i.Bitrate, HasAudio: i.HasAudio, CreatedAt: i.CreatedAt,
	}
}

func (m *manifest) parameters() parameters {
	p := m.options.Params
	out := parameters{
		FPS: p.FPS, Format: p.Extension, Quality: p.Quality, Start: p.Start, End: p.End, Width: p.Width, Height: p.Height,
	}
	if p.MaxFrames > 0 {
		out.MaxFrames = &p.MaxFrames
	}
	return out
}

// micro rounds seconds to microseconds, below which containers have nothing to say and floats only noise.
func micro(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }
