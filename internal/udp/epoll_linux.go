package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// epoll has a socket for each endpoint. A socket is connected to the peer that it writes to first, which saves a
// route's look-up for each datagram (some 12 % of the cost on loopback): most agents have one simulator. The endpoint
// of an agent with more, the simulators of its neighbour regions, is disconnected for good when it writes to the
// second.
type epoll struct {
	*sockets
	name   unix.RawSockaddrInet4
	source int // index of the source that the next endpoint tries first
}

func newEpoll(cfg Config) (Conn, error) {
	if cfg.RcvBuf == 0 && cfg.Listen.IsValid() {
		cfg.RcvBuf = sharedBuffer
	}
	s, err := newSockets(cfg)
	if err != nil {
		return nil, unavailable(ModeEpoll, err)
	}
	c := &epoll{sockets: s}
	if cfg.Listen.IsValid() {
		if err := c.listen(); err != nil {
			return nil, errors.Join(err, c.Close())
		}
		return c, nil
	}
	c.perCall = perEndpointCall
	return c, nil
}

// Open takes the index that rests longest, and a new socket in any case.
func (c *epoll) Open() (Endpoint, error) {
	if !c.guard.enter() {
		return 0, fmt.Errorf("open endpoint: %w", net.ErrClosed)
	}
	defer c.guard.leave()
	if c.cfg.Listen.IsValid() {
		return 0, errListening
	}
	e := Endpoint(len(c.open))
	if len(c.free) > 0 {
		e = c.free[0]
	}
	if err := c.bindNextSource(e); err != nil {
		return 0, err
	}
	if len(c.free) > 0 {
		c.free = c.free[1:]
		c.open[e] = true
	} else {
		c.open = append(c.open, true)
	}
	return e, nil
}

// bindNextSource goes through the sources in turn and passes over those that have no port left or are not this
// machine's.
func (c *epoll) bindNextSource(e Endpoint) error {
	if c.sources.n == 0 {
		return c.bind(int(e), netip.AddrPortFrom(netip.IPv4Unspecified(), 0), e, true)
	}
	var err error
	for range min(c.sources.n, maxSourceTries) {
		local := netip.AddrPortFrom(netip.AddrFrom4(numberAddr(c.sources.at(c.source))), 0)
		c.source = (c.source + 1) % c.sources.n
		if err = c.bind(int(e), local, e, true); err == nil || !tryNextSource(err) {
			return err
		}
	}
	return err
}

func (c *epoll) CloseEndpoint(e Endpoint) {
	if !c.guard.enter() {
		return
	}
	defer c.guard.leave()
	if !c.isOpen(e) || c.cfg.Listen.IsValid() {
		return
	}
	so := &c.list[e]
	c.askDrops(so)
	_ = unix.Close(so.fd) // out of the epoll set, too; a UDP socket holds nothing that could get lost
	so.fd = -1
	c.open[e] = false
	c.resting = append(c.resting, e)
}

func (c *epoll) Local(e Endpoint) netip.AddrPort { return c.list[e].local }

func (c *epoll) WriteBatch(p []Packet) (int, error) {
	if !c.guard.enter() {
		return 0, net.ErrClosed
	}
	defer c.guard.leave()
	for i := range p {
		if !c.isOpen(p[i].Endpoint) {
			c.counters.notOpen()
			continue
		}
		so := &c.list[p[i].Endpoint]
		if so.peer != p[i].Peer && !so.roams {
			c.turn(so, p[i].Peer)
		}
		switch errno := c.send(so, &p[i]); errno {
		case 0:
			c.counters.Sent++
		case unix.EAGAIN:
			return i, nil
		default:
			c.counters.failed(errno)
		}
	}
	return len(p), nil
}

// turn connects a socket to its first peer, and disconnects it when it has another.
func (c *epoll) turn(so *socket, peer Addr) {
	first := so.peer == Addr{}
	c.name = unix.RawSockaddrInet4{Family: unix.AF_UNSPEC}
	if first {
		c.name = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: peer.IP}
		setPort(&c.name, peer.Port)
	}
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(so.fd), uintptr(unsafe.Pointer(&c.name)), unix.SizeofSockaddrInet4)
	if first && errno == 0 {
		so.peer = peer
		return
	}
	so.peer, so.roams = Addr{}, true // where connect failed, send says why
}

// send sends p to the socket's peer, or where it has none to p's. An ICMP answer to an earlier datagram makes one
// call fail; it is counted, and the datagram sent.
func (c *epoll) send(so *socket, p *Packet) unix.Errno {
	errno := c.sendto(so, p)
	if errno == unix.ECONNREFUSED {
		c.counters.Refused++
		errno = c.sendto(so, p)
	}
	return errno
}

func (c *epoll) sendto(so *socket, p *Packet) unix.Errno {
	var name unsafe.Pointer
	var nameLen uintptr
	if so.roams {
		c.name = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: p.Peer.IP}
		setPort(&c.name, p.Peer.Port)
		name, nameLen = unsafe.Pointer(&c.name), unix.SizeofSockaddrInet4
	}
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(so.fd), uintptr(unsafe.Pointer(unsafe.SliceData(p.Data))), uintptr(len(p.Data)),
			unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(name), nameLen)
		if errno != unix.EINTR {
			return errno
		}
	}
}

func (c *epoll) Mode() Mode { return ModeEpoll }
