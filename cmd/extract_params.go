package cmd

import (
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/fiapx/fiapx/modules/processing"
)

const (
	maxFPS     = 1000
	maxSide    = 16384
	maxDedupe  = 32  // half of the bits: beyond it pictures with nothing in common are equal
	maxInstant = 1e7 // seconds; no film is longer, and microseconds of it fit
)

// params checks the flags and puts them into the engine's words.
func (f extractFlags) params() (processing.Params, error) {
	p, err := f.selection()
	if err != nil {
		return p, err
	}
	if p.Start, p.End, err = f.span(); err != nil {
		return p, err
	}
	if p.Crop, err = parseCrop(f.crop); err != nil {
		return p, err
	}
	if err := processing.CheckNameTemplate(f.name); err != nil {
		return p, usagef("--name: %s", sentence(err))
	}
	p.Extension, p.Quality, p.MaxFrames, p.Dedupe = f.format, f.quality, f.maxFrames, f.dedupe
	p.Width, p.Height, p.NoTone, p.Threads = f.width, f.height, f.keepHDR, f.threads
	return p, f.ranges()
}

func (f extractFlags) ranges() error {
	switch {
	case !slices.Contains([]string{"png", "jpeg", "jpg", "webp", "avif"}, f.format):
		return usagef("--format must be png, jpeg, jpg, webp or avif, not %s", quote(f.format))
	case f.quality < 1 || f.quality > 100:
		return usagef("--quality must be 1 to 100")
	case f.maxFrames < 0 || f.threads < 0:
		return usagef("--max-frames and --threads must not be negative")
	case f.width < 0 || f.width > maxSide || f.height < 0 || f.height > maxSide:
		return usagef("--width and --height must be 1 to %d", maxSide)
	case f.dedupe < 0 || f.dedupe > maxDedupe:
		return usagef("--dedupe must be 0 to %d bits; 6 is typical", maxDedupe)
	}
	return nil
}

// selection is the one way to choose pictures that was given; --fps, at its default, when none was.
func (f extractFlags) selection() (p processing.Params, err error) {
	mode := "fps"
	switch len(f.modes) {
	case 0:
	case 1:
		mode = f.modes[0]
	default:
		return p, usagef("--%s choose pictures in different ways; give one of them", strings.Join(f.modes, " and --"))
	}
	switch {
	case mode == "fps" && !(f.fps > 0 && f.fps <= maxFPS): // also refuses NaN
		err = usagef("--fps must be above 0 and at most %d", maxFPS)
	case mode == "fps":
		p.FPS = f.fps
	case mode == "every" && f.every < 1:
		err = usagef("--every must be 1 or more")
	case mode == "every":
		p.Every = f.every
	case mode == "keyframes" && !f.keyframes:
		p.FPS = f.fps // --keyframes=false chooses nothing
	case mode == "keyframes":
		p.Keyframes = true
	case mode == "scene" && !(f.scene > 0 && f.scene <= 1):
		err = usagef("--scene must be above 0 and at most 1; 0.3 is typical")
	case mode == "scene":
		p.Scene = f.scene
	default:
		p.Times, err = parseTimes(f.times)
	}
	return p, err
}

func (f extractFlags) span() (start float64, end *float64, err error) {
	if f.start != "" {
		if start, err = parseInstant(f.start); err != nil {
			return 0, nil, usagef("--start: %s", err)
		}
	}
	if f.end == "" {
		return start, nil, nil
	}
	stop, err := parseInstant(f.end)
	if err != nil {
		return 0, nil, usagef("--end: %s", err)
	}
	if stop <= start {
		return 0, nil, usagef("--end must be later than --start")
	}
	return start, &stop, nil
}

// parseTimes reads instants between commas or white space, of the text or of the file that it names with @, and sorts
// them, because the film is read in one direction.
func parseTimes(text string) ([]float64, error) {
	if path, ok := strings.CutPrefix(text, "@"); ok {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, usagef("--timestamps: %s cannot be read; name a file with one instant in a line", path)
		}
		text = string(data)
	}
	var out []float64
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		t, err := parseInstant(word)
		if err != nil {
			return nil, usagef("--timestamps: %s", err)
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, usagef("--timestamps names no instant; write them as 5,1:30,00:02:00.5 or give @FILE")
	}
	slices.Sort(out)
	return out, nil
}

// parseInstant reads seconds, minutes:seconds or hours:minutes:seconds; only the seconds may have a fraction.
func parseInstant(text string) (float64, error) {
	wrong := usagef("%s is no instant; write it as 90, 1:30 or 00:01:30.5", quote(text))
	parts := strings.Split(text, ":")
	if len(parts) > 3 {
		return 0, wrong
	}
	total := 0.0
	for i, part := range parts {
		last := i == len(parts)-1
		if strings.Trim(part, "0123456789.") != "" || !last && strings.Contains(part, ".") {
			return 0, wrong
		}
		n, err := strconv.ParseFloat(part, 64)
		if err != nil || math.IsInf(n, 0) || i > 0 && n >= 60 {
			return 0, wrong
		}
		total = total*60 + n
	}
	if total > maxInstant {
		return 0, usagef("%s is later than any film lasts", quote(text))
	}
	return total, nil
}

// parseCrop reads X,Y,WIDTH,HEIGHT; nothing is the whole picture.
func parseCrop(text string) (*processing.Rect, error) {
	if text == "" {
		return nil, nil
	}
	wrong := usagef("--crop: %s is no part of a picture; write X,Y,WIDTH,HEIGHT in pixels, as 0,0,640,360", quote(text))
	words := strings.Split(text, ",")
	if len(words) != 4 {
		return nil, wrong
	}
	var n [4]int
	for i, word := range words {
		v, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || v < 0 || v > maxSide {
			return nil, wrong
		}
		n[i] = v
	}
	if n[2] == 0 || n[3] == 0 {
		return nil, wrong
	}
	return &processing.Rect{X: n[0], Y: n[1], W: n[2], H: n[3]}, nil
}
