package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFolder makes the data folder, and sure that no process works on it that believes to be alone. The lock goes with
// the process, however that ends.
func lockFolder(dir string, alone bool) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be made; choose another with --data: %w", dir, err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "fiapx.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be used; check its permissions: %w", dir, err)
	}
	mode := unix.LOCK_SH
	if alone {
		mode = unix.LOCK_EX
	}
	if err := unix.Flock(int(file.Fd()), mode|unix.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("the data folder %s is in use by another fiapx; stop that one, or choose another folder with --data", dir)
		}
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	}
	return file, nil
}
