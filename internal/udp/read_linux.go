package udp

import (
	"fmt"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ReadBatch reads the sockets that are ready in turn, and goes on after them in the next call.
func (s *sockets) ReadBatch(p []Packet) (n int, err error) {
	if !s.guard.enter() {
		return 0, net.ErrClosed
	}
	defer s.guard.leave()
	if len(s.resting) > 0 {
		s.free = append(s.free, s.resting...)
		s.resting = s.resting[:0]
	}
	p = p[:min(len(p), readBatch)]
	for n == 0 && err == nil { // again where nothing but strays came: 0 means that there is nothing more
		s.used = 0
		if len(s.list) == 1 && s.list[0].fd >= 0 {
			n = s.receive(&s.list[0], p, 0)
		} else {
			n, err = s.readReady(p)
		}
		if s.used == 0 {
			break
		}
		s.gave = true
	}
	s.counters.Received += uint64(n)
	return n, err
}

// readReady reads from the sockets that epoll tells of until p is full.
func (s *sockets) readReady(p []Packet) (n int, err error) {
	for s.used < len(p) {
		if s.next == s.limit {
			got, errno := epollWait(s.parker.sockets, s.ready)
			if errno == unix.EINTR {
				continue
			}
			if errno != 0 {
				return n, fmt.Errorf("read datagrams: epoll_wait: %w", errno)
			}
			if s.next, s.limit = 0, got; got == 0 {
				break
			}
		}
		so := &s.list[s.ready[s.next].Fd]
		s.next++
		if so.fd >= 0 { // not closed since epoll told of it
			n = s.receive(so, p, n)
		}
	}
	return n, nil
}

// receive reads one socket into p from index n on and returns the next free index.
func (s *sockets) receive(so *socket, p []Packet, n int) int {
	from := s.used
	to := min(from+s.perCall, len(p))
	got, errno := s.receiver.recvmmsg(so.fd, from, to)
	if errno == unix.ECONNREFUSED { // an ICMP answer to something sent; what came is behind it
		s.counters.Refused++
		got, errno = s.receiver.recvmmsg(so.fd, from, to)
	}
	if errno != 0 && errno != unix.EAGAIN {
		s.counters.ReceiveErrors++
	}
	s.used += got
	for i := from; i < s.used; i++ {
		a := s.receiver.take(i, &p[n])
		if a.drops != 0 {
			s.countDrops(so, a.drops)
		}
		e, ok := s.endpointAt(so, a.destination)
		if !ok {
			s.counters.Strays++
			continue
		}
		if p[n].Truncated {
			s.counters.Truncated++
		}
		p[n].Endpoint = e
		n++
	}
	return n
}

// endpointAt finds the endpoint that a datagram is for.
func (s *sockets) endpointAt(so *socket, destination uint32) (Endpoint, bool) {
	e := so.first
	if !so.one {
		i, ok := s.sources.index(destination)
		if !ok {
			return 0, false
		}
		e += Endpoint(i)
	}
	return e, int(e) < len(s.open) && s.open[e]
}

// countDrops takes a socket's own count, which may be older than the last one seen.
func (s *sockets) countDrops(so *socket, drops uint32) {
	if more := int32(drops - so.drops); more > 0 {
		so.drops = drops
		s.counters.KernelDrops += uint64(more)
	}
}

// askDrops asks the kernel how much a socket lost. SO_RXQ_OVFL tells it only with the next datagram.
func (s *sockets) askDrops(so *socket) {
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	_, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(so.fd), unix.SOL_SOCKET, unix.SO_MEMINFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if errno == 0 && size == uint32(unsafe.Sizeof(info)) {
		s.countDrops(so, info[unix.SK_MEMINFO_DROPS])
	}
}
