package udp

import (
	"encoding/binary"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// controlBuffer lays out control messages as the kernel does.
type controlBuffer struct {
	words  [controlWords]uint64
	length int
}

func (c *controlBuffer) add(level, kind int32, data any) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(&c.words)), controlWords*8)[c.length:]
	h := (*unix.Cmsghdr)(unsafe.Pointer(unsafe.SliceData(b)))
	h.Level, h.Type = level, kind
	n, err := binary.Encode(b[cmsgHeader:], binary.NativeEndian, data)
	if err != nil {
		panic(err)
	}
	h.SetLen(unix.CmsgLen(n))
	c.length += unix.CmsgSpace(n)
}

func TestParseControl(t *testing.T) {
	when := unix.NsecToTimespec(1_700_000_000_123_456_789)
	info := unix.Inet4Pktinfo{Ifindex: 1, Spec_dst: [4]byte{127, 0, 0, 1}, Addr: [4]byte{127, 1, 2, 3}}
	destination := addrNumber(info.Addr)
	for _, c := range []struct {
		name string
		fill func(*controlBuffer)
		want ancillary
	}{
		{"nothing", func(*controlBuffer) {}, ancillary{}},
		{"time", func(b *controlBuffer) { b.add(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, when) }, ancillary{time: when.Nano()}},
		{"all", func(b *controlBuffer) {
			b.add(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, when)
			b.add(unix.SOL_SOCKET, unix.SO_RXQ_OVFL, uint32(17))
			b.add(unix.IPPROTO_IP, unix.IP_PKTINFO, info)
		}, ancillary{time: when.Nano(), drops: 17, destination: destination}},
		{"another between", func(b *controlBuffer) {
			b.add(unix.IPPROTO_IP, unix.IP_TTL, uint32(64))
			b.add(unix.IPPROTO_IP, unix.IP_PKTINFO, info)
		}, ancillary{destination: destination}},
		{"too short for a time", func(b *controlBuffer) { b.add(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, uint32(1)) }, ancillary{}},
		{"cut off", func(b *controlBuffer) {
			b.add(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, when)
			b.length -= 8
		}, ancillary{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b controlBuffer
			c.fill(&b)
			if got := parseControl(&b.words, b.length); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func FuzzParseControl(f *testing.F) {
	var b controlBuffer
	b.add(unix.SOL_SOCKET, unix.SCM_TIMESTAMPNS, unix.NsecToTimespec(1))
	b.add(unix.SOL_SOCKET, unix.SO_RXQ_OVFL, uint32(17))
	b.add(unix.IPPROTO_IP, unix.IP_PKTINFO, unix.Inet4Pktinfo{})
	f.Add(unsafe.Slice((*byte)(unsafe.Pointer(&b.words)), controlWords*8), b.length)
	f.Fuzz(func(t *testing.T, data []byte, length int) {
		var words [controlWords]uint64
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&words)), controlWords*8), data)
		before := words
		if a := parseControl(&words, length); length < cmsgHeader && a != (ancillary{}) {
			t.Errorf("%+v out of %d bytes", a, length)
		}
		if words != before {
			t.Error("the control messages were changed")
		}
	})
}
