//go:build cgo

package engine

// sceneDetector scores how much a picture differs from the one before it, as ffmpeg's select filter does
// (libavfilter/scene_sad.c): the mean difference, and how far that differs from the mean difference before, whichever is
// smaller, so that steady motion is no scene. It compares shrunken lightness instead of full pictures.
type sceneDetector struct {
	threshold float64
	light     lightness
	before    []byte
	mean      float64
}

const sceneWidth, sceneHeight = 64, 36

// begins tells whether f is the first picture of a scene; the first picture of a film is.
func (d *sceneDetector) begins(f *frame) (bool, error) {
	now, err := d.light.of(f, sceneWidth, sceneHeight)
	if err != nil {
		return false, err
	}
	defer func() { d.before = now }()
	if d.before == nil {
		return true, nil
	}
	sum := 0
	for i, v := range now {
		sum += max(int(v)-int(d.before[i]), int(d.before[i])-int(v))
	}
	mean := float64(sum) * 100 / float64(len(now)) / 256
	change := max(mean-d.mean, d.mean-mean)
	d.mean = mean
	return min(mean, change)/100 >= d.threshold, nil
}
