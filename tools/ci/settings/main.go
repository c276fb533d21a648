// Command settings writes the tables of docs/configuration.md from the env, default and help tags of the program's
// structs, so that the page cannot say something else than the program. With -check it only compares.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", "..", "the repository's root")
	check := flag.Bool("check", false, "fail when the page is not up to date, and write nothing")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "settings:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	settings, err := collect(root)
	if err != nil {
		return err
	}
	path := filepath.Join(root, "docs", "configuration.md")
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	page, err := replace(string(old), tables(settings))
	if err != nil || page == string(old) {
		return err
	}
	if check {
		return fmt.Errorf("%s is not what the program says: run ./tools/generate", path)
	}
	return os.WriteFile(path, []byte(page), 0o644)
}
