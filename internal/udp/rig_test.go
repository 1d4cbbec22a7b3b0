package udp

import (
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must come. It never passes in a good run.
const patience = 20 * time.Second

var loopback = netip.MustParseAddr("127.0.0.1")

// transport is one of the implementations that the conformance suite is run on.
type transport struct {
	name       string
	mode       Mode
	open       func(t testing.TB) func(Config) (Conn, error) // a network to make connections on
	kernelTime bool
	system     bool // the system's sockets, with its errors
}

func transports() []transport {
	list := []transport{
		{name: "memory", mode: "memory", open: openMemory, kernelTime: true},
		{name: "portable", mode: ModePortable, open: openMode(ModePortable), system: true},
	}
	if runtime.GOOS == "linux" {
		list = append(list,
			transport{name: "shared", mode: ModeShared, open: openMode(ModeShared), kernelTime: true, system: true},
			transport{name: "epoll", mode: ModeEpoll, open: openMode(ModeEpoll), kernelTime: true, system: true},
		)
	}
	return list
}

func openMemory(testing.TB) func(Config) (Conn, error) {
	network := NewMemory()
	return func(cfg Config) (Conn, error) { return network.Conn(cfg), nil }
}

func openMode(mode Mode) func(testing.TB) func(Config) (Conn, error) {
	return func(testing.TB) func(Config) (Conn, error) {
		return func(cfg Config) (Conn, error) {
			cfg.Mode = mode
			return New(cfg)
		}
	}
}

// conform runs a test on every transport.
func conform(t *testing.T, test func(t *testing.T, tr transport)) {
	for _, tr := range transports() {
		t.Run(tr.name, func(t *testing.T) { test(t, tr) })
	}
}

// rig is a server and a client on one network, and the words in which the tests talk to them.
type rig struct {
	testing.TB
	open           func(Config) (Conn, error)
	server, client Conn
	toServer       Addr
	known          map[uint16]bool // ports of this rig
}

// newRig opens both on a transport. Without sources the client gets the transport's own on loopback.
func newRig(t testing.TB, tr transport, server, client Config) *rig {
	t.Helper()
	if tr.system && len(client.Sources) > 0 && runtime.GOOS != "linux" && runtime.GOOS != "windows" {
		t.Skip("of loopback's addresses only 127.0.0.1 is local here")
	}
	open := tr.open(t)
	server.Listen = netip.AddrPortFrom(loopback, 0)
	client.Target = loopback
	r := &rig{TB: t, open: open}
	r.server, r.client = r.must(open(server)), r.must(open(client))
	r.toServer = r.know(r.server.Local(0))
	return r
}

// know tells the rig of one of its addresses.
func (r *rig) know(a netip.AddrPort) Addr {
	if r.known == nil {
		r.known = map[uint16]bool{}
	}
	r.known[a.Port()] = true
	return AddrFrom(a)
}

// mine tells whether a datagram is this rig's. A port that the kernel chose may have been another program's a moment
// ago, and its peers may still be sending.
func (r *rig) mine(p *Packet) bool { return r.known[p.Peer.Port] }

func (r *rig) must(c Conn, err error) Conn {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { _ = c.Close() })
	return c
}

// endpoint opens one on the client.
func (r *rig) endpoint() Endpoint {
	r.Helper()
	e, err := r.client.Open()
	if err != nil {
		r.Fatal(err)
	}
	r.know(r.client.Local(e))
	return e
}

// endpoints opens n of them.
func (r *rig) endpoints(n int) []Endpoint {
	r.Helper()
	list := make([]Endpoint, n)
	for i := range list {
		list[i] = r.endpoint()
	}
	return list
}

// say sends texts from a client's endpoint to the server, in one batch.
func (r *rig) say(e Endpoint, texts ...string) {
	r.Helper()
	r.write(r.client, e, r.toServer, texts...)
}

// write sends texts in one batch and fails unless all were taken.
func (r *rig) write(c Conn, e Endpoint, to Addr, texts ...string) {
	r.Helper()
	batch := make([]Packet, len(texts))
	for i, s := range texts {
		batch[i] = Packet{Data: []byte(s), Endpoint: e, Peer: to}
	}
	if n, err := c.WriteBatch(batch); n != len(texts) || err != nil {
		r.Fatalf("WriteBatch took %d of %d: %v", n, len(texts), err)
	}
}

// read waits for n datagrams and returns copies of them.
func (r *rig) read(c Conn, n int) []Packet {
	r.Helper()
	var got []Packet
	batch := make([]Packet, 64)
	for end := time.Now().Add(patience); len(got) < n; {
		if time.Now().After(end) {
			r.Fatalf("got %d datagrams of %d", len(got), n)
		}
		if err := c.Wait(time.Second); err != nil {
			r.Fatal(err)
		}
		for {
			k, err := c.ReadBatch(batch)
			if err != nil {
				r.Fatal(err)
			}
			if k == 0 {
				break
			}
			for _, p := range batch[:k] {
				if p.Data = slices.Clone(p.Data); r.mine(&p) {
					got = append(got, p)
				}
			}
		}
	}
	if len(got) > n {
		r.Fatalf("got %d datagrams, want %d: the last is %q", len(got), n, got[len(got)-1].Data)
	}
	return got
}

// hear reads datagrams and fails unless they are these.
func (r *rig) hear(c Conn, texts ...string) []Packet {
	r.Helper()
	got := r.read(c, len(texts))
	for i, want := range texts {
		if string(got[i].Data) != want {
			r.Fatalf("datagram %d is %.40q, want %.40q", i, got[i].Data, want)
		}
	}
	return got
}

// silent fails if there is anything to read.
func (r *rig) silent(c Conn) {
	r.Helper()
	var p [1]Packet
	for n := 1; n > 0; {
		var err error
		if n, err = c.ReadBatch(p[:]); err != nil || n == 1 && r.mine(&p[0]) {
			r.Fatalf("ReadBatch = %d, %v; want silence, got %q", n, err, p[0].Data)
		}
	}
}
