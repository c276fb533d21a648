//go:build !cgo

package database_test

import (
	"errors"
	"testing"

	"github.com/fiapx/fiapx/platform/database"
)

func TestWithoutCgoOpenSaysSo(t *testing.T) {
	t.Parallel()
	_, err := database.Open(t.Context(), database.Options{Module: "stock", Dir: t.TempDir()})
	if !errors.Is(err, database.ErrNoSQLite) {
		t.Errorf("got %v, want ErrNoSQLite", err)
	}
}
