//go:build cgo

package engine

// #include "cage.h"
import "C"

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// TryCage starts a child that tries to get out, and reports.
func TryCage(ctx context.Context) (Cage, error) {
	self, err := os.Executable()
	if err != nil {
		return Cage{}, err
	}
	cmd := exec.CommandContext(ctx, self, ChildCommand, "try")
	cmd.Env = []string{"GOMAXPROCS=1"}
	out, err := cmd.Output()
	if err != nil {
		return Cage{}, fmt.Errorf("trying the cage: %w", err)
	}
	var c Cage
	return c, json.Unmarshal(out, &c)
}

func layer(code C.int) string {
	if code == 0 {
		return on
	}
	return syscall.Errno(code).Error()
}

// tryCage is the child's side: it reports what its cage is made of and what it could still do.
func tryCage() Cage {
	s := C.fx_cage_state
	c := Cage{
		NoNewPrivs: layer(s.no_new_privs), Landlock: layer(s.landlock), LandlockABI: int(s.landlock_abi), Seccomp: layer(s.seccomp),
		Escapes: map[string]string{},
	}
	for name, try := range escapes {
		c.Escapes[name] = denied
		if try() == nil {
			c.Escapes[name] = "allowed"
		}
	}
	return c
}

var escapes = map[string]func() error{
	"read a file":   func() error { _, err := os.ReadFile("/etc/passwd"); return err },
	"list a folder": func() error { _, err := os.ReadDir("/"); return err },
	"write a file":  func() error { return os.WriteFile("/tmp/fiapx-escape", nil, 0o600) },
	"open TCP":      func() error { return socket(unix.SOCK_STREAM) },
	"open UDP":      func() error { return socket(unix.SOCK_DGRAM) },
	"become another program": func() error {
		return syscall.Exec("/bin/true", []string{"true"}, nil)
	},
	"trace its parent":  func() error { return unix.PtraceSeize(os.Getppid()) },
	"signal its parent": func() error { return unix.Kill(os.Getppid(), 0) },
	"make a user":       func() error { return unix.Unshare(unix.CLONE_NEWUSER) },
	"read other memory": func() error { _, err := unix.ProcessVMReadv(os.Getppid(), nil, nil, 0); return err },
	"use io_uring":      func() error { return ioUring() },
}

func socket(kind int) error {
	fd, err := unix.Socket(unix.AF_INET, kind, 0)
	if err == nil {
		_ = unix.Close(fd)
	}
	return err
}

func ioUring() error {
	if _, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0); errno != unix.EFAULT { // EFAULT: it got as far as its argument
		return errno
	}
	return nil
}
