package agent

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// still is an agent in world on a loop that doesn't run: the test is its loop.
type still struct {
	agent  *Agent
	region *region
	conn   *stillConn
}

func newStill(tb testing.TB) *still {
	tb.Helper()
	conn := &stillConn{}
	loop := circuit.NewLoop(circuit.Config{Conn: conn})
	s := &still{conn: conn, agent: &Agent{
		ID: self, session: uuid.New(), code: 7, loop: loop, done: make(chan struct{}),
		opt: Options{Loop: loop, Account: Account{First: "Ann", Last: "Tester"}, Seed: 1}.withDefaults(),
	}}
	s.agent.log = s.agent.opt.Log
	s.region = &region{agent: s.agent, entered: make(chan entry, 1)}
	if err := s.region.open(circuit.Now(), simulatorAddr); err != nil {
		tb.Fatal(err)
	}
	s.region.moved, s.region.handshaken = s.region.began, s.region.began
	s.region.inWorld(circuit.Now())
	return s
}

// sent ends the loop and gives what the agent has sent, by name.
func (s *still) sent(t *testing.T) (names []string) {
	t.Helper()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.agent.loop.Run(ended); err != nil {
		t.Fatal(err)
	}
	for _, data := range s.conn.sent {
		names = append(names, describe(decode(t, data)))
	}
	return names
}

// decode opens a datagram.
func decode(tb testing.TB, data []byte) message.Message {
	tb.Helper()
	p, err := message.ParsePacket(data)
	if err != nil {
		tb.Fatal(err)
	}
	m, err := p.Message()
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// stillConn takes everything and brings nothing.
type stillConn struct {
	endpoints udp.Endpoint
	keep      bool
	sent      [][]byte
}

func (c *stillConn) Open() (udp.Endpoint, error) {
	c.endpoints++
	return c.endpoints - 1, nil
}

func (c *stillConn) WriteBatch(p []udp.Packet) (int, error) {
	for i := range p {
		if c.keep {
			c.sent = append(c.sent, slices.Clone(p[i].Data))
		}
	}
	return len(p), nil
}

func (c *stillConn) Local(e udp.Endpoint) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(e >> 8), byte(e)}), 4000)
}
func (c *stillConn) CloseEndpoint(udp.Endpoint)          {}
func (c *stillConn) ReadBatch([]udp.Packet) (int, error) { return 0, nil }
func (c *stillConn) Wait(time.Duration) error            { return nil }
func (c *stillConn) Wake()                               {}
func (c *stillConn) Counters() udp.Counters              { return udp.Counters{} }
func (c *stillConn) Mode() udp.Mode                      { return "still" }
func (c *stillConn) Close() error                        { return nil }
