package domain

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/fiapx/fiapx/platform/fault"
)

// Preferences are a user's settings as the client sees them: the known keys plus whatever else it keeps here.
type Preferences map[string]any

// Defaults is the part of the preferences that fills absent submit fields.
type Defaults struct {
	Params      Params
	AutoCleanup bool
}

// MaxPreferences bounds what one user may store, in bytes of JSON.
const MaxPreferences = 16 << 10

// ErrPreferencesTooLarge says that the settings exceed MaxPreferences.
var ErrPreferencesTooLarge = fault.New(fault.TooLarge, "videos.preferences_too_large", "The preferences exceed 16 KiB; remove keys you do not need.")

// DefaultPreferences are those of a user who has stored none.
func DefaultPreferences() Preferences {
	return Preferences{
		"notifications": map[string]any{"email_enabled": true, "job_completion": true, "job_failure": true},
		"processing":    map[string]any{"default_quality": 95, "default_fps": 1.0, "auto_cleanup": true, "max_frames": nil},
	}
}

// Merge applies patch the way RFC 7396 does: objects key by key, null removes, anything else replaces.
func (p Preferences) Merge(patch Preferences) Preferences {
	return merge(map[string]any(p), map[string]any(patch))
}

// WithDefaults fills in what is not stored.
func (p Preferences) WithDefaults() Preferences { return DefaultPreferences().Merge(p) }

func merge(target, patch map[string]any) map[string]any {
	out := maps.Clone(target)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range patch {
		if value == nil {
			delete(out, key)
			continue
		}
		nested, ok := value.(map[string]any)
		if !ok {
			out[key] = value
			continue
		}
		below, _ := out[key].(map[string]any)
		out[key] = merge(below, nested)
	}
	return out
}

// Validate checks the known keys of a patch and names every wrong one; null is allowed anywhere, as "back to the default".
func (p Preferences) Validate() error {
	var wrong []fault.Field
	for _, section := range slices.Sorted(maps.Keys(known)) {
		value, ok := p[section]
		if !ok || value == nil {
			continue
		}
		keys, ok := value.(map[string]any)
		if !ok {
			wrong = append(wrong, fault.Field{Path: section, Code: "dict_type", Message: "Input should be a valid dictionary"})
			continue
		}
		wrong = append(wrong, checkSection(section, keys)...)
	}
	if len(wrong) == 0 {
		return nil
	}
	f := fault.Fieldf(wrong[0].Path, wrong[0].Code, "%s: %s.", wrong[0].Path, wrong[0].Message)
	f.Fields = wrong
	return f
}

func checkSection(section string, keys map[string]any) (wrong []fault.Field) {
	for _, key := range slices.Sorted(maps.Keys(known[section])) {
		value, ok := keys[key]
		if !ok || value == nil {
			continue
		}
		if code, message := known[section][key](value); code != "" {
			wrong = append(wrong, fault.Field{Path: section + "." + key, Code: code, Message: message})
		}
	}
	return wrong
}

type check func(value any) (code, message string)

var known = map[string]map[string]check{
	"notifications": {
		"email_enabled": isBool, "job_completion": isBool, "job_failure": isBool,
		"language": oneOf("en", "pt-BR"), "job_progress": isBool, "system_alerts": isBool, "progress_updates": isBool,
	},
	"processing": {
		"default_quality": between(1, 100, true),
		"default_fps":     between(MinFPS, MaxFPS, false),
		"auto_cleanup":    isBool,
		"max_frames":      between(1, math.MaxInt32, true),
		"default_format":  oneOf("png", "jpg", "jpeg", "webp", "avif"),
		"dedupe":          between(0, MaxDedupe, true),
		"keep_hdr":        isBool,
		"contact_sheet":   isBool,
		"storyboard":      isBool,
		"name_template":   isTemplate,
	},
}

func isBool(value any) (code, message string) {
	if _, ok := value.(bool); !ok {
		return "bool_type", "Input should be a valid boolean"
	}
	return "", ""
}

func oneOf(words ...string) check {
	return func(value any) (code, message string) {
		if s, ok := value.(string); !ok || !slices.Contains(words, s) {
			return "string_pattern_mismatch", "Input should be one of " + strings.Join(words, ", ")
		}
		return "", ""
	}
}

func isTemplate(value any) (code, message string) {
	s, ok := value.(string)
	if !ok {
		return "string_type", "Input should be a valid string"
	}
	return checkTemplate(s)
}

func between(low, high float64, whole bool) check {
	return func(value any) (code, message string) {
		f, ok := asFloat(value)
		switch {
		case whole && (!ok || f != math.Trunc(f)):
			return "int_type", "Input should be a valid integer"
		case !ok:
			return "float_type", "Input should be a valid number"
		case f < low:
			return "greater_than_equal", "Input should be greater than or equal to " + number(low)
		case f > high:
			return "less_than_equal", "Input should be less than or equal to " + number(high)
		}
		return "", ""
	}
}

func asFloat(value any) (float64, bool) {
	switch v := value.(type) {
	case float64:
		return v, true
	case int:
		return float64(v), true
	case json.Number:
		f, err := v.Float64()
		return f, err == nil
	}
	return 0, false
}

// Encode gives the JSON to store, or ErrPreferencesTooLarge.
func (p Preferences) Encode() ([]byte, error) {
	raw, err := json.Marshal(map[string]any(p))
	if err != nil {
		return nil, fmt.Errorf("encode preferences: %w", err)
	}
	if len(raw) > MaxPreferences {
		return nil, ErrPreferencesTooLarge
	}
	return raw, nil
}

// Defaults reads the settings that a submission uses; stored values were validated when they came in.
func (p Preferences) Defaults() Defaults {
	keys, _ := p["processing"].(map[string]any)
	out := Defaults{Params: defaultParams(), AutoCleanup: flag(keys, "auto_cleanup", true)}
	d := &out.Params
	d.NoTone, d.ContactSheet, d.Storyboard = flag(keys, "keep_hdr", false), flag(keys, "contact_sheet", false), flag(keys, "storyboard", false)
	if f, ok := asFloat(keys["default_quality"]); ok {
		d.Quality = int(f)
	}
	if f, ok := asFloat(keys["default_fps"]); ok {
		d.FPS = f
	}
	if f, ok := asFloat(keys["max_frames"]); ok {
		n := int(f)
		d.MaxFrames = &n
	}
	if f, ok := asFloat(keys["dedupe"]); ok {
		d.Dedupe = int(f)
	}
	if s, ok := keys["default_format"].(string); ok {
		d.Format = s
	}
	if s, ok := keys["name_template"].(string); ok {
		d.NameTemplate = s
	}
	return out
}

// defaultParams are those of a user who says nothing.
func defaultParams() Params { return Params{FPS: 1, Format: "png", Quality: 95, Manifest: true} }

func flag(keys map[string]any, key string, absent bool) bool {
	if b, ok := keys[key].(bool); ok {
		return b
	}
	return absent
}
