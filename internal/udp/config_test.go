package udp

import (
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"testing"
)

func TestBadConfig(t *testing.T) {
	v6 := netip.MustParsePrefix("::1/128")
	a := netip.MustParsePrefix("127.0.1.0/24")
	for _, c := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"unknown mode", Config{Mode: "fast"}, `transport "fast": unknown: want "auto", "shared", "epoll" or "portable"`},
		{"IPv6 source", Config{Sources: []netip.Prefix{v6}}, "source ::1/128: the protocol has IPv4 addresses only"},
		{"zero source", Config{Sources: []netip.Prefix{{}}}, "source invalid Prefix: the protocol has IPv4 addresses only"},
		{"overlap", Config{Sources: []netip.Prefix{netip.MustParsePrefix("127.0.1.4/32"), a}}, "sources 127.0.1.4/32 and 127.0.1.0/24 overlap: an address can be given once"},
		{"too many", Config{Sources: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/4")}}, "source 0.0.0.0/4: want a prefix of 8 bits or more"},
		{"IPv6 listen", Config{Listen: netip.MustParseAddrPort("[::1]:9000")}, "listen on [::1]:9000: the protocol has IPv4 addresses only"},
		{"server with sources", Config{Listen: netip.AddrPortFrom(loopback, 0), Sources: []netip.Prefix{a}}, "Listen and Sources exclude each other"},
		{"negative size", Config{MaxDatagram: -1}, "MaxDatagram -1"},
		{"negative buffer", Config{RcvBuf: -1}, "RcvBuf -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := New(c.cfg)
			if err == nil {
				_ = conn.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want %q in it", err, c.want)
			}
		})
	}
}

func TestForcedModeThatIsNotThere(t *testing.T) {
	if runtime.GOOS == "linux" {
		t.Skip("all of them are here")
	}
	for _, mode := range []Mode{ModeShared, ModeEpoll} {
		_, err := New(Config{Mode: mode})
		var missing *ModeError
		if !errors.As(err, &missing) || missing.Mode != mode {
			t.Errorf("%s: error %v, want a *ModeError", mode, err)
		}
	}
}

func TestAddr(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"127.0.0.1:9000", "127.0.0.1:9000"},
		{"[::ffff:10.1.2.3]:1", "10.1.2.3:1"},
		{"[2001:db8::1]:65535", "0.0.0.0:65535"},
	} {
		if got := AddrFrom(netip.MustParseAddrPort(c.in)).String(); got != c.want {
			t.Errorf("AddrFrom(%s) = %s, want %s", c.in, got, c.want)
		}
	}
}
