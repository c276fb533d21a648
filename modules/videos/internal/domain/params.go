package domain

import (
	"math"
	"strconv"
	"strings"

	"github.com/fiapx/fiapx/platform/fault"
)

// Params are the extraction parameters frozen into a job.
type Params struct {
	FPS       float64  `json:"fps"`
	Format    string   `json:"format"`
	Quality   int      `json:"quality"`
	Start     float64  `json:"start_time"`
	End       *float64 `json:"end_time,omitempty"`
	MaxFrames *int     `json:"max_frames,omitempty"`
	Width     int      `json:"width,omitempty"`
	Height    int      `json:"height,omitempty"`
	Manifest  bool     `json:"include_manifest"`
}

// Limits of the parameters. MaxSide is the largest picture the engine decodes, so asking for more is a mistake.
const (
	MinFPS  = 0.1
	MaxFPS  = 60.0
	MaxSide = 16384
)

// ParseParams reads the form. A field that is absent takes its value from the preferences; one that is there counts even
// if it equals the default. All wrong fields are reported together.
func ParseParams(form map[string]string, d Defaults) (Params, error) {
	r := reader{form: form}
	out := Params{
		FPS:       r.float("extraction_fps", d.FPS, MinFPS, MaxFPS),
		Format:    r.oneOf("output_format", "png", "jpg", "jpeg"),
		Quality:   r.int("quality", d.Quality, 1, 100),
		Start:     r.float("start_time", 0, 0, math.MaxFloat64),
		End:       r.optionalFloat("end_time"),
		MaxFrames: r.optionalInt("max_frames", d.MaxFrames),
		Width:     r.int("width", 0, 1, MaxSide),
		Height:    r.int("height", 0, 1, MaxSide),
		Manifest:  r.bool("include_manifest", true),
	}
	if err := r.err(); err != nil {
		return Params{}, err
	}
	if out.End != nil && *out.End <= out.Start {
		return Params{}, ErrEndBeforeStart
	}
	return out, nil
}

// Within refuses a range that begins after the end of the video.
func (p Params) Within(duration float64) error {
	if duration > 0 && p.Start >= duration {
		return ErrStartBeyondEnd
	}
	return nil
}

// reader collects what is wrong while the fields are read.
type reader struct {
	form   map[string]string
	fields []fault.Field
}

func (r *reader) wrong(path, code, message string) {
	r.fields = append(r.fields, fault.Field{Path: path, Code: code, Message: message})
}

func (r *reader) err() error {
	if len(r.fields) == 0 {
		return nil
	}
	first := r.fields[0]
	f := fault.Fieldf(first.Path, first.Code, "%s: %s.", first.Path, first.Message)
	f.Fields = r.fields
	return f
}

// text gives the trimmed value; an empty one is what browsers send for a field left blank, so it counts as absent.
func (r *reader) text(path string) (string, bool) {
	v := strings.TrimSpace(r.form[path])
	return v, v != ""
}

func (r *reader) float(path string, absent, low, high float64) float64 {
	v, ok := r.text(path)
	if !ok {
		return absent
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		r.wrong(path, "float_parsing", "Input should be a valid number")
		return absent
	}
	if f < low {
		r.wrong(path, "greater_than_equal", "Input should be greater than or equal to "+number(low))
	}
	if f > high {
		r.wrong(path, "less_than_equal", "Input should be less than or equal to "+number(high))
	}
	return f
}

func (r *reader) int(path string, absent, low, high int) int {
	v, ok := r.text(path)
	if !ok {
		return absent
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		r.wrong(path, "int_parsing", "Input should be a valid integer")
		return absent
	}
	if n < low {
		r.wrong(path, "greater_than_equal", "Input should be greater than or equal to "+strconv.Itoa(low))
	}
	if n > high {
		r.wrong(path, "less_than_equal", "Input should be less than or equal to "+strconv.Itoa(high))
	}
	return n
}

func (r *reader) optionalFloat(path string) *float64 {
	if _, ok := r.text(path); !ok {
		return nil
	}
	f := r.float(path, 0, 0, math.MaxFloat64)
	return &f
}

func (r *reader) optionalInt(path string, absent *int) *int {
	if _, ok := r.text(path); !ok {
		return absent
	}
	n := r.int(path, 1, 1, math.MaxInt32)
	return &n
}

func (r *reader) oneOf(path, absent string, others ...string) string {
	v, ok := r.text(path)
	if !ok || v == absent {
		return absent
	}
	for _, o := range others {
		if v == o {
			return v
		}
	}
	r.wrong(path, "string_pattern_mismatch", "Input should be one of "+strings.Join(append([]string{absent}, others...), ", "))
	return absent
}

func (r *reader) bool(path string, absent bool) bool {
	v, ok := r.text(path)
	if !ok {
		return absent
	}
	b, ok := ParseBool(v)
	if !ok {
		r.wrong(path, "bool_parsing", "Input should be a valid boolean")
	}
	return b
}

// ParseBool accepts the words that clients of the original may send.
func ParseBool(v string) (value, ok bool) {
	switch strings.ToLower(v) {
	case "true", "1", "yes", "on", "t", "y":
		return true, true
	case "false", "0", "no", "off", "f", "n":
		return false, true
	}
	return false, false
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
