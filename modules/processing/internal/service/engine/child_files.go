//go:build cgo

package engine

import (
	"io"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// descriptor gives a file that the child can read: the source's own, or a copy in memory of one that has none.
func descriptor(src Source) (f *os.File, release func(), err error) {
	if own, ok := src.(interface{ File() *os.File }); ok {
		return own.File(), func() {}, nil
	}
	fd, err := unix.MemfdCreate("fiapx-source", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, err
	}
	f = os.NewFile(uintptr(fd), "fiapx-source")
	release = func() { _ = f.Close() }
	if _, err = io.Copy(f, io.NewSectionReader(src, 0, src.Size())); err != nil {
		release()
	}
	return f, release, err
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
