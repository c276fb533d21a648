//go:build cgo

package engine

// #include "shim.h"
import "C"

import "fmt"

// How the container's own index is searched.
const (
	seekNot   = 0
	seekByDTS = 1
	seekByPTS = 2
)

// stream is what fx_describe tells.
type stream struct {
	info           Info
	codec          C.int
	timeBase       rational
	rate           rational
	duration       int64 // in timeBase; noPTS when unknown
	seekBy         int
	rotation       int
	mirror         bool
	codedW, codedH int
}

// Codecs whose groups of pictures are decoded apart from each other.
func (s *stream) independentGOPs() bool {
	switch s.codec {
	case C.AV_CODEC_ID_H264, C.AV_CODEC_ID_HEVC, C.AV_CODEC_ID_MPEG4, C.AV_CODEC_ID_MPEG2VIDEO, C.AV_CODEC_ID_MPEG1VIDEO,
		C.AV_CODEC_ID_VP8, C.AV_CODEC_ID_VP9, C.AV_CODEC_ID_AV1, C.AV_CODEC_ID_MJPEG, C.AV_CODEC_ID_PRORES, C.AV_CODEC_ID_DNXHD:
		return true
	}
	return false
}

// layered says that the codec has temporal layers.
func (s *stream) layered() bool { return s.codec == C.AV_CODEC_ID_HEVC }

// decoderSkips says that libavcodec itself knows which pictures no other one refers to (B pictures of these codecs).
func (s *stream) decoderSkips() bool {
	return s.codec == C.AV_CODEC_ID_MPEG4 || s.codec == C.AV_CODEC_ID_MPEG2VIDEO || s.codec == C.AV_CODEC_ID_MPEG1VIDEO
}

func (in *input) describe() *stream {
	var c C.fx_info
	C.fx_describe(in.c, &c)
	s := &stream{
		codec: c.codec_id, timeBase: rational{int64(c.tb_num), int64(c.tb_den)}, rate: rational{int64(c.rate_num), int64(c.rate_den)},
		duration: int64(c.duration), seekBy: int(c.seek_by), rotation: int(c.rotation), mirror: c.mirror != 0,
		codedW: int(c.width), codedH: int(c.height),
	}
	s.info = Info{
		Container: C.GoString(&c.container[0]), Codec: C.GoString(&c.codec[0]), PixFmt: C.GoString(&c.pix_fmt[0]),
		Width: s.codedW, Height: s.codedH, Rotation: s.rotation, FrameRate: s.rate.float(),
		Bitrate: int64(c.bitrate), HasAudio: c.has_audio != 0, CreatedAt: C.GoString(&c.created[0]), SampleAspect: "1:1",
	}
	if s.rotation%180 != 0 {
		s.info.Width, s.info.Height = s.codedH, s.codedW
	}
	if c.sar_num > 0 && c.sar_den > 0 {
		s.info.SampleAspect = fmt.Sprintf("%d:%d", c.sar_num, c.sar_den)
	}
	switch {
	case s.duration != noPTS && s.duration > 0:
		s.info.Duration = float64(s.duration) * s.timeBase.float()
	case int64(c.container_duration) != noPTS && c.container_duration > 0:
		s.info.Duration = float64(c.container_duration) / 1e6
	}
	return s
}

// interval is the usual distance of two pictures, at least one tick.
func (s *stream) interval() int64 {
	if s.rate.num <= 0 || s.rate.den <= 0 || s.timeBase.num <= 0 {
		return 1
	}
	return max(1, (s.rate.den*s.timeBase.den)/(s.rate.num*s.timeBase.num))
}
