package udp

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestUsableSources(t *testing.T) {
	for _, c := range []struct {
		prefix, first, last string
		n                   int
	}{
		{"10.0.0.0/24", "10.0.0.1", "10.0.0.254", 254},
		{"10.0.0.77/24", "10.0.0.1", "10.0.0.254", 254}, // as written on an interface
		{"10.0.0.4/30", "10.0.0.5", "10.0.0.6", 2},
		{"10.0.0.4/31", "10.0.0.4", "10.0.0.5", 2},
		{"10.0.0.4/32", "10.0.0.4", "10.0.0.4", 1},
		{"127.0.1.0/24", "127.0.1.0", "127.0.1.255", 256},
		{"127.1.0.0/16", "127.1.0.0", "127.1.255.255", 65536},
		{"127.0.0.0/8", "127.0.0.1", "127.255.255.254", 1<<24 - 2},
		{"127.0.0.0/24", "127.0.0.1", "127.0.0.255", 255},
		{"127.255.255.0/24", "127.255.255.0", "127.255.255.254", 255},
	} {
		s, err := newSources([]netip.Prefix{netip.MustParsePrefix(c.prefix)})
		if err != nil {
			t.Fatal(err)
		}
		first, last := netip.AddrFrom4(numberAddr(s.at(0))).String(), netip.AddrFrom4(numberAddr(s.at(s.n-1))).String()
		if first != c.first || last != c.last || s.n != c.n {
			t.Errorf("%s: %d from %s to %s, want %d from %s to %s", c.prefix, s.n, first, last, c.n, c.first, c.last)
		}
	}
}

func TestSourceIndexUndoesAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var prefixes []netip.Prefix
		for i := range rapid.IntRange(1, 4).Draw(t, "prefixes") {
			ip := rapid.Uint32().Draw(t, "address")&0x00ffffff | uint32(10+i)<<24
			prefixes = append(prefixes, netip.PrefixFrom(netip.AddrFrom4(numberAddr(ip)), rapid.IntRange(8, 32).Draw(t, "bits")))
		}
		s, err := newSources(prefixes)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, s.n-1).Draw(t, "index")
		addr := s.at(i)
		if got, ok := s.index(addr); !ok || got != i {
			t.Fatalf("index(at(%d)) = %d, %v", i, got, ok)
		}
		inside := false
		other := rapid.Uint32().Draw(t, "other")
		for _, p := range prefixes {
			inside = inside || p.Contains(netip.AddrFrom4(numberAddr(other)))
		}
		if _, ok := s.index(other); ok && !inside {
			t.Fatalf("%v is in none of %v", netip.AddrFrom4(numberAddr(other)), prefixes)
		}
	})
}
