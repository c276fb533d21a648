package smoke

import (
	_ "embed"
	"image/color"
)

// clip is four seconds of 96x64 H.264 at 5 pictures a second. In each second the left and the right half have a colour each, and
// no two seconds have the same pair, so that a picture says which second it is from. It was made by
//
//	ffmpeg -f lavfi -i "color=c=0xE02020:s=96x64:r=5:d=1,drawbox=x=48:w=48:h=64:c=0x20A040:t=fill" (and so on for the others) \
//	  -filter_complex "[0][1][2][3]concat=n=4,format=yuv420p" -c:v libx264 -preset veryslow -crf 10 -g 20 -bf 2 \
//	  -movflags +faststart -map_metadata -1 -fflags +bitexact -flags:v +bitexact clip.mp4
//
//go:embed clip.mp4
var clip []byte

// The size of the clip's pictures in pixels.
const (
	width  = 96
	height = 64
)

// halves are the colours of the left and the right half.
type halves struct{ left, right color.RGBA }

var (
	red    = color.RGBA{R: 0xE0, G: 0x20, B: 0x20, A: 0xFF}
	green  = color.RGBA{R: 0x20, G: 0xA0, B: 0x40, A: 0xFF}
	blue   = color.RGBA{R: 0x20, G: 0x40, B: 0xE0, A: 0xFF}
	yellow = color.RGBA{R: 0xE0, G: 0xC0, B: 0x20, A: 0xFF}
)

// expected is what one picture a second gives, in the order of time.
var expected = []halves{{red, green}, {green, blue}, {blue, yellow}, {yellow, red}}

// fields ask for these pictures and nothing else, whatever the user of a given token prefers.
var fields = map[string]string{
	"extraction_fps": "1", "output_format": "png", "max_frames": "100", "dedupe": "0", "name_template": "frame_{n:06}",
	"include_manifest": "false", "contact_sheet": "false", "storyboard": "false",
}
