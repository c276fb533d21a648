package domain

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// selection reads which pictures are wanted. The fields exclude each other; when none is given, base's choice stands.
func (r *reader) selection(base Params) Params {
	given := r.given()
	if len(given) == 0 {
		return Params{FPS: base.FPS, Every: base.Every, Times: base.Times, Keyframes: base.Keyframes, Scene: base.Scene}
	}
	if len(given) > 1 {
		for _, path := range given {
			r.wrong(path, "mutually_exclusive", "Only one of "+strings.Join(given, ", ")+" may be given")
		}
	}
	return Params{
		FPS:       r.float("extraction_fps", 0, MinFPS, MaxFPS),
		Every:     r.int("every", 0, 1, MaxEvery),
		Times:     r.times("timestamps"),
		Keyframes: r.bool("keyframes_only", false),
		Scene:     r.float("scene_threshold", 0, MinScene, MaxScene),
	}
}

// given lists the fields of the form that select pictures; keyframes_only=false selects none.
func (r *reader) given() (paths []string) {
	for _, path := range []string{"extraction_fps", "every", "timestamps", "keyframes_only", "scene_threshold"} {
		v, ok := r.text(path)
		if off, is := ParseBool(v); path == "keyframes_only" && is && !off {
			continue
		}
		if ok {
			paths = append(paths, path)
		}
	}
	return paths
}

// times reads a list of instants and sorts it, because the film is read in one direction.
func (r *reader) times(path string) []float64 {
	v, ok := r.text(path)
	if !ok {
		return nil
	}
	words := strings.FieldsFunc(v, func(c rune) bool { return c == ',' || unicode.IsSpace(c) })
	if len(words) == 0 {
		r.wrong(path, "too_short", "Input should have at least one instant")
	}
	if len(words) > MaxTimes {
		r.wrong(path, "too_long", "Input should have at most "+strconv.Itoa(MaxTimes)+" instants")
		return nil
	}
	out := make([]float64, 0, len(words))
	for _, w := range words {
		t, ok := parseInstant(w)
		if !ok {
			r.wrong(path, "instant_parsing", "Input should be seconds or h:mm:ss, separated by commas; '"+shorten(w)+"' is neither")
			return nil
		}
		out = append(out, t)
	}
	slices.Sort(out)
	return out
}

// maxInstant keeps microseconds well within 64 bits; it is some 115 days.
const maxInstant = 1e7

// parseInstant reads 83.5, 1:23.5 or 0:01:23.5.
func parseInstant(w string) (seconds float64, ok bool) {
	parts := strings.Split(w, ":")
	if len(parts) > 3 {
		return 0, false
	}
	for i, part := range parts {
		if strings.Trim(part, "0123456789.") != "" { // no signs, exponents or infinities
			return 0, false
		}
		v, err := strconv.ParseFloat(part, 64)
		whole := i == len(parts)-1 || v == math.Trunc(v)
		if err != nil || !whole || i > 0 && v >= 60 {
			return 0, false
		}
		seconds = seconds*60 + v
	}
	return seconds, seconds <= maxInstant
}

// rect reads x,y,w,h.
func (r *reader) rect(path string, absent *Rect) *Rect {
	v, ok := r.text(path)
	if !ok {
		return absent
	}
	var n [4]int
	words := strings.Split(v, ",")
	good := len(words) == len(n)
	for i := 0; good && i < len(n); i++ {
		var err error
		n[i], err = strconv.Atoi(strings.TrimSpace(words[i]))
		good = err == nil && n[i] >= 0 && n[i] <= MaxSide
	}
	if !good || n[2] == 0 || n[3] == 0 {
		r.wrong(path, "rect_parsing", "Input should be x,y,w,h in pixels, with a width and a height of 1 to "+strconv.Itoa(MaxSide))
		return absent
	}
	return &Rect{X: n[0], Y: n[1], W: n[2], H: n[3]}
}
