package testgrid

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid/faults"
)

// path is a client and a server that a faulty connection serves.
type path struct {
	t              *testing.T
	client, server udp.Conn
	from           udp.Endpoint
	at             udp.Addr // the server's
	began          time.Time
}

func onPath(t *testing.T, list []faults.Fault, f func(p *path)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := udp.NewMemory()
		p := &path{t: t, client: net.Conn(udp.Config{}), began: time.Now()}
		server := net.Conn(udp.Config{Listen: netip.MustParseAddrPort("127.0.0.1:9000")})
		p.at = udp.AddrFrom(server.Local(0))
		g := &Grid{cfg: Config{Faults: list, Seed: 1}, began: p.began}
		p.server = g.disturb(server, 0, "")
		var err error
		if p.from, err = p.client.Open(); err != nil {
			t.Fatal(err)
		}
		f(p)
		_, _ = p.client.Close(), p.server.Close()
	})
}

// up sends texts to the server, down from it.
func (p *path) up(texts ...string) {
	for _, text := range texts {
		p.write(p.client, udp.Packet{Data: []byte(text), Endpoint: p.from, Peer: p.at})
	}
}

func (p *path) down(texts ...string) {
	for _, text := range texts {
		p.write(p.server, udp.Packet{Data: []byte(text), Peer: udp.AddrFrom(p.client.Local(p.from))})
	}
}

func (p *path) write(c udp.Conn, packet udp.Packet) {
	p.t.Helper()
	if n, err := c.WriteBatch([]udp.Packet{packet}); n != 1 || err != nil {
		p.t.Fatalf("took %d, %v", n, err)
	}
}

// hears reads what comes to either side for a while: a text, and after how many
// milliseconds.
func (p *path) hears(c udp.Conn, d time.Duration) string {
	p.t.Helper()
	var heard []string
	for end := time.Now().Add(d); time.Now().Before(end); {
		var batch [16]udp.Packet
		for _, conn := range []udp.Conn{p.server, p.client} { // the server's turn also sends what waited
			n, err := conn.ReadBatch(batch[:])
			if err != nil {
				p.t.Fatal(err)
			}
			for _, packet := range batch[:n] {
				if conn == c {
					heard = append(heard, fmt.Sprintf("%s@%d", packet.Data, time.Since(p.began).Milliseconds()))
				}
			}
		}
		time.Sleep(time.Millisecond)
	}
	return strings.Join(heard, " ")
}

func TestDatagramsMeetTheirFaults(t *testing.T) {
	for _, tt := range []struct {
		fault    faults.Fault
		up, down string
	}{
		{faults.Fault{UDP: faults.Loss}, "", ""},
		{faults.Fault{UDP: faults.Loss, Way: faults.ToGrid}, "", "a@0 b@0 c@0"},
		{faults.Fault{UDP: faults.Loss, Way: faults.FromGrid}, "a@0 b@0 c@0", ""},
		{faults.Fault{UDP: faults.Duplicate, Way: faults.FromGrid}, "a@0 b@0 c@0", "a@0 a@0 b@0 b@0 c@0 c@0"},
		{faults.Fault{UDP: faults.Delay, MS: 40}, "a@40 b@40 c@40", "a@40 b@40 c@40"},
		{faults.Fault{UDP: faults.Loss, From: faults.Duration(time.Second)}, "a@0 b@0 c@0", "a@0 b@0 c@0"},
	} {
		onPath(t, []faults.Fault{tt.fault}, func(p *path) {
			p.up("a", "b", "c")
			if got := p.hears(p.server, 100*time.Millisecond); got != tt.up {
				t.Errorf("%v: the grid hears %q, want %q", tt.fault, got, tt.up)
			}
			p.began = time.Now()
			p.down("a", "b", "c")
			if got := p.hears(p.client, 100*time.Millisecond); got != tt.down {
				t.Errorf("%v: the client hears %q, want %q", tt.fault, got, tt.down)
			}
		})
	}
}

func TestDuplicatesArriveTwice(t *testing.T) {
	onPath(t, []faults.Fault{{UDP: faults.Duplicate}}, func(p *path) {
		p.up("a", "b")
		got := p.hears(p.server, 10*time.Millisecond)
		if strings.Count(got, "a@") != 2 || strings.Count(got, "b@") != 2 {
			t.Errorf("heard %q", got)
		}
	})
}

func TestReorderedDatagramsComeLater(t *testing.T) {
	onPath(t, []faults.Fault{{UDP: faults.Reorder, Percent: 30}}, func(p *path) {
		p.up("a", "b", "c", "d", "e", "f", "g", "h")
		got := p.hears(p.server, 100*time.Millisecond)
		if len(strings.Fields(got)) != 8 || strings.Count(got, "@0") == 8 || strings.Count(got, "@50") == 0 {
			t.Errorf("heard %q", got)
		}
	})
}

func TestCorruptDatagramsAreNotTheSenders(t *testing.T) {
	onPath(t, []faults.Fault{{UDP: faults.Corrupt}}, func(p *path) {
		sent := []byte("the same")
		p.write(p.server, udp.Packet{Data: sent, Peer: udp.AddrFrom(p.client.Local(p.from))})
		if got := p.hears(p.client, 10*time.Millisecond); !bytes.Equal(sent, []byte("the same")) || got == "" || got == "the same@0" {
			t.Errorf("heard %q of %q", got, sent)
		}
	})
}

// A fault of one message leaves the others alone, also where they are
// zero-coded.
func TestFaultsOfOneMessage(t *testing.T) {
	onPath(t, []faults.Fault{{UDP: faults.Loss, Message: "AgentUpdate"}}, func(p *path) {
		var scratch []byte
		for i, m := range []message.Message{&message.AgentUpdate{}, &message.StartPingCheck{}, &message.UseCircuitCode{}} {
			data, err := message.AppendPacket(nil, 0, uint32(i), m, &scratch)
			if err != nil {
				t.Fatal(err)
			}
			p.write(p.client, udp.Packet{Data: data, Endpoint: p.from, Peer: p.at})
		}
		if n := strings.Count(p.hears(p.server, 10*time.Millisecond), "@0"); n != 2 {
			t.Errorf("%d of 3 came, want 2", n)
		}
	})
}

// The loop wakes up for what waits.
func TestWaitEndsInTimeForWhatWaits(t *testing.T) {
	onPath(t, []faults.Fault{{UDP: faults.Delay, MS: 40}}, func(p *path) {
		p.down("a")
		if err := p.server.Wait(time.Minute); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(p.began); took != 40*time.Millisecond {
			t.Errorf("woke up after %v, want 40ms", took)
		}
	})
}

func TestGridsWithoutFaultsStayAsTheyAre(t *testing.T) {
	net := udp.NewMemory()
	conn := net.Conn(udp.Config{})
	defer func() { _ = conn.Close() }()
	g := &Grid{cfg: Config{Faults: []faults.Fault{{Login: faults.Refuse}}}}
	if g.disturb(conn, 0, "") != conn {
		t.Error("a connection without faults is wrapped")
	}
}

func TestConfigRefusesBadFaults(t *testing.T) {
	for want, list := range map[string][]faults.Fault{
		`faults[1].message: there is no message "AgentUpdat"`: {{UDP: faults.Loss}, {UDP: faults.Loss, Message: "AgentUpdat"}},
		"faults[0].udp: unknown":                              {{UDP: "lose"}},
	} {
		if _, err := New(Config{Faults: list}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
