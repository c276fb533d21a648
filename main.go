// Command fiapx turns videos into frames: one binary for every role.
package main

import (
	"os"

	"github.com/fiapx/fiapx/cmd"
)

func main() {
	os.Exit(cmd.Execute())
}
