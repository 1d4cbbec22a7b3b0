package udp

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeBatch is how many datagrams one sendmmsg takes. 16, 32 and 64 cost the same for each datagram, within what
// can be measured (BenchmarkPaced, 10,000 endpoints); of these the shortest call knows best when each one was sent,
// and holds the goroutine's processor for the shortest time: on loopback the receiving side runs inside the call.
const writeBatch = 16

// sender is the memory of sendmmsg: made once, used for every batch.
type sender struct {
	headers [writeBatch]mmsghdr
	vectors [writeBatch]unix.Iovec
	names   [writeBatch]unix.RawSockaddrInet4
	control [writeBatch]pktinfoMessage
}

// pktinfoMessage is a control message that tells the kernel the source address of a datagram. The blank tail is the
// padding of CMSG_SPACE.
type pktinfoMessage struct {
	header unix.Cmsghdr
	info   unix.Inet4Pktinfo
	_      [4]byte
}

func newSender() *sender {
	s := &sender{}
	for i := range s.headers {
		s.names[i].Family = unix.AF_INET
		s.control[i].header.Level = unix.IPPROTO_IP
		s.control[i].header.Type = unix.IP_PKTINFO
		s.control[i].header.SetLen(unix.CmsgLen(unix.SizeofInet4Pktinfo))
		h := &s.headers[i].Msghdr
		h.Name = (*byte)(unsafe.Pointer(&s.names[i]))
		h.Namelen = unix.SizeofSockaddrInet4
		h.Iov = &s.vectors[i]
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&s.control[i]))
		h.SetControllen(unix.CmsgSpace(unix.SizeofInet4Pktinfo))
	}
	return s
}

// put makes header i carry p, from a source address (0: the kernel's choice).
func (s *sender) put(i int, p *Packet, source uint32) {
	s.vectors[i].Base = unsafe.SliceData(p.Data)
	s.vectors[i].SetLen(len(p.Data))
	s.names[i].Addr = p.Peer.IP
	setPort(&s.names[i], p.Peer.Port)
	s.control[i].info.Spec_dst = numberAddr(source)
}

// sendmmsg sends the first n headers and tells how many the kernel took; the error is the first one's.
func (s *sender) sendmmsg(fd, n int) (int, unix.Errno) {
	for {
		sent, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&s.headers[0])), uintptr(n), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return 0, errno
		}
		return int(sent), 0
	}
}
