package usecase_test

import (
	"errors"
	"testing"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
	"github.com/fiapx/fiapx/modules/videos/internal/usecase"
)

func TestGateBoundsUsersAndAll(t *testing.T) {
	t.Parallel()
	g := usecase.NewGate(3, 2)
	first, err := g.Enter("ann")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Enter("ann"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Enter("ann"); !errors.Is(err, domain.ErrUserBusy) {
		t.Errorf("third of one user: %v", err)
	}
	if _, err := g.Enter("bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Enter("eve"); !errors.Is(err, domain.ErrBusy) {
		t.Errorf("fourth of all: %v", err)
	}
	first()
	first() // leaving twice frees one place
	if _, err := g.Enter("eve"); err != nil {
		t.Errorf("after one left: %v", err)
	}
	if _, err := g.Enter("joe"); !errors.Is(err, domain.ErrBusy) {
		t.Errorf("more than may: %v", err)
	}
}
