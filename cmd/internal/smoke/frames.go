package smoke

import (
	"archive/zip"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/fiapx/fiapx/platform/fault"
)

// tolerance is how far a channel of a pixel may be off. The conversion from YUV differs by one or two between releases of
// libswscale, so that hashes would only hold for the release that made them; a wrong picture is off by a hundred.
const tolerance = 12

// Faults of the archive: the servers work, but what comes out is wrong.
var (
	errNotArchive  = fault.New(fault.Internal, "smoke.not_an_archive", "What was downloaded is no ZIP archive that can be read; see the logs of the API and the worker.")
	errWrongFrames = fault.New(fault.Internal, "smoke.wrong_frames", "The archive does not hold the pictures that it should; see the logs of the worker.")
)

// compare holds the archive against what the clip shows.
func compare(archive []byte) error {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return errNotArchive.Because(err)
	}
	if len(z.File) != len(expected) {
		return errWrongFrames.Sayf("The archive holds %d files where %d pictures were expected; see the logs of the worker.", len(z.File), len(expected))
	}
	for i, want := range expected {
		if err := compareFrame(z, i, want); err != nil {
			return err
		}
	}
	return nil
}

// compareFrame opens by name, since the order of the entries is nobody's promise.
func compareFrame(z *zip.Reader, second int, want halves) error {
	name := fmt.Sprintf("frame_%06d.png", second+1)
	file, err := z.Open(name)
	if err != nil {
		return errWrongFrames.Sayf("The archive does not hold %s; see the logs of the worker.", name).Because(err)
	}
	defer func() { _ = file.Close() }()
	picture, err := png.Decode(file)
	if err != nil {
		return errWrongFrames.Sayf("%s in the archive is no PNG picture that can be read; see the logs of the worker.", name).Because(err)
	}
	if size := picture.Bounds().Size(); size != image.Pt(width, height) {
		return errWrongFrames.Sayf("%s is %d x %d pixels where %d x %d were expected; see the logs of the worker.", name, size.X, size.Y, width, height)
	}
	if !like(at(picture, width/4), want.left) || !like(at(picture, width*3/4), want.right) {
		return errWrongFrames.Sayf("%s does not show what the video shows at second %d; see the logs of the worker.", name, second)
	}
	return nil
}

func at(picture image.Image, x int) color.RGBA {
	origin := picture.Bounds().Min
	c, _ := color.RGBAModel.Convert(picture.At(origin.X+x, origin.Y+height/2)).(color.RGBA)
	return c
}

func like(got, want color.RGBA) bool {
	return near(got.R, want.R) && near(got.G, want.G) && near(got.B, want.B)
}

func near(a, b uint8) bool { return max(a, b)-min(a, b) <= tolerance }
