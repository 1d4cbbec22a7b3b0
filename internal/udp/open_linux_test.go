package udp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestNewChooses(t *testing.T) {
	prefix := netip.MustParsePrefix
	for _, c := range []struct {
		name string
		cfg  Config
		want Mode
	}{
		{"loopback target", Config{Target: loopback}, ModeShared},
		{"loopback target, written in IPv6", Config{Target: netip.MustParseAddr("::ffff:127.0.0.1")}, ModeShared},
		{"target elsewhere", Config{Target: netip.MustParseAddr("192.0.2.1")}, ModeEpoll},
		{"nothing known", Config{}, ModeEpoll},
		{"one source", Config{Sources: []netip.Prefix{prefix("127.0.0.1/32")}}, ModeEpoll},
		{"many sources", Config{Sources: []netip.Prefix{prefix("127.0.1.0/24")}}, ModeShared},
		{"two sources", Config{Mode: ModeAuto, Sources: []netip.Prefix{prefix("127.0.1.1/32"), prefix("127.0.1.2/32")}}, ModeShared},
		{"server", Config{Listen: netip.AddrPortFrom(loopback, 0)}, ModeShared},
		{"forced", Config{Mode: ModePortable, Target: loopback}, ModePortable},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := New(c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if conn.Mode() != c.want {
				t.Errorf("mode %q, want %q", conn.Mode(), c.want)
			}
		})
	}
}

func TestForeignSources(t *testing.T) {
	// TEST-NET-2 is on no interface.
	for _, mode := range []Mode{ModeAuto, ModeShared, ModeEpoll, ModePortable} {
		t.Run(string(mode), func(t *testing.T) {
			conn, err := New(Config{Mode: mode, Sources: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/29")}})
			for range 3 {
				if err == nil {
					defer conn.Close()
					_, err = conn.Open()
				}
				if err == nil || !strings.Contains(err.Error(), "not this machine's") {
					t.Fatalf("error %v does not say whose address that is", err)
				}
				err = nil
				if conn == nil {
					return
				}
			}
		})
	}
}

func TestOneForeignSource(t *testing.T) {
	for _, mode := range []Mode{ModeShared, ModeEpoll, ModePortable} {
		conn, err := New(Config{Mode: mode, Sources: []netip.Prefix{netip.MustParsePrefix("198.51.100.9/32")}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for range 2 {
			if e, err := conn.Open(); err == nil || !strings.Contains(err.Error(), "not this machine's") {
				t.Errorf("%s: endpoint %d, error %v, which does not say whose address that is", mode, e, err)
			}
		}
	}
}

func TestForeignSourcesArePassedOver(t *testing.T) {
	for _, mode := range []Mode{ModeShared, ModeEpoll, ModePortable} {
		t.Run(string(mode), func(t *testing.T) {
			sources := []netip.Prefix{netip.MustParsePrefix("198.51.100.0/29"), netip.MustParsePrefix("127.0.3.0/31")}
			conn, err := New(Config{Mode: mode, Sources: sources})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			seen := map[netip.AddrPort]bool{}
			for range 5 {
				e, err := conn.Open()
				if err != nil {
					t.Fatal(err)
				}
				local := conn.Local(e)
				if !sources[1].Contains(local.Addr()) || seen[local] {
					t.Errorf("endpoint %d is %v", e, local)
				}
				seen[local] = true
			}
		})
	}
}

func TestSharedSocketWithoutSources(t *testing.T) {
	// The kernel's choice is one address, so each endpoint gets a socket.
	conn, err := New(Config{Mode: ModeShared, Target: netip.MustParseAddr("192.0.2.1")})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := &rig{TB: t, client: conn}
	r.server = r.must(New(Config{Mode: ModeShared, Listen: netip.MustParseAddrPort("127.0.0.7:0")}))
	r.toServer = r.know(r.server.Local(0))
	list := r.endpoints(3)
	for _, e := range list {
		r.say(e, "to a server on 127.0.0.7")
		p := r.hear(r.server, "to a server on 127.0.0.7")[0]
		r.write(r.server, 0, p.Peer, "back")
		if p := r.hear(r.client, "back")[0]; p.Endpoint != e || p.Peer != r.toServer {
			t.Errorf("came to endpoint %d from %v, want %d from %v", p.Endpoint, p.Peer, e, r.toServer)
		}
	}
}

func TestDescriptorsUsedUp(t *testing.T) {
	for _, mode := range []Mode{ModeEpoll, ModePortable} {
		t.Run(string(mode), func(t *testing.T) {
			conn, err := New(Config{Mode: mode})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			limitDescriptors(t, 100)
			for range 101 {
				if _, err = conn.Open(); err != nil {
					break
				}
			}
			if !errors.Is(err, unix.EMFILE) || !strings.Contains(err.Error(), "ulimit -n is 100") {
				t.Errorf("error %v does not name the limit to raise", err)
			}
		})
	}
}

func TestDescriptorsUsedUpAtNew(t *testing.T) {
	for _, mode := range []Mode{ModeAuto, ModeShared, ModeEpoll} {
		limitDescriptors(t, 4) // the three standard ones, and perhaps the runtime's
		if conn, err := New(Config{Mode: mode, Target: loopback}); err == nil {
			_ = conn.Close()
			t.Errorf("%s: no error", mode)
		} else if !errors.Is(err, unix.EMFILE) || !strings.Contains(err.Error(), "ulimit -n") {
			t.Errorf("%s: error %v does not name the limit to raise", mode, err)
		}
	}
}

// limitDescriptors lowers the soft limit for the length of a test.
func limitDescriptors(t *testing.T, n uint64) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Error(err)
		}
	})
}
