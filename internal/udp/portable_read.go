package udp

import (
	"errors"
	"net"
	"time"
)

// datagram is a received one on its way from a reader to the loop.
type datagram struct {
	to        *portableEndpoint
	peer      Addr
	data      []byte
	truncated bool
}

// read is an endpoint's reader. It ends when the connection is closed.
func (c *portable) read(p *portableEndpoint) {
	buf := make([]byte, c.longest+1) // the one byte more tells what is too long
	for failures := 0; ; {
		n, peer, err := p.conn.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case isRefused(err):
			c.refused.Add(1)
			continue
		case err != nil && !isMessageTooLong(err):
			c.receiveErrors.Add(1)
			if failures++; failures > 16 && !c.pause() {
				return
			}
			continue
		}
		failures = 0
		c.enqueue(p, AddrFrom(peer), buf[:n])
	}
}

// pause keeps a reader whose socket fails for good from spinning; false when the Conn was closed.
func (c *portable) pause() bool {
	select {
	case <-c.done:
		return false
	case <-time.After(10 * time.Millisecond):
		return true
	}
}

func (c *portable) enqueue(p *portableEndpoint, peer Addr, data []byte) {
	d := c.blank()
	d.to, d.peer, d.truncated = p, peer, len(data) > c.longest
	d.data = append(d.data[:0], data[:min(len(data), c.longest)]...)
	select {
	case c.queue <- d:
	default:
		c.queueDrops.Add(1)
		c.putBack(d)
	}
}

// blank gives a datagram that was used before, if there is one. Unlike a sync.Pool it survives the garbage collector:
// a steady stream allocates nothing.
func (c *portable) blank() *datagram {
	select {
	case d := <-c.spare:
		return d
	default:
		return new(datagram)
	}
}

// putBack keeps all but the big ones, which are rare.
func (c *portable) putBack(d *datagram) {
	if cap(d.data) > 4096 {
		return
	}
	select {
	case c.spare <- d:
	default:
	}
}
