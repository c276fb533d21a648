package mail

import (
	"context"
	"crypto/tls"
	"net"
	"sync"
)

// connection closes what the library opens: that leaves a connection open when the greeting or the sign-in fails, and does
// not look at the context once it is connected.
type connection struct {
	tls      *tls.Config
	implicit bool

	mu     sync.Mutex
	conn   net.Conn
	closed bool
}

func (c *connection) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if c.implicit {
		conn = tls.Client(conn, c.tls)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = conn
	if c.closed {
		_ = conn.Close()
	}
	return conn, nil
}

// close ends the connection, or the one that is about to be made.
func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.conn != nil {
		_ = c.conn.Close()
	}
}
