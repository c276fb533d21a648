//go:build cgo

package engine

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// descriptor gives what the child reads from: the source's own file, or a socket at whose other end the source answers
// ranges, so that of a remote video only the bytes needed are fetched. serve, where there is one, must run while the
// child does; it ends with the child.
func descriptor(src Source) (f *os.File, serve func(fail func(error)), err error) {
	if own, ok := src.(interface{ File() *os.File }); ok {
		return own.File(), nil, nil
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours := os.NewFile(uintptr(pair[0]), "fiapx-ranges")
	return os.NewFile(uintptr(pair[1]), "fiapx-source"), func(fail func(error)) { answerRanges(ours, src, fail) }, nil
}

// maxRange bounds what the child may ask for at once.
const maxRange = 4 << 20

// answerRanges serves until the child's end of the socket is gone. What it asks for is checked like any other input. A
// source that fails ends the extraction by way of fail: the child must not take a broken read for a broken film.
func answerRanges(conn *os.File, src Source, fail func(error)) {
	defer func() { _ = conn.Close() }()
	var buf []byte
	for {
		var ask [2]int64
		if err := binary.Read(conn, binary.NativeEndian, &ask); err != nil {
			return
		}
		got := int64(-1)
		if ask[0] >= 0 && ask[1] >= 0 && ask[1] <= maxRange {
			if int64(len(buf)) < ask[1] {
				buf = make([]byte, ask[1])
			}
			n, err := src.ReadAt(buf[:ask[1]], ask[0])
			if err == nil || errors.Is(err, io.EOF) {
				got = int64(n)
			} else {
				fail(ErrSource.Because(err))
			}
		}
		if err := binary.Write(conn, binary.NativeEndian, got); err != nil {
			return
		}
		if _, err := conn.Write(buf[:max(got, 0)]); err != nil {
			return
		}
	}
}

func gomaxprocs(threads int) string {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return strconv.Itoa(threads)
}

// tail keeps the last bytes of a child's standard error.
type tail struct {
	max int
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.max; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.buf) }
