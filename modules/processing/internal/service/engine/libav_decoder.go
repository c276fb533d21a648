//go:build cgo

package engine

// #include "shim.h"
import "C"

// decoder is one libavcodec decoder; threads of its own when asked.
type decoder struct {
	c    *C.AVCodecContext
	turn turns
}

func (in *input) decoder(threads int) (*decoder, error) {
	d := &decoder{turn: in.turn}
	if err := C.fx_decoder(&d.c, in.c, C.int(threads)); err < 0 {
		return nil, avError(err)
	}
	return d, nil
}

func (d *decoder) close() {
	if d != nil {
		C.avcodec_free_context(&d.c)
	}
}
func (d *decoder) flush() { C.avcodec_flush_buffers(d.c) }

// drain asks for the pictures that the decoder holds back; how that went is what receive gives.
func (d *decoder) drain() {
	d.turn.take()
	defer d.turn.give()
	C.fx_send(d.c, nil, 1)
}

// send gives the packet that in holds; errAgain when frames must be received first.
func (d *decoder) send(in *input, keepNonref bool) error {
	d.turn.take()
	defer d.turn.give()
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
	d.turn.take()
	err := C.fx_receive(d.c, f.c, &m)
	d.turn.give()
	if err < 0 {
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

// clone refers to the same picture once more.
func (f *frame) clone() (*frame, error) {
	c := *f
	if c.c = C.av_frame_clone(f.c); c.c == nil {
		return nil, ErrMemory
	}
	return &c, nil
}
