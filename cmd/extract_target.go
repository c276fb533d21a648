package cmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/fiapx/fiapx/modules/processing"
)

// task is one video and where its images go.
type task struct {
	video string
	out   string // a path; "-" is standard output
	dir   bool   // loose files
}

// tasks decides where the images of each video go.
func (f extractFlags) tasks(videos []string) ([]task, error) {
	switch {
	case f.out == "-" && len(videos) > 1:
		return nil, usagef("standard output takes the archive of one video only; name a folder with -o DIR/")
	case f.out == "-":
		return []task{{video: videos[0], out: "-"}}, nil
	case f.out == "":
		return derive(videos, func(name string) task { return task{out: name + "_frames.zip"} }), nil
	case strings.EqualFold(filepath.Ext(f.out), ".zip") && !isDir(f.out):
		if len(videos) > 1 {
			return nil, usagef("several videos do not go into one archive; name a folder with -o DIR/")
		}
		return []task{{video: videos[0], out: f.out}}, nil
	case len(videos) == 1:
		return []task{{video: videos[0], out: filepath.Clean(f.out), dir: true}}, nil
	}
	return derive(videos, func(name string) task { return task{out: filepath.Join(f.out, name), dir: true} }), nil
}

// derive names outputs after the videos; of two with one name the second gets a number.
func derive(videos []string, into func(name string) task) []task {
	taken := map[string]int{}
	out := []task{}
	for _, video := range videos {
		base := filepath.Base(video)
		name := strings.TrimSuffix(base, filepath.Ext(base))
		if name == "" {
			name = base
		}
		taken[name]++
		if n := taken[name]; n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		t := into(name)
		t.video = video
		out = append(out, t)
	}
	return out
}

// output is a target being written: commit makes it appear, discard leaves no trace. One of them is called, once.
type output struct {
	processing.Output
	commit  func() error
	discard func()
}

func (c *console) open(t task, f extractFlags) (*output, error) {
	products := f.products(filepath.Base(t.video))
	switch {
	case t.out == "-":
		return c.openStdout(products)
	case t.dir:
		return openDir(t.out, products, f.force)
	}
	return openZIP(t.out, products, f.force)
}

func (c *console) openStdout(products processing.Products) (*output, error) {
	if isTerminal(c.out) {
		return nil, usagef("a ZIP archive would upset your terminal; send standard output to a file or a program")
	}
	return &output{
		Output: processing.ToZIP(c.out, products), commit: func() error { return nil }, discard: func() {},
	}, nil
}

func openZIP(path string, products processing.Products, force bool) (*output, error) {
	if _, err := os.Lstat(path); err == nil && !force {
		return nil, fmt.Errorf("%s exists already; use --force to replace it", path)
	}
	part := hidden(path)
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) // as any file of the user; the umask decides
	if err != nil {
		return nil, noRoom(path, err)
	}
	discard := func() {
		_ = file.Close()
		_ = os.Remove(part)
	}
	commit := func() error {
		if err := errors.Join(file.Sync(), file.Close()); err != nil {
			return err
		}
		return os.Rename(part, path)
	}
	return &output{Output: processing.ToZIP(file, products), commit: commit, discard: discard}, nil
}

func openDir(path string, products processing.Products, force bool) (*output, error) {
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, noRoom(path, err)
	}
	exists := err == nil
	if len(entries) > 0 && !force {
		return nil, fmt.Errorf("the folder %s is not empty; choose another one, or use --force to replace files in it", path)
	}
	unmake, err := makeFolders(filepath.Dir(path))
	if err != nil {
		return nil, noRoom(path, err)
	}
	part := hidden(path)
	if err := os.Mkdir(part, 0o777); err != nil {
		unmake()
		return nil, noRoom(path, err)
	}
	discard := func() {
		_ = os.RemoveAll(part)
		unmake()
	}
	commit := func() error { return os.Rename(part, path) }
	if exists {
		commit = func() error { return moveInto(part, path) }
	}
	return &output{Output: processing.ToDir(part, products), commit: commit, discard: discard}, nil
}

// makeFolders makes dir with the folders above it; unmake removes those that were missing, as far as they are empty.
func makeFolders(dir string) (unmake func(), err error) {
	var made []string // the deepest first
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		made = append(made, at)
	}
	return func() {
		for _, d := range made {
			_ = os.Remove(d)
		}
	}, os.MkdirAll(dir, 0o777)
}

// moveInto fills a folder that exists, which may be a mount point or have rights of its own, file by file.
func moveInto(part, dir string) error {
	entries, err := os.ReadDir(part)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(part, e.Name()), filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.Remove(part)
}

// hidden is where a target is made: beside it, so that making it appear is a rename.
func hidden(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8]+".part")
}

func noRoom(path string, err error) error {
	var cause *os.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	return fmt.Errorf("%s cannot be written: %w", path, err)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func isTerminal(w any) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}
