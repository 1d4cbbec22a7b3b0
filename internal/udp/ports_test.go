package udp

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
)

// freePorts finds n ports in a row that nobody has at the moment.
func freePorts(t *testing.T, n int) [2]uint16 {
	t.Helper()
	for first := 21000; first < 60000; first += n {
		var held []*net.UDPConn
		for i := range n {
			if c, err := net.ListenUDP("udp4", &net.UDPAddr{Port: first + i}); err == nil {
				held = append(held, c)
			}
		}
		for _, c := range held {
			c.Close()
		}
		if len(held) == n {
			return [2]uint16{uint16(first), uint16(first + n - 1)}
		}
	}
	t.Fatalf("no %d ports in a row are free", n)
	return [2]uint16{}
}

func TestSourcePorts(t *testing.T) {
	source := []netip.Prefix{netip.MustParsePrefix("127.0.9.1/32")}
	for _, mode := range []Mode{ModeShared, ModeEpoll, ModePortable} {
		t.Run(string(mode), func(t *testing.T) {
			want := freePorts(t, 3)
			conn, err := New(Config{Mode: mode, Sources: source, SourcePorts: want})
			if missing := new(ModeError); errors.As(err, &missing) && runtime.GOOS != "linux" {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			seen := map[uint16]bool{}
			for range 3 {
				e, err := conn.Open()
				if err != nil {
					t.Fatal(err)
				}
				port := conn.Local(e).Port()
				if port < want[0] || port > want[1] || seen[port] {
					t.Errorf("endpoint %d has port %d, want another one of %v", e, port, want)
				}
				seen[port] = true
			}
			if _, err := conn.Open(); err == nil || !strings.Contains(err.Error(), "every source port that was given is in use") {
				t.Errorf("a fourth of three ports: %v", err)
			}
			conn.CloseEndpoint(2)
			if _, err := conn.ReadBatch(make([]Packet, 1)); err != nil {
				t.Fatal(err)
			}
			if e, err := conn.Open(); err != nil || !seen[conn.Local(e).Port()] {
				t.Errorf("a port that was given back can't be had again: %v", err)
			}
		})
	}
}

func TestSourcePortsThatAreNone(t *testing.T) {
	for _, r := range [][2]uint16{{0, 5}, {6, 5}} {
		if c, err := New(Config{SourcePorts: r}); err == nil {
			c.Close()
			t.Errorf("%v was taken", r)
		}
	}
}
