//go:build cgo

package engine

// #include "shim.h"
import "C"

// input is an open video file, positioned at some packet of its video stream.
type input struct {
	c    *C.fx_input
	pkt  *C.AVPacket
	next int // index of the packet that read gives next
	src  source
	lim  Limits
	turn turns
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
		if endsEarly(err) {
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
		other, err := openInput(in.src, in.lim)
		if err == nil {
			other.turn = in.turn
		}
		return other, err
	}
	other := &input{pkt: C.av_packet_alloc(), src: in.src, lim: in.lim, turn: in.turn}
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
	if in != nil {
		C.fx_close(in.c)
		C.av_packet_free(&in.pkt)
	}
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
