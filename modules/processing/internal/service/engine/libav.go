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

// endsEarly tells that the demuxer did not get far enough to know the film.
func endsEarly(code C.int) bool { return code == C.fx_invalid() || code == C.fx_eof() }

// asNotAVideo gives errors of the demuxer the sentence that a user can act on; our own stay.
func asNotAVideo(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return ErrNotAVideo.Because(err)
}

func cBool(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

func quietLibav() { C.fx_quiet() }
