//go:build cgo

package engine

/*
#cgo pkg-config: libavformat libavcodec libswscale libavutil
#cgo LDFLAGS: -lm
#cgo CFLAGS: -O3 -Wall -Wno-missing-field-initializers
#include <stdlib.h>
#include "shim.h"
#include <libavutil/log.h>
#include <libavutil/error.h>
static int fx_eof(void) { return AVERROR_EOF; }
static int fx_again(void) { return AVERROR(EAGAIN); }
static int fx_nomem(void) { return AVERROR(ENOMEM); }
static int fx_invalid(void) { return AVERROR_INVALIDDATA; }
static int64_t fx_nopts(void) { return AV_NOPTS_VALUE; }
static const char *fx_text(int err, char *buf, size_t n) { av_strerror(err, buf, n); return buf; }
static void fx_quiet(void) { av_log_set_level(AV_LOG_FATAL); }
*/
import "C"

import (
	"errors"
	"fmt"
	"io"
	"unsafe"

	"github.com/fiapx/fiapx/platform/fault"
)

// noPTS is FFmpeg's mark for a missing time stamp.
var noPTS = int64(C.fx_nopts())

// errAgain says that the decoder wants to be read before it takes more, or fed before it gives more.
var errAgain = errors.New("engine: try again")

// avError turns a return code into an error; io.EOF and errAgain keep their meaning.
func avError(code C.int) error {
	switch code {
	case C.fx_eof():
		return io.EOF
	case C.fx_again():
		return errAgain
	case C.FX_NOT_A_VIDEO:
		return ErrNotAVideo
	case C.FX_CONTAINER:
		return ErrContainer
	case C.FX_STREAMS:
		return ErrStreams
	case C.FX_NO_VIDEO:
		return ErrNoVideo
	case C.FX_CODEC:
		return ErrCodec
	case C.FX_PIXELS:
		return ErrPixels
	case C.fx_nomem():
		return ErrMemory
	}
	if code >= 0 {
		return nil
	}
	var buf [128]C.char
	return fmt.Errorf("libav: %s", C.GoString(C.fx_text(code, &buf[0], C.size_t(len(buf)))))
}

// input is an open video file, positioned at some packet of its video stream.
type input struct {
	c    *C.fx_input
	pkt  *C.AVPacket
	next int // index of the packet that read gives next
	src  source
	lim  Limits
}

// source is where the bytes come from: a file, or a socket whose other end answers ranges.
type source struct {
	fd     int
	size   int64
	remote bool
}

// openInput opens the descriptor and chooses the stream. Errors: the sentinels of api.go, or libav's own.
func openInput(src source, lim Limits) (*input, error) {
	in := &input{pkt: C.av_packet_alloc(), src: src, lim: lim}
	if err := C.fx_open(&in.c, C.int(src.fd), cBool(src.remote), C.int64_t(src.size), C.int(lim.Streams), C.int64_t(lim.Pixels)); err < 0 {
		C.av_packet_free(&in.pkt)
		if err == C.fx_invalid() || err == C.fx_eof() {
			return nil, ErrIncomplete.Because(avError(err))
		}
		return nil, asNotAVideo(avError(err))
	}
	return in, nil
}

// again opens the same file once more, at its beginning, without probing it anew. Only containers that store their time
// stamps bear that; the others compute them from what probing finds out.
func (in *input) again(s *stream) (*input, error) {
	if s.seekBy == seekNot {
		return openInput(in.src, in.lim)
	}
	other := &input{pkt: C.av_packet_alloc(), src: in.src, lim: in.lim}
	if err := C.fx_reopen(&other.c, in.c); err < 0 {
		C.av_packet_free(&other.pkt)
		return nil, avError(err)
	}
	return other, nil
}

// indexed is the number of packets that the container's own index lists; 0 when it has none that is complete.
func (in *input) indexed() int { return int(C.fx_indexed(in.c)) }

// hollow stops reading: from here on packets have the right places and times, and no content.
func (in *input) hollow() { C.fx_hollow(in.c) }

func (in *input) close() {
	C.fx_close(in.c)
	C.av_packet_free(&in.pkt)
}

// read gives the next packet of the video stream, or io.EOF.
func (in *input) read() (entry, error) {
	var m C.fx_meta
	if err := C.fx_read(in.c, in.pkt, &m); err < 0 {
		return entry{}, avError(err)
	}
	in.next++
	return entry{
		pts: int64(m.pts), dts: int64(m.dts), pos: int64(m.pos), duration: int32(min(int64(m.duration), 1<<31-1)),
		size: int32(m.size), flags: uint8(m.flags), layer: int8(m.layer),
	}, nil
}

// cutShort tells, once everything was read, that the file ends before its film does. An MP4 lists its samples, so asking
// for one behind the end of the file is the sign; elsewhere running into the end is normal, and the film must also be
// much shorter than announced.
func (in *input) cutShort(s *stream, read int64) bool {
	if in.c.past_end == 0 {
		return false
	}
	announced := s.info.Duration
	return s.seekBy == seekByDTS || announced > 0 && float64(read)*s.timeBase.float() < announced*0.95-1
}

func (in *input) seek(ts int64) error { return avError(C.fx_seek(in.c, C.int64_t(ts))) }

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

// decoder is one libavcodec decoder; threads of its own when asked.
type decoder struct{ c *C.AVCodecContext }

