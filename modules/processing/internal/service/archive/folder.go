package archive

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// folder holds entries as files.
type folder struct {
	dir  string
	size *int64
}

func (f folder) add(name string, data []byte) error {
	return f.stream(name, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(data))
		return err
	})
}

// stream writes under another name first: whoever watches the folder never meets half an image.
func (f folder) stream(name string, write func(io.Writer) error) error {
	path := filepath.Join(f.dir, name)
	part := path + ".part"
	if err := f.create(part, write); err != nil {
		return errors.Join(err, ignoreMissing(os.Remove(part)))
	}
	return os.Rename(part, path)
}

func (f folder) create(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		return errors.Join(err, file.Close())
	}
	size, err := file.Seek(0, io.SeekCurrent)
	*f.size += size
	return errors.Join(err, file.Close())
}

func (f folder) close() (int64, string, error) { return *f.size, "", nil }

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
