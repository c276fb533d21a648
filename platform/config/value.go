package config

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Setting is one setting as it resolved, safe to print.
type Setting struct {
	Name    string // the variable
	Value   string // a Secret is redacted
	Help    string
	Default bool // the value is the one of an operator who sets nothing
}

// Dump lists the settings of the struct that target points to, in the order of the source.
func Dump(target any) []Setting {
	var all []Setting
	seen := map[string]bool{} // modules may share a variable
	for _, f := range fields(structOf(target)) {
		if seen[f.names[0]] {
			continue
		}
		seen[f.names[0]] = true
		usual := reflect.New(f.value.Type()).Elem()
		if err := set(usual, f.fallback); err != nil {
			panic(fmt.Sprintf("config: default of %s: %v", f.names[0], err))
		}
		all = append(all, Setting{
			Name: f.names[0], Value: show(f.value), Help: f.help, Default: reflect.DeepEqual(usual.Interface(), f.value.Interface()),
		})
	}
	return all
}

func show(v reflect.Value) string {
	if list, ok := v.Interface().([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(v.Interface())
}

// set parses text into v; an empty text is the zero value. Errors name what is expected and quote the text, but for a
// Secret, which takes any text and so has no error.
func set(v reflect.Value, text string) error {
	trimmed := strings.TrimSpace(text)
	switch p := v.Addr().Interface().(type) {
	case *Secret:
		*p = Secret(text) // spaces may be part of it
	case *string:
		*p = trimmed
	case *[]string:
		*p = list(trimmed)
	case *bool:
		return parse(p, trimmed, strconv.ParseBool, "true or false")
	case *int:
		return parse(p, trimmed, strconv.Atoi, "a whole number, as in 4")
	case *int64:
		return parse(p, trimmed, parseInt64, "a whole number, as in 4")
	case *float64:
		return parse(p, trimmed, finite, "a number, as in 0.5")
	case *time.Duration:
		return parse(p, trimmed, time.ParseDuration, "a duration, as in 30s, 15m or 2h")
	case *Bytes:
		return parse(p, trimmed, ParseBytes, "a size, as in 500MiB or 2GB")
	default:
		panic(fmt.Sprintf("config: settings of kind %s are not supported", v.Type()))
	}
	return nil
}

func parse[T any](into *T, text string, read func(string) (T, error), expected string) error {
	var value T
	if text != "" {
		var err error
		if value, err = read(text); err != nil {
			return fmt.Errorf("%q is not %s", text, expected)
		}
	}
	*into = value
	return nil
}

func parseInt64(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// finite refuses NaN and infinities, which pass every comparison that a Validate could make.
func finite(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err == nil && f-f != 0 {
		return 0, errors.New("not finite")
	}
	return f, err
}

func list(text string) []string {
	var all []string
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			all = append(all, item)
		}
	}
	return all
}
