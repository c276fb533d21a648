//go:build cgo

package engine

// #include <stdlib.h>
// #include "shim.h"
import "C"

import "unsafe"

// encoder turns frames into finished images.
type encoder struct {
	c    *C.fx_encoder
	turn turns
}

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

var formats = map[string]C.int{PNG: C.FX_PNG, JPEG: C.FX_JPEG, WebP: C.FX_WEBP, AVIF: C.FX_AVIF}

// newEncoder fails with ErrFormat where FFmpeg was built without the library.
func newEncoder(r recipe, s *stream, turn turns) (*encoder, error) {
	if (r.format == WebP || r.format == AVIF) && C.fx_lossy_can(formats[r.format]) == 0 {
		return nil, ErrFormat
	}
	c := C.fx_recipe{
		format: formats[r.format], quality: C.int(r.quality),
		rotation: C.int(s.rotation), mirror: cBool(s.mirror), width: C.int(r.width), height: C.int(r.height),
		crop_x: C.int(r.crop.X), crop_y: C.int(r.crop.Y), crop_w: C.int(r.crop.W), crop_h: C.int(r.crop.H),
		thumb_width: C.int(r.thumbW), thumb_height: C.int(r.thumbH), hash: cBool(r.hash), keep_hdr: cBool(r.keepHDR),
	}
	e := C.fx_encoder_new(&c)
	if e == nil {
		return nil, ErrMemory
	}
	return &encoder{e, turn}, nil
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
	e.turn.take()
	defer e.turn.give()
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
