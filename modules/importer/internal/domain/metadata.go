package domain

import (
	"encoding/json"
	"strconv"
	"time"
)

// Metadata is what is of use in a job's JSON. Every value may have any type, since nothing checked it.
type Metadata struct {
	doc map[string]any
}

// ParseMetadata never fails: ok is false for what is no JSON object.
func ParseMetadata(raw string) (m Metadata, ok bool) {
	if raw == "" || raw == "null" {
		return Metadata{}, true
	}
	err := json.Unmarshal([]byte(raw), &m.doc)
	return m, err == nil
}

func (m Metadata) section(name string) map[string]any {
	section, _ := m.doc[name].(map[string]any)
	return section
}

// Form is the parameters of the job under the names of the submission form.
func (m Metadata) Form(j Job) map[string]string {
	config := m.section("extraction_config")
	form := map[string]string{}
	if j.FPS != 0 {
		form["extraction_fps"] = strconv.FormatFloat(j.FPS, 'f', -1, 64)
	}
	for _, key := range []string{"output_format", "quality", "start_time", "end_time", "max_frames"} {
		switch v := config[key].(type) {
		case string:
			form[key] = v
		case float64:
			form[key] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	return form
}

// Resolution is 0, 0 when it is not known.
func (m Metadata) Resolution() (width, height int) {
	sides, _ := m.section("video_info")["resolution"].([]any)
	if len(sides) != 2 {
		return 0, 0
	}
	return int(number(sides[0], maxSide)), int(number(sides[1], maxSide))
}

// Codec is the name of the video codec.
func (m Metadata) Codec() string {
	codec, _ := m.section("video_info")["codec"].(string)
	return codec[:min(len(codec), maxCodec)]
}

// Bitrate is in bits per second.
func (m Metadata) Bitrate() int64 { return int64(number(m.section("video_info")["bitrate"], maxCount)) }

// HasAudio tells whether the video has sound.
func (m Metadata) HasAudio() bool {
	has, _ := m.section("video_info")["has_audio"].(bool)
	return has
}

// EstimatedFrames is nil when nothing was estimated.
func (m Metadata) EstimatedFrames() *int64 {
	if _, ok := m.doc["estimated_frames"].(float64); !ok {
		return nil
	}
	return new(int64(number(m.doc["estimated_frames"], maxCount)))
}

// Downloads counts them, with the times of the first and the last.
func (m Metadata) Downloads() (count int64, first, last *time.Time) {
	stats := m.section("download_stats")
	return int64(number(stats["count"], maxCount)), instant(stats["first_downloaded_at"]), instant(stats["last_downloaded_at"])
}

const (
	maxSide  = 1 << 16
	maxCount = 1 << 53
	maxCodec = 64
)

// number is v where it is a number between 0 and limit, else 0.
func number(v any, limit float64) float64 {
	f, _ := v.(float64)
	if f < 0 || f > limit {
		return 0
	}
	return f
}

// instant reads the original's times, which are UTC and have no zone.
func instant(v any) *time.Time {
	s, _ := v.(string)
	for _, layout := range []string{"2006-01-02T15:04:05.999999", time.RFC3339Nano} {
		if t, err := time.Parse(layout, s); err == nil && InRange(t) {
			return new(t.UTC())
		}
	}
	return nil
}

// InRange tells whether a time can be one at which something happened to the original.
func InRange(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9999 }
