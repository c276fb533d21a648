package domain

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/fiapx/fiapx/platform/fault"
)

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

func (r *reader) optionalFloat(path string, absent *float64) *float64 {
	if _, ok := r.text(path); !ok {
		return absent
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

func (r *reader) oneOf(path, absent string, words ...string) string {
	v, ok := r.text(path)
	if !ok || slices.Contains(words, v) {
		return cmp.Or(v, absent)
	}
	r.wrong(path, "string_pattern_mismatch", "Input should be one of "+strings.Join(words, ", "))
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
