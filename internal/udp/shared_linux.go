package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// shared has one wildcard socket for as many endpoints as there are source addresses: IP_PKTINFO sets the source of
// what is sent and tells the destination of what is received. Where the sources run out, another socket, with a port
// of its own, starts over with them. Endpoint e is socket e / sources.n, source e % sources.n.
type shared struct {
	*sockets
	sender *sender
	usable int    // endpoints that were ever open
	fixed  uint32 // the source where there are no sources: a server's own address, or 0
}

func openShared(cfg Config) (*shared, error) {
	if cfg.RcvBuf == 0 {
		cfg.RcvBuf = sharedBuffer
	}
	s, err := newSockets(cfg)
	if err != nil {
		return nil, err
	}
	c := &shared{sockets: s, sender: newSender()}
	if cfg.Listen.IsValid() {
		c.fixed = addrNumber(cfg.Listen.Addr().Unmap().As4())
		err = c.listen()
	} else {
		err = c.addSocket()
	}
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// sharedSources are the sources of a shared socket: where none are given there are plenty on loopback, and elsewhere
// the kernel's choice, which is one address, that is one endpoint for each socket.
func sharedSources(cfg Config) []netip.Prefix {
	if len(cfg.Sources) == 0 && !cfg.Listen.IsValid() && cfg.Target.Unmap().IsLoopback() {
		return []netip.Prefix{LoopbackSources}
	}
	return cfg.Sources
}

// addSocket opens the next wildcard socket.
func (c *shared) addSocket() error {
	i := len(c.list)
	return c.bind(i, netip.AddrPortFrom(netip.IPv4Unspecified(), 0), Endpoint(i*c.perSocket()), c.sources.n == 0)
}

// perSocket is how many endpoints a socket has.
func (c *shared) perSocket() int { return max(c.sources.n, 1) }

// Open takes a source that was never used, then the one that rests longest, then another socket.
func (c *shared) Open() (Endpoint, error) {
	if !c.guard.enter() {
		return 0, fmt.Errorf("open endpoint: %w", net.ErrClosed)
	}
	defer c.guard.leave()
	if c.cfg.Listen.IsValid() {
		return 0, errListening
	}
	e, err := c.openUnused()
	switch {
	case err == nil:
		return e, nil
	case len(c.free) > 0:
		e, c.free = c.free[0], c.free[1:]
		c.open[e] = true
		return e, nil
	case c.usable == 0: // another socket would not help; the next Open asks again
		c.open = c.open[:0]
		return 0, err
	}
	if err := c.addSocket(); err != nil {
		return 0, err
	}
	return c.openUnused()
}

var errUsedUp = errors.New("open endpoint: every source address is in use")

// openUnused opens the next of the endpoints that were never open, passing over sources that are not this machine's.
func (c *shared) openUnused() (Endpoint, error) {
	err := errUsedUp
	for tries := 0; len(c.open) < len(c.list)*c.perSocket() && tries < maxSourceTries; tries++ {
		e := Endpoint(len(c.open))
		if err = checkSource(c.source(e)); err != nil && !isNotLocal(err) {
			return 0, err
		}
		c.open = append(c.open, err == nil)
		if err == nil {
			c.usable++
			return e, nil
		}
	}
	return 0, err
}

// checkSource tells whether the machine has an address, as only bind knows: an address can be local without being
// on an interface. All of 127.0.0.0/8 is.
func checkSource(source uint32) error {
	ip := numberAddr(source)
	if source == 0 || ip[0] == 127 {
		return nil
	}
	local := netip.AddrPortFrom(netip.AddrFrom4(ip), 0)
	fd, _, err := bindSocket(local, socketOptions{})
	if err != nil {
		return openError(err, local)
	}
	return unix.Close(fd)
}

// source is the address that e sends from; 0: the kernel's choice.
func (c *shared) source(e Endpoint) uint32 {
	if c.sources.n == 0 {
		return c.fixed
	}
	return c.sources.at(int(e) % c.sources.n)
}

func (c *shared) CloseEndpoint(e Endpoint) {
	if c.guard.enter() {
		defer c.guard.leave()
		if c.isOpen(e) && !c.cfg.Listen.IsValid() {
			c.open[e] = false
			c.resting = append(c.resting, e)
		}
	}
}

func (c *shared) Local(e Endpoint) netip.AddrPort {
	so := &c.list[int(e)/c.perSocket()]
	if so.one {
		return so.local
	}
	return netip.AddrPortFrom(netip.AddrFrom4(numberAddr(c.source(e))), so.local.Port())
}

func (c *shared) WriteBatch(p []Packet) (int, error) {
	if !c.guard.enter() {
		return 0, net.ErrClosed
	}
	defer c.guard.leave()
	for i := 0; i < len(p); {
		so, n := c.gather(p[i:])
		if n == 0 {
			c.counters.notOpen()
			i++
			continue
		}
		sent, errno := c.sender.sendmmsg(so.fd, n)
		c.counters.Sent += uint64(sent)
		i += sent
		switch errno {
		case 0:
		case unix.EAGAIN:
			return i, nil
		default: // the first one's: the others go with the next call
			c.counters.failed(errno)
			i++
		}
	}
	return len(p), nil
}

// gather puts the packets at p's beginning that go through one socket into the sender's headers; 0: the first one's
// endpoint is not open.
func (c *shared) gather(p []Packet) (so *socket, n int) {
	for n < min(len(p), writeBatch) && c.isOpen(p[n].Endpoint) {
		e := p[n].Endpoint
		s := &c.list[0]
		if len(c.list) > 1 {
			s = &c.list[int(e)/c.perSocket()]
		}
		if n > 0 && s != so {
			break
		}
		so = s
		c.sender.put(n, &p[n], c.source(e))
		n++
	}
	return so, n
}

func (c *shared) Mode() Mode { return ModeShared }
