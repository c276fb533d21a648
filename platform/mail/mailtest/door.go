package mailtest

import (
	"net"
	"sync"
)

// door is a listener that can turn everybody away.
type door struct {
	net.Listener

	mu     sync.Mutex
	closed bool
	inside []net.Conn
}

// Accept is part of net.Listener.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if d.admit(conn) {
			return conn, nil
		}
		_ = conn.Close()
	}
}

func (d *door) admit(conn net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.inside = append(d.inside, conn)
	}
	return !d.closed
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, conn := range d.inside {
		_ = conn.Close()
	}
	d.inside = nil
}

func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = false
}
