package archive

import (
	"bufio"
	"bytes"
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
)

// manifest collects the lines about the images.
type manifest struct {
	options Options
	lines   *spool // one JSON object a line
}

func newManifest(o Options) *manifest { return &manifest{options: o, lines: newSpool()} }

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
	_, err = m.lines.Write(append(text, '\n'))
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
	ToneMapped bool       `json:"tone_mapped"`
	Drops      int        `json:"dropped_count"`
	Dropped    []drop     `json:"dropped,omitempty"` // the first ones when there are more
}

// drop is a near-duplicate that was left out; like is the number of the image that it resembles.
type drop struct {
	Instant  float64 `json:"instant"`
	PTS      float64 `json:"pts"`
	Like     int     `json:"like"`
	Distance int     `json:"distance"`
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

// writeTo writes the head and the images as one JSON document.
func (m *manifest) writeTo(w io.Writer, r domain.Report, frames int) error {
	text, err := json.MarshalIndent(m.head(r, frames), "", "  ")
	if err != nil {
		return fmt.Errorf("describe extraction: %w", err)
	}
	// The images go in before the closing brace of the head.
	if _, err := fmt.Fprintf(w, "%s,\n  \"images\": [", bytes.TrimSuffix(text, []byte("\n}"))); err != nil {
		return err
	}
	lines := bufio.NewScanner(m.lines.reader())
	for separator := "\n    "; lines.Scan(); separator = ",\n    " {
		if _, err := fmt.Fprintf(w, "%s%s", separator, lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n  ]\n}\n")
	return err
}

func (m *manifest) head(r domain.Report, frames int) head {
	h := head{
		Version: manifestVersion, Source: m.source(r.Info), Parameters: m.parameters(), Sampling: sampling(m.options.Params),
		FrameCount: frames, Truncated: r.Truncated, DamagedAt: r.DamagedAt, Damage: r.Reason,
		ToneMapped: r.Toned, Drops: r.Drops,
	}
	for _, d := range r.Dropped {
		h.Dropped = append(h.Dropped, drop{micro(d.Instant), micro(d.PTS), d.Like, d.Distance})
	}
	return h
}

func (m *manifest) source(i domain.Info) source {
	return source{
		Name: m.options.Source, Size: m.options.Size, Container: i.Container, Codec: i.Codec,
		Width: i.Width, Height: i.Height, Rotation: i.Rotation, PixFmt: i.PixFmt, SampleAspect: i.SampleAspect,
		FrameRate: i.FrameRate, Duration: i.Duration, Bitrate: i.Bitrate, HasAudio: i.HasAudio, CreatedAt: i.CreatedAt,
	}
}

// micro rounds seconds to microseconds, below which containers have nothing to say and floats only noise.
func micro(seconds float64) float64 { return math.Round(seconds*1e6) / 1e6 }
