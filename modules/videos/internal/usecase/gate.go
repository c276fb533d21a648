package usecase

import (
	"sync"
	"time"

	"github.com/fiapx/fiapx/modules/videos/internal/domain"
)

// Gate bounds the uploads in flight, in all and per user, so that neither many clients nor one can take every
// connection and disk write of the process.
type Gate struct {
	total, perUser int

	mu    sync.Mutex
	count int
	users map[string]int
}

// NewGate returns a gate with these bounds.
func NewGate(total, perUser int) *Gate {
	return &Gate{total: total, perUser: perUser, users: map[string]int{}}
}

// Enter takes a place until leave is called. domain.ErrUserBusy, domain.ErrBusy.
func (g *Gate) Enter(userID string) (leave func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.users[userID] >= g.perUser {
		return nil, domain.ErrUserBusy.After(10 * time.Second)
	}
	if g.count >= g.total {
		return nil, domain.ErrBusy.After(10 * time.Second)
	}
	g.count++
	g.users[userID]++
	return sync.OnceFunc(func() { g.leave(userID) }), nil
}

func (g *Gate) leave(userID string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count--
	g.users[userID]--
	if g.users[userID] == 0 {
		delete(g.users, userID)
	}
}
