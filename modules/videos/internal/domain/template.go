package domain

import (
	"regexp"
	"strings"
)

const maxTemplate = 100

// template is the form of a name template: letters, digits and placeholders, the numbers padded to at most 12 digits.
var (
	template = regexp.MustCompile(`^(?:[A-Za-z0-9._-]|\{(?:(?:n|frame)(?::0(?:[0-9]|0[0-9]|1[0-2]))?|t|hms|pts)\})+$`)
	distinct = regexp.MustCompile(`\{(?:n|frame|t|hms)[:}]`)
)

// checkTemplate refuses names that would hide, look like an option of a command, be equal, or be taken for a sheet. It
// must not accept what the worker refuses: a job would fail for what the submission can tell.
func checkTemplate(s string) (code, message string) {
	lower := strings.ToLower(s)
	switch {
	case len(s) > maxTemplate:
		return "string_too_long", "Input should have at most 100 characters"
	case !template.MatchString(s):
		return "template_parsing", "Input should be letters, digits, '.', '_', '-' and the placeholders {n}, {n:06}, {t}, {hms}, {pts} or {frame}"
	case s[0] == '.' || s[0] == '-':
		return "template_start", "Input should not begin with '.' or '-'"
	case isSheet(lower):
		return "template_reserved", "Input should not begin with contact_sheet or storyboard"
	case !distinct.MatchString(s):
		return "template_ambiguous", "Input should have {n}, {t}, {hms} or {frame}, so that each picture has a name of its own"
	}
	return "", ""
}

func isSheet(name string) bool {
	return strings.HasPrefix(name, "contact_sheet") || strings.HasPrefix(name, "storyboard")
}

// IsFrame tells by its name whether an entry of an archive is one of the extracted pictures, as opposed to a list or to a
// sheet that was made of them.
func IsFrame(name string) bool {
	i := strings.LastIndexByte(name, '.')
	switch name[i+1:] {
	case "png", "jpg", "jpeg", "webp", "avif":
		return i > 0 && !isSheet(strings.ToLower(name))
	}
	return false
}

func (r *reader) template(path, absent string) string {
	v, ok := r.text(path)
	if !ok {
		return absent
	}
	if code, message := checkTemplate(v); code != "" {
		r.wrong(path, code, message)
	}
	return v
}
