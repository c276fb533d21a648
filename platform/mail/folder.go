package mail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// folder writes each mail into a file that mail programs open. A mail that is sent again replaces its file.
type folder struct {
	writer
	dir string
}

func newFolder(dir string, w writer) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("FIAPX_MAIL_DIR: %w", err)
	}
	return &folder{writer: w, dir: dir}, nil
}

// Send is part of Sender. The file appears whole: it is written under another name first.
func (f *folder) Send(_ context.Context, m Message) error {
	message, err := f.write(m)
	if err != nil {
		return err
	}
	local, _, _ := strings.Cut(f.id(m), "@")
	name := filepath.Join(f.dir, strings.TrimLeft(local, ".")+".eml")
	file, err := os.CreateTemp(f.dir, ".mail-*") // readable by its owner alone: mails hold links that sign in
	if err != nil {
		return ErrUnavailable.Because(err)
	}
	_, err = message.WriteTo(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return ErrUnavailable.Because(err)
	}
	return nil
}
