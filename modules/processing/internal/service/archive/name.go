package archive

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
	"github.com/fiapx/fiapx/platform/fault"
)

// DefaultName is the template by which images are named when nothing else is said.
const DefaultName = "frame_{n:06}"

// Template says how images are named, without the extension.
type Template struct{ parts []part }

// part is a literal, or a placeholder when field is set.
type part struct {
	literal string
	field   string // n, t, hms, pts, frame
	width   int    // least number of digits, of n and frame
}

const (
	maxTemplate = 100
	maxDigits   = 12
)

var (
	placeholder = regexp.MustCompile(`^\{(?:(n|frame)(?::0([0-9]{1,2}))?|(t|hms|pts))\}`)
	literal     = regexp.MustCompile(`^[A-Za-z0-9._-]+`)
)

// ParseTemplate reads a template; an empty one is DefaultName. Errors are faults whose sentence says what is wrong.
func ParseTemplate(text string) (Template, error) {
	if text == "" {
		text = DefaultName
	}
	if len(text) > maxTemplate {
		return Template{}, badTemplate("it is longer than %d characters", maxTemplate)
	}
	var t Template
	for rest := text; rest != ""; {
		p, n, err := parsePart(rest)
		if err != nil {
			return Template{}, err
		}
		t.parts, rest = append(t.parts, p), rest[n:]
	}
	return t, t.check()
}

func parsePart(rest string) (p part, length int, err error) {
	if m := placeholder.FindStringSubmatch(rest); m != nil {
		width, _ := strconv.Atoi(m[2]) // at most two digits; none are 0
		if width > maxDigits {
			return p, 0, badTemplate("numbers have at most %d digits", maxDigits)
		}
		return part{field: m[1] + m[3], width: width}, len(m[0]), nil
	}
	if text := literal.FindString(rest); text != "" {
		return part{literal: text}, len(text), nil
	}
	if name, _, closed := strings.Cut(rest, "}"); closed && rest[0] == '{' {
		return p, 0, badTemplate("there is no placeholder %s}; use {n}, {n:06}, {t}, {hms}, {pts} or {frame}", name)
	}
	return p, 0, badTemplate("%q is not allowed; use letters A to Z, digits, '.', '_', '-' and placeholders like {n}", []rune(rest)[0])
}

// check refuses names that would hide, look like an option of a command, be equal, or be taken for something else.
func (t Template) check() error {
	first := strings.ToLower(t.parts[0].literal)
	switch {
	case strings.HasPrefix(first, "."), strings.HasPrefix(first, "-"):
		return badTemplate("names must not begin with %q", first[:1])
	case strings.HasPrefix(first, sheetName), strings.HasPrefix(first, boardName):
		return badTemplate("names beginning with %s or %s are those of the sheets", sheetName, boardName)
	}
	for _, p := range t.parts {
		if p.field != "" && p.field != "pts" {
			return nil
		}
	}
	return badTemplate("it needs {n}, {t}, {hms} or {frame}, so that each image has a name of its own")
}

func badTemplate(format string, args ...any) error {
	return fault.New(fault.Invalid, "NAME_TEMPLATE", "The name template is wrong: "+fmt.Sprintf(format, args...)+".")
}

func (t Template) name(img domain.Image) string {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text(img))
	}
	return b.String()
}

func (p part) text(img domain.Image) string {
	switch p.field {
	case "n":
		return fmt.Sprintf("%0*d", p.width, img.Index)
	case "frame":
		if img.Frame < 0 {
			return "unknown"
		}
		return fmt.Sprintf("%0*d", p.width, img.Frame)
	case "t":
		return secondsName(img.Instant)
	case "pts":
		return secondsName(img.PTS)
	case "hms":
		return clock(millis(img.Instant), '-')
	}
	return p.literal
}

// secondsName writes seconds so that names sort by time, up to a day and more.
func secondsName(s float64) string {
	ms := millis(s)
	return fmt.Sprintf("%05d.%03d", ms/1000, ms%1000)
}

func millis(seconds float64) int64 { return max(0, int64(math.Round(seconds*1000))) }

// clock writes hours, minutes and seconds.
func clock(ms int64, separator rune) string {
	return fmt.Sprintf("%02d%c%02d%c%02d.%03d", ms/3_600_000, separator, ms/60_000%60, separator, ms/1000%60, ms%1000)
}

// namer names one image after the other. Instants and source frames never go back, so equal names follow one another,
// and to compare with the last one is enough.
type namer struct {
	template Template
	ext      string
	base     string // what the template made of the last image
	equal    int    // images of that base
	last     string
}

func (n *namer) next(img domain.Image) string {
	base := n.template.name(img)
	if base != n.base {
		n.base, n.equal = base, 0
	}
	n.equal++
	if n.equal > 1 {
		base += "_" + strconv.Itoa(n.equal)
	}
	n.last = base + "." + n.ext
	return n.last
}
