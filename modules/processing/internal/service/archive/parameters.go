package archive

import "github.com/fiapx/fiapx/modules/processing/internal/domain"

// parameters are the manifest's account of what was asked for; of the ways to choose pictures only the one taken is there.
type parameters struct {
	FPS          float64   `json:"fps,omitempty"`
	Every        int       `json:"every,omitempty"`
	Times        []float64 `json:"timestamps,omitempty"`
	Keyframes    bool      `json:"keyframes,omitempty"`
	Scene        float64   `json:"scene,omitempty"`
	Format       string    `json:"format"`
	Quality      int       `json:"quality,omitempty"`
	Start        float64   `json:"start_time"`
	End          *float64  `json:"end_time"`
	MaxFrames    *int      `json:"max_frames"`
	Crop         *crop     `json:"crop,omitempty"`
	Width        int       `json:"width,omitempty"`
	Height       int       `json:"height,omitempty"`
	Dedupe       int       `json:"dedupe,omitempty"`
	KeepHDR      bool      `json:"keep_hdr,omitempty"`
	NameTemplate string    `json:"name_template,omitempty"`
}

type crop struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"width"`
	H int `json:"height"`
}

func (m *manifest) parameters() parameters {
	p := m.options.Params
	out := parameters{
		FPS: p.FPS, Every: p.Every, Times: p.Times, Keyframes: p.Keyframes, Scene: p.Scene,
		Format: p.Extension, Quality: p.Quality, Start: p.Start, End: p.End, Width: p.Width, Height: p.Height,
		Dedupe: p.Dedupe, KeepHDR: p.NoTone, NameTemplate: m.options.NameTemplate,
	}
	if p.MaxFrames > 0 {
		out.MaxFrames = &p.MaxFrames
	}
	if p.Crop != nil {
		out.Crop = &crop{p.Crop.X, p.Crop.Y, p.Crop.W, p.Crop.H}
	}
	return out
}

// sampling is the rule by which the pictures were chosen.
func sampling(p domain.Params) string {
	const times = " Times are seconds and count from the first frame of the video stream."
	switch {
	case p.Every > 0:
		return "The images are every Nth source frame (N is every), beginning with the first at or after start_time." + times
	case p.Times != nil:
		return "Each image shows the last frame whose presentation time is not after the timestamp asked for." + times
	case p.Keyframes:
		return "The images are the frames that the file stores as a whole (keyframes)." + times
	case p.Scene > 0:
		return "The images are the first frame, and each frame that differs from the one before it by at least scene (0 to 1)." + times
	}
	return "Image k shows the last frame whose presentation time is not after start_time + (k-1)/fps; " +
		"instants are seconds and count from the first frame of the video stream."
}