func (in *input) decoder(threads int) (*decoder, error) {
	d := &decoder{}
	if err := C.fx_decoder(&d.c, in.c, C.int(threads)); err < 0 {
		return nil, avError(err)
	}
	return d, nil
}

func (d *decoder) close() { C.avcodec_free_context(&d.c) }
func (d *decoder) flush() { C.avcodec_flush_buffers(d.c) }
func (d *decoder) drain() { C.fx_send(d.c, nil, 1) } // its answer is what receive gives

// send gives the packet that in holds; errAgain when frames must be received first.
func (d *decoder) send(in *input, keepNonref bool) error {
	return avError(C.fx_send(d.c, in.pkt, cBool(keepNonref)))
}

// frame is a decoded picture; its owner frees it.
type frame struct {
	c        *C.AVFrame
	pts      int64 // best effort
	rawPTS   int64
	duration int64
	kind     string
	bad, key bool
	bytes    int64
}

func (d *decoder) receive() (*frame, error) {
	f := &frame{c: C.av_frame_alloc()}
	var m C.fx_frame_meta
	if err := C.fx_receive(d.c, f.c, &m); err < 0 {
		f.free()
		return nil, avError(err)
	}
	f.pts, f.rawPTS, f.duration, f.bad = int64(m.pts), int64(m.raw_pts), int64(m.duration), m.bad != 0
	f.key = m.key != 0
	f.kind, f.bytes = string(rune(m._type)), int64(m.width)*int64(m.height)*3/2
	return f, nil
}

func (f *frame) free() {
	if f != nil && f.c != nil {
		C.av_frame_free(&f.c)
	}
}

// encoder turns frames into finished images.
type encoder struct{ c *C.fx_encoder }

// recipe is how pictures become images, beside the stream's own orientation.
type recipe struct {
	format        string
	quality       int // in the encoder's own terms
	crop          Rect
	width, height int
	thumbW        int
	thumbH        int
	hash, keepHDR bool
}

func newEncoder(r recipe, s *stream) (*encoder, error) {
	c := C.fx_recipe{
		format: map[string]C.int{PNG: C.FX_PNG, JPEG: C.FX_JPEG, WebP: C.FX_WEBP}[r.format], quality: C.int(r.quality),
		rotation: C.int(s.rotation), mirror: cBool(s.mirror), width: C.int(r.width), height: C.int(r.height),
		crop_x: C.int(r.crop.X), crop_y: C.int(r.crop.Y), crop_w: C.int(r.crop.W), crop_h: C.int(r.crop.H),
		thumb_width: C.int(r.thumbW), thumb_height: C.int(r.thumbH), hash: cBool(r.hash), keep_hdr: cBool(r.keepHDR),
	}
	e := C.fx_encoder_new(&c)
	if e == nil {
		return nil, ErrMemory
	}
	return &encoder{e}, nil
}

func (e *encoder) close() { C.fx_encoder_free(e.c) }

// picture is an encoded image in C memory.
type picture struct {
	data           []byte
	width, height  int
	thumb          []byte
	thumbW, thumbH int
	hash           uint64
	toned          bool
}

func (e *encoder) encode(f *frame) (picture, error) {
	var p C.fx_picture
	if err := C.fx_encode(e.c, f.c, &p); err < 0 {
		return picture{}, avError(err)
	}
	out := picture{
		data: unsafe.Slice((*byte)(p.data), int(p.size)), width: int(p.width), height: int(p.height),
		thumbW: int(p.thumb_width), thumbH: int(p.thumb_height), hash: uint64(p.hash), toned: p.toned != 0,
	}
	if p.thumb != nil {
		out.thumb = unsafe.Slice((*byte)(p.thumb), 3*out.thumbW*out.thumbH)
	}
	return out, nil
}

func (p picture) free() {
	C.free(unsafe.Pointer(unsafe.SliceData(p.data)))
	C.free(unsafe.Pointer(unsafe.SliceData(p.thumb)))
}

// lightness shrinks frames to a few gray samples, for comparing them.
type lightness struct{ c C.fx_scaler }

func (l *lightness) of(f *frame, width, height int) ([]byte, error) {
	out := make([]byte, width*height+64) // libswscale writes a little beyond
	if err := C.fx_shrink_gray(&l.c, f.c, C.int(width), C.int(height), (*C.uint8_t)(&out[0])); err < 0 {
		return nil, avError(err)
	}
	return out[:width*height], nil
}

func (l *lightness) close() { C.fx_scaler_free(&l.c) }

func cBool(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

func quietLibav() { C.fx_quiet() }

// clone refers to the same picture once more.
func (f *frame) clone() (*frame, error) {
	c := *f
	if c.c = C.av_frame_clone(f.c); c.c == nil {
		return nil, ErrMemory
	}
	return &c, nil
}

// asNotAVideo gives errors of the demuxer the sentence that a user can act on; our own stay.
func asNotAVideo(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return ErrNotAVideo.Because(err)
}

// interval is the usual distance of two pictures, at least one tick.
func (s *stream) interval() int64 {
	if s.rate.num <= 0 || s.rate.den <= 0 || s.timeBase.num <= 0 {
		return 1
	}
	return max(1, (s.rate.den*s.timeBase.den)/(s.rate.num*s.timeBase.num))
}
