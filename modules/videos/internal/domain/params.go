package domain

import (
	"fmt"
	"math"
)

// Params are the extraction parameters frozen into a job. Exactly one of FPS, Every, Times, Keyframes and Scene says
// which pictures are wanted; the zero value of every other field is off.
type Params struct {
	FPS       float64   `json:"fps"`
	Every     int       `json:"every,omitempty"`
	Times     []float64 `json:"timestamps,omitempty"`
	Keyframes bool      `json:"keyframes_only,omitempty"`
	Scene     float64   `json:"scene_threshold,omitempty"`

	Format    string   `json:"format"`
	Quality   int      `json:"quality"`
	Start     float64  `json:"start_time"`
	End       *float64 `json:"end_time,omitempty"`
	MaxFrames *int     `json:"max_frames,omitempty"`
	Crop      *Rect    `json:"crop,omitempty"`
	Width     int      `json:"width,omitempty"`
	Height    int      `json:"height,omitempty"`
	Dedupe    int      `json:"dedupe,omitempty"`
	NoTone    bool     `json:"keep_hdr,omitempty"`

	Manifest     bool   `json:"include_manifest"`
	ContactSheet bool   `json:"contact_sheet,omitempty"`
	Storyboard   bool   `json:"storyboard,omitempty"`
	NameTemplate string `json:"name_template,omitempty"`
}

// Rect is a part of a picture in pixels.
type Rect struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

// Limits of the parameters. MaxSide is the largest picture the engine decodes, so asking for more is a mistake.
const (
	MinFPS    = 0.1
	MaxFPS    = 60.0
	MaxSide   = 16384
	MaxEvery  = 1_000_000
	MinScene  = 0.01
	MaxScene  = 1.0
	MaxDedupe = 32
	MaxTimes  = 10_000
)

// ParamFields are the names under which ParseParams finds the parameters.
func ParamFields() []string {
	return []string{
		"extraction_fps", "every", "timestamps", "keyframes_only", "scene_threshold", "output_format", "quality",
		"start_time", "end_time", "max_frames", "crop", "width", "height", "dedupe", "keep_hdr",
		"include_manifest", "contact_sheet", "storyboard", "name_template",
	}
}

// ParseParams reads the form. A field that is absent takes its value from base; one that is there counts even if it
// equals the default. All wrong fields are reported together.
func ParseParams(form map[string]string, base Params) (Params, error) {
	r := &reader{form: form}
	out := r.selection(base)
	out.Format = r.oneOf("output_format", base.Format, "png", "jpg", "jpeg", "webp", "avif")
	out.Quality = r.int("quality", base.Quality, 1, 100)
	out.Start = r.float("start_time", base.Start, 0, math.MaxFloat64)
	out.End = r.optionalFloat("end_time", base.End)
	out.MaxFrames = r.optionalInt("max_frames", base.MaxFrames)
	out.Crop = r.rect("crop", base.Crop)
	out.Width = r.int("width", base.Width, 1, MaxSide)
	out.Height = r.int("height", base.Height, 1, MaxSide)
	out.Dedupe = r.int("dedupe", base.Dedupe, 0, MaxDedupe)
	out.NoTone = r.bool("keep_hdr", base.NoTone)
	out.Manifest = r.bool("include_manifest", base.Manifest)
	out.ContactSheet = r.bool("contact_sheet", base.ContactSheet)
	out.Storyboard = r.bool("storyboard", base.Storyboard)
	out.NameTemplate = r.template("name_template", base.NameTemplate)
	if err := r.err(); err != nil {
		return Params{}, err
	}
	if out.End != nil && *out.End <= out.Start {
		return Params{}, ErrEndBeforeStart
	}
	return out, nil
}

// Within refuses what the video cannot give: a beginning after its end, or a part outside of its picture.
func (p Params) Within(v VideoInfo) error {
	if v.Duration > 0 && p.first() >= v.Duration {
		return ErrStartBeyondEnd
	}
	if c := p.Crop; c != nil && v.Width > 0 && v.Height > 0 && (c.X+c.W > v.Width || c.Y+c.H > v.Height) {
		r := reader{}
		r.wrong("crop", "out_of_picture", fmt.Sprintf("The rectangle reaches beyond the picture, which is %dx%d pixels", v.Width, v.Height))
		return r.err()
	}
	return nil
}

// first is a time before which no picture is asked for.
func (p Params) first() float64 {
	if len(p.Times) > 0 {
		return max(p.Start, p.Times[0])
	}
	return p.Start
}
