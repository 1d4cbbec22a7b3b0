package udp

import (
	"encoding/binary"
	"unsafe"

	"golang.org/x/sys/unix"
)

// readBatch is how many datagrams one recvmmsg takes, and how many ReadBatch gives out at most.
const readBatch = 64

// controlWords holds the three control messages that can come: time 32 bytes, drops 24, destination 32.
const controlWords = 12

// mmsghdr is the kernel's struct mmsghdr.
type mmsghdr struct {
	unix.Msghdr
	Len uint32
}

// receiver is the memory of recvmmsg: made once, used for every batch.
type receiver struct {
	headers [readBatch]mmsghdr
	vectors [readBatch]unix.Iovec
	names   [readBatch]unix.RawSockaddrInet4
	control [readBatch][controlWords]uint64
	data    []byte
	stride  int // from one datagram's buffer to the next
	longest int
}

func newReceiver(longest int) *receiver {
	r := &receiver{longest: longest}
	// Datagrams are short and buffers 64 KiB: memory is only touched at each buffer's start. An odd number of cache lines
	// between starts keeps those from falling into the same few sets of the cache.
	r.stride = (longest+63)/64*64 + 64*3
	r.data = make([]byte, readBatch*r.stride)
	for i := range r.headers {
		r.vectors[i].Base = &r.data[i*r.stride]
		r.vectors[i].SetLen(longest)
		h := &r.headers[i].Msghdr
		h.Name = (*byte)(unsafe.Pointer(&r.names[i]))
		h.Iov = &r.vectors[i]
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&r.control[i]))
		r.reset(i)
	}
	return r
}

// reset undoes what the kernel wrote into header i.
func (r *receiver) reset(i int) {
	h := &r.headers[i].Msghdr
	h.Namelen = unix.SizeofSockaddrInet4
	h.SetControllen(controlWords * 8)
	h.Flags = 0
}

// recvmmsg fills headers from to to (not included) and tells how many it filled.
func (r *receiver) recvmmsg(fd, from, to int) (int, unix.Errno) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.headers[from])), uintptr(to-from), unix.MSG_DONTWAIT, 0, 0)
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			return 0, errno
		}
		return int(n), 0
	}
}

// take reads header i into p, all but the endpoint, and makes the header ready for the next call.
func (r *receiver) take(i int, p *Packet) ancillary {
	h := &r.headers[i]
	start := i * r.stride
	p.Data = r.data[start : start+int(h.Len) : start+r.longest]
	p.Truncated = h.Flags&unix.MSG_TRUNC != 0
	p.Peer = Addr{IP: r.names[i].Addr, Port: portOf(&r.names[i])}
	a := parseControl(&r.control[i], int(h.Controllen))
	p.Time = a.time
	r.reset(i)
	return a
}

// portOf reads a socket address's port, which is in network byte order.
func portOf(sa *unix.RawSockaddrInet4) uint16 {
	return binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:])
}

func setPort(sa *unix.RawSockaddrInet4, port uint16) {
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:], port)
}

// ancillary is what the kernel says about a datagram beside its bytes.
type ancillary struct {
	time        int64  // Unix ns; 0: not told
	destination uint32 // the address it was sent to; 0: not told
	drops       uint32 // datagrams that this socket lost so far; 0: none or not told
}

const (
	cmsgHeader = unix.SizeofCmsghdr
	cmsgAlign  = int(unsafe.Sizeof(uintptr(0)))
)

// parseControl reads a datagram's control messages: SCM_TIMESTAMPNS, SO_RXQ_OVFL and IP_PKTINFO.
func parseControl(control *[controlWords]uint64, length int) (a ancillary) {
	length = min(length, controlWords*8)
	for off := 0; off+cmsgHeader <= length; {
		base := unsafe.Add(unsafe.Pointer(control), off)
		h := (*unix.Cmsghdr)(base)
		size := int(h.Len)
		if size < cmsgHeader || size > length-off {
			break
		}
		data, n := unsafe.Add(base, cmsgHeader), size-cmsgHeader
		switch {
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS && n >= int(unsafe.Sizeof(unix.Timespec{})):
			a.time = (*unix.Timespec)(data).Nano()
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SO_RXQ_OVFL && n >= 4:
			a.drops = *(*uint32)(data)
		case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO && n >= unix.SizeofInet4Pktinfo:
			a.destination = addrNumber((*unix.Inet4Pktinfo)(data).Addr)
		}
		off += (size + cmsgAlign - 1) &^ (cmsgAlign - 1)
	}
	return a
}
