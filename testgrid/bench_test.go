package testgrid

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// clientsConn stands for a network full of clients that do nothing but acknowledge:
// it costs little itself.
type clientsConn struct {
	acks  []udp.Packet // to be read
	spare [][]byte
	used  [][]byte
	wake  chan struct{}
	sent  int
}

func (c *clientsConn) WriteBatch(batch []udp.Packet) (int, error) {
	c.sent += len(batch)
	for _, p := range batch {
		if message.Flags(p.Data[0])&message.FlagReliable == 0 {
			continue
		}
		c.acks = append(c.acks, udp.Packet{Data: c.ack(binary.BigEndian.Uint32(p.Data[1:])), Endpoint: p.Endpoint, Peer: p.Peer})
	}
	return len(batch), nil
}

// ack makes an unreliable PacketAck: Fixed 0xFFFFFFFB with one id.
func (c *clientsConn) ack(sequence uint32) []byte {
	var b []byte
	if n := len(c.spare); n > 0 {
		b, c.spare = c.spare[n-1][:0], c.spare[:n-1]
	}
	b = append(b, 0, 0, 0, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFB, 1)
	return binary.LittleEndian.AppendUint32(b, sequence)
}

func (c *clientsConn) ReadBatch(p []udp.Packet) (int, error) {
	c.spare, c.used = append(c.spare, c.used...), c.used[:0]
	n := copy(p, c.acks)
	for _, read := range p[:n] {
		c.used = append(c.used, read.Data)
	}
	c.acks = append(c.acks[:0], c.acks[n:]...)
	return n, nil
}

func (c *clientsConn) Wait(d time.Duration) error {
	select {
	case <-c.wake:
	case <-time.After(d):
	}
	return nil
}

func (c *clientsConn) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *clientsConn) Open() (udp.Endpoint, error) { return 0, nil }
func (c *clientsConn) CloseEndpoint(udp.Endpoint)  {}
func (c *clientsConn) Local(udp.Endpoint) netip.AddrPort {
	return netip.MustParseAddrPort("127.0.0.1:9000")
}
func (c *clientsConn) Counters() udp.Counters { return udp.Counters{} }
func (c *clientsConn) Mode() udp.Mode         { return udp.ModePortable }
func (c *clientsConn) Close() error           { return nil }

// BenchmarkFrame is one frame of a region: every avatar moves, and is told of the
// 30 nearest that turned.
func BenchmarkFrame(b *testing.B) {
	for _, bb := range []struct {
		avatars int
		turning float64 // the part that turns in each frame
	}{{1000, 0}, {1000, 0.1}, {1000, 1}, {10000, 0}, {10000, 0.1}} {
		b.Run(fmt.Sprintf("avatars=%d/turning=%g", bb.avatars, bb.turning), func(b *testing.B) {
			conn := &clientsConn{wake: make(chan struct{}, 1)}
			r := crowdedRegion(b, conn, bb.avatars)
			for range 40 { // until everybody knows the neighbours
				runFrame(b, r, 0, 0)
			}
			sent := conn.sent
			b.ReportAllocs()
			frames := 0
			for b.Loop() {
				frames++
				runFrame(b, r, frames, bb.turning)
			}
			b.ReportMetric(float64(conn.sent-sent)/float64(frames), "packets/op")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(frames*bb.avatars), "ns/avatar")
		})
	}
}

// crowdedRegion runs a region's loop with n avatars that see the scene and walk.
func crowdedRegion(b *testing.B, conn udp.Conn, n int) *region {
	b.Helper()
	g, err := New(Config{openUDP: func(udp.Config) (udp.Conn, error) { return conn, nil }, SilentAfter: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	r := g.regions[0]
	ctx, cancel := context.WithCancel(b.Context())
	ran := make(chan error, 1)
	go func() { ran <- r.loop.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		<-ran
		g.listener.Close()
	})
	fill := func(now circuit.Instant) {
		r.frame.beats = true // the benchmark is the heartbeat
		for i := range n {
			s, _, fail := g.directory.enter("Bench", fmt.Sprint(i), func(a *account) (spot, *failure) { return home(a.id, g.regions), nil }, time.Time{})
			if fail != nil {
				b.Error(fail)
				return
			}
			s.seeded.Store(true)
			peer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(i >> 8), byte(i)}), 5000)
			c := &client{session: s, region: r, slot: noSlot, handshaken: true, allowance: allowance{rate: math.MaxFloat32}}
			c.circuit, err = r.loop.Open(circuit.CircuitConfig{
				Peer: peer, HasEndpoint: true, Owner: c, Timeout: time.Hour, PingEvery: -1, OnClose: r.closed,
			})
			if err != nil {
				b.Error(err)
				return
			}
			r.clients[s.agentID] = c
			r.addAvatar(now, c)
			r.introduce(now, c, []int32{c.slot})
			c.motion.steer(controlForward, turned(float64(i)))
		}
	}
	if err := r.loop.Call(b.Context(), fill); err != nil {
		b.Fatal(err)
	}
	return r
}

// runFrame runs all slices of a frame on the loop.
func runFrame(b *testing.B, r *region, frame int, turning float64) {
	err := r.loop.Call(b.Context(), func(now circuit.Instant) {
		every := int(1 / max(turning, 1e-9))
		for slot, c := range r.avatars {
			if (slot+frame)%every == 0 {
				c.motion.steer(controlForward, turned(float64(slot+frame*30)))
			}
		}
		for slice := range sliceCount {
			r.runSlice(now, slice, 1.0/framesPerSecond)
		}
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLogin is one login with the options that agents ask for, and its
// logout.
func BenchmarkLogin(b *testing.B) {
	g, err := New(Config{Regions: 4, Password: password})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close(b.Context())
	request := &loginRequest{
		First: "Ann", Last: "Tester", Passwd: "$1$" + hash(password),
		Options: []string{"inventory-root", "inventory-skeleton", "buddy-list"},
	}
	b.ReportAllocs()
	for b.Loop() {
		fields := g.login(request)
		id := fields["agent_id"].(uuid.UUID)
		g.directory.leave(g.directory.byAgent(id), nil)
	}
}
