package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	sharedBuffer = 64 << 20 // receive buffer of a socket that many peers write to
	sendBuffer   = 4 << 20
	readyEvents  = 512 // sockets that one epoll_wait tells of
	askedSockets = 16  // sockets whose drops Counters asks for

	// perEndpointCall is how many datagrams one call takes from the socket of one endpoint.
	perEndpointCall = 16
)

// socket is one UDP socket. It carries one endpoint, or one for each source address.
type socket struct {
	fd    int            // -1: closed
	local netip.AddrPort // 0.0.0.0 where the kernel chooses
	first Endpoint       // its endpoints begin here
	one   bool           // there is only that, whatever address a datagram was sent to
	drops uint32         // what the kernel said last

	peer  Addr // what it is connected to, if to anything
	roams bool // it is not connected, and is not to be
}

// sockets is what both Linux transports are made of: some sockets, one epoll set, and the reading of it. It is
// embedded; what differs is how endpoints and sockets belong together, and how to send.
type sockets struct {
	cfg      Config
	guard    guard
	parker   *parker
	sources  sources
	ports    ports
	list     []socket
	open     []bool // by Endpoint
	resting  []Endpoint
	free     []Endpoint // the one that rests longest first
	receiver *receiver
	perCall  int // datagrams that one receive call takes from one socket
	counters Counters

	ready       []unix.EpollEvent // what epoll told last
	next, limit int               // the part of it that is not read yet
	used        int               // buffers that this ReadBatch filled
	gave        bool              // ReadBatch got datagrams since the last Wait
	window      time.Duration     // for which Wait then leaves others alone
}

func newSockets(cfg Config) (*sockets, error) {
	list, err := newSources(cfg.Sources)
	if err != nil {
		return nil, err
	}
	ports, err := newPorts(cfg.SourcePorts)
	if err != nil {
		return nil, err
	}
	p, err := newParker()
	if err != nil {
		return nil, err
	}
	s := &sockets{
		cfg: cfg, parker: p, sources: list, ports: ports, perCall: readBatch, window: CoalesceWindow,
		receiver: newReceiver(cfg.MaxDatagram), ready: make([]unix.EpollEvent, readyEvents),
	}
	s.guard.init(p.wake, s.release)
	return s, nil
}

// listen opens the one socket of a server.
func (s *sockets) listen() error {
	if err := s.bind(0, s.cfg.Listen, 0, true); err != nil {
		return err
	}
	s.open, s.list[0].roams = []bool{true}, true
	return nil
}

// bind opens a socket on local and puts it into the epoll set under index i of the list.
func (s *sockets) bind(i int, local netip.AddrPort, first Endpoint, one bool) error {
	o := socketOptions{rcvBuf: s.cfg.RcvBuf, pktinfo: !one}
	if o.rcvBuf >= sendBuffer {
		o.sndBuf = sendBuffer
	}
	var fd int
	var port uint16
	err := s.ports.bind(local, func(at netip.AddrPort) (err error) {
		fd, port, err = bindSocket(at, o)
		return err
	})
	if errors.Is(err, errPortsUsedUp) {
		return err
	}
	if err != nil {
		return openError(err, local)
	}
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
	if err := unix.EpollCtl(s.parker.sockets, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		_ = unix.Close(fd)
		return fmt.Errorf("add the socket of %v to an epoll set: %w", local, err)
	}
	for len(s.list) <= i {
		s.list = append(s.list, socket{fd: -1})
	}
	s.list[i] = socket{fd: fd, local: netip.AddrPortFrom(local.Addr().Unmap(), port), first: first, one: one}
	return nil
}

func (s *sockets) Wait(d time.Duration) error {
	if !s.guard.enter() {
		return net.ErrClosed
	}
	defer s.guard.leave()
	if s.next < s.limit { // epoll told of more than the last ReadBatch had room for
		d = 0
	}
	gave := s.gave
	s.gave = false
	if err := s.parker.wait(d, gave, s.window); err != nil {
		return err
	}
	return s.guard.err()
}

// Gather sets for how long a Wait leaves datagrams alone after the last ones were read, in place of CoalesceWindow.
func (s *sockets) Gather(window time.Duration) { s.window = window }

func (s *sockets) Wake() { s.parker.wake() }

// Counters is exact for a few sockets; what a socket of thousands lost last shows with its next datagram.
func (s *sockets) Counters() Counters {
	if s.guard.enter() {
		for i := range s.list[:min(len(s.list), askedSockets)] {
			if s.list[i].fd >= 0 {
				s.askDrops(&s.list[i])
			}
		}
		s.guard.leave()
	}
	return s.counters
}

func (s *sockets) Close() error { return s.guard.close() }

func (s *sockets) release() error {
	errs := []error{s.parker.close()}
	for _, so := range s.list {
		if so.fd >= 0 {
			errs = append(errs, unix.Close(so.fd))
		}
	}
	return errors.Join(errs...)
}

// isOpen tells whether a packet may be sent from e.
func (s *sockets) isOpen(e Endpoint) bool { return int(e) < len(s.open) && s.open[e] }
