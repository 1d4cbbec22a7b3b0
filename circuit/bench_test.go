package circuit

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// nullConn gives the packets it was loaded with and takes all that is written.
type nullConn struct {
	load    []udp.Packet
	written int
	next    udp.Endpoint
}

func (c *nullConn) Open() (udp.Endpoint, error) { c.next++; return c.next - 1, nil }
func (c *nullConn) CloseEndpoint(udp.Endpoint)  {}
func (c *nullConn) Local(e udp.Endpoint) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(e >> 8), byte(e)}), 40000)
}
func (c *nullConn) ReadBatch(p []udp.Packet) (int, error) {
	n := copy(p, c.load)
	c.load = c.load[n:]
	return n, nil
}
func (c *nullConn) WriteBatch(p []udp.Packet) (int, error) { c.written += len(p); return len(p), nil }
func (c *nullConn) Wait(time.Duration) error               { return nil }
func (c *nullConn) Wake()                                  {}
func (c *nullConn) Counters() (n udp.Counters)             { return n }
func (c *nullConn) Mode() udp.Mode                         { return "null" }
func (c *nullConn) Close() error                           { return nil }

// rig is a loop with n circuits to one peer, for benchmarks; its clock stands
// still unless it is moved.
type rig struct {
	conn     *nullConn
	loop     *Loop
	circuits []*Circuit
	now      Instant
	handled  int
}

var rigPeer = netip.MustParseAddrPort("127.0.0.1:9000")

func newRig(tb testing.TB, n int) *rig {
	r := &rig{conn: &nullConn{}, now: start}
	d := NewDispatch()
	for _, id := range []message.ID{message.IDChatFromSimulator, message.IDImprovedTerseObjectUpdate, message.IDObjectUpdate} {
		d.On(id, func(*Event) { r.handled++ })
	}
	r.loop = newLoop(Config{Conn: r.conn, Dispatch: d}, func() reading { return reading{r.now, int64(r.now)} })
	for range n {
		c, err := r.loop.Open(CircuitConfig{Peer: rigPeer, PingEvery: -1})
		if err != nil {
			tb.Fatal(err)
		}
		r.circuits = append(r.circuits, c)
	}
	return r
}

// load makes n packets of m, reliable ones with a sequence number of their own
// each, dealt to the circuits in turn.
func (r *rig) load(tb testing.TB, n int, flags message.Flags, m message.Message) []udp.Packet {
	var scratch []byte
	data, err := message.AppendPacket(nil, flags, 0, m, &scratch)
	if err != nil {
		tb.Fatal(err)
	}
	packets := make([]udp.Packet, n)
	for i := range packets {
		packets[i] = udp.Packet{
			Data: append([]byte(nil), data...), Endpoint: r.circuits[i%len(r.circuits)].Endpoint(),
			Peer: udp.AddrFrom(rigPeer), Time: int64(start),
		}
	}
	return packets
}

// renumber gives each packet the next sequence number.
func renumber(packets []udp.Packet, seq *uint32) {
	for i := range packets {
		*seq++
		binary.BigEndian.PutUint32(packets[i].Data[1:], *seq)
	}
}

func chatFromSimulator() message.Message {
	m := &message.ChatFromSimulator{}
	m.ChatData.FromName, m.ChatData.Message = message.Text("Load Bot1"), message.Text("Hello, is anybody here?")
	m.ChatData.SourceID[3], m.ChatData.OwnerID[5] = 7, 9
	return m
}

func terseUpdate(objects int) message.Message {
	m := &message.ImprovedTerseObjectUpdate{}
	for range objects {
		m.ObjectData = append(m.ObjectData, message.ImprovedTerseObjectUpdateObjectData{Data: make([]byte, 60)})
	}
	return m
}

// BenchmarkReceive is a datagram's way from ReadBatch to its handler: header,
// circuit, acks, duplicates, decoding, dispatch.
func BenchmarkReceive(b *testing.B) {
	for _, bm := range []struct {
		name  string
		flags message.Flags
		m     message.Message
	}{
		{"ChatFromSimulator", message.FlagReliable, chatFromSimulator()},
		{"ImprovedTerseObjectUpdate-10", 0, terseUpdate(10)},
		{"PacketAck", 0, &message.PacketAck{Packets: make([]message.PacketAckPackets, 3)}},
		{"unsubscribed", 0, &message.SimStats{}},
	} {
		for _, circuits := range []int{1, 10_000} {
			b.Run(fmt.Sprintf("%s/circuits=%d", bm.name, circuits), func(b *testing.B) {
				r := newRig(b, circuits)
				packets := r.load(b, max(circuits, readBatch*maxBatches), bm.flags, bm.m)
				var seq uint32
				b.ReportAllocs()
				b.ResetTimer()
				for n := 0; n < b.N; n += len(packets) {
					renumber(packets, &seq)
					r.now = r.now.Add(20 * ms)
					for r.conn.load = packets; len(r.conn.load) > 0; {
						r.loop.turn()
					}
				}
			})
		}
	}
}

// BenchmarkDeliver is what decoding and dispatch take of that.
func BenchmarkDeliver(b *testing.B) {
	one := &message.ObjectUpdate{ObjectData: make([]message.ObjectUpdateObjectData, 1)}
	o := &one.ObjectData[0]
	o.ObjectData, o.TextureEntry, o.PSBlock = make([]byte, 76), make([]byte, 64), make([]byte, 0)
	o.NameValue = message.Text("FirstName STRING RW SV Load\nLastName STRING RW SV Bot1")
	for _, bm := range []struct {
		name string
		m    message.Message
	}{
		{"ChatFromSimulator", chatFromSimulator()},
		{"ImprovedTerseObjectUpdate-10", terseUpdate(10)},
		{"ObjectUpdate", one},
	} {
		b.Run(bm.name, func(b *testing.B) {
			r := newRig(b, 1)
			data, err := message.AppendPacket(nil, 0, 1, bm.m, new([]byte))
			if err != nil {
				b.Fatal(err)
			}
			in := &arrived{raw: &udp.Packet{Data: data}, now: r.now, at: r.now}
			b.ReportAllocs()
			for b.Loop() {
				if in.packet, err = message.ParsePacket(data); err != nil {
					b.Fatal(err)
				}
				r.loop.deliver(r.circuits[0], in)
			}
			if r.handled == 0 {
				b.Fatal("nothing was dispatched")
			}
		})
	}
}

func agentUpdate() *message.AgentUpdate {
	m := &message.AgentUpdate{}
	m.AgentData.AgentID[0], m.AgentData.SessionID[0] = 1, 2
	m.AgentData.CameraCenter = message.Vector3{X: 128, Y: 128, Z: 25}
	m.AgentData.Far = 128
	return m
}

// BenchmarkSend is one message's way from Send to WriteBatch.
func BenchmarkSend(b *testing.B) {
	b.Run("unreliable", func(b *testing.B) {
		r := newRig(b, 1)
		m := agentUpdate()
		b.ReportAllocs()
		for range b.N {
			if err := r.circuits[0].Send(r.now, m); err != nil {
				b.Fatal(err)
			}
		}
		r.loop.out.flush()
		b.StopTimer()
		if r.conn.written != b.N {
			b.Fatalf("%d packets written, want %d", r.conn.written, b.N)
		}
	})
	b.Run("reliable+ack", func(b *testing.B) {
		r := newRig(b, 1)
		m := say("Hello, is anybody here?")
		ack := r.load(b, 1, 0, &message.PacketAck{Packets: make([]message.PacketAckPackets, 1)})
		done := func(Instant, error) {}
		b.ReportAllocs()
		for range b.N {
			if err := r.circuits[0].SendReliable(r.now, m, done); err != nil {
				b.Fatal(err)
			}
			binary.LittleEndian.PutUint32(ack[0].Data[11:], r.circuits[0].sequence)
			r.conn.load = ack
			r.loop.turn()
		}
		b.StopTimer()
		if r.circuits[0].unacked.n != 0 {
			b.Fatal("packets were not acknowledged")
		}
	})
}

// BenchmarkIdleTurn is what a loop costs that has nothing to do.
func BenchmarkIdleTurn(b *testing.B) {
	r := newRig(b, 10_000)
	b.ReportAllocs()
	for range b.N {
		r.now += tick
		r.loop.turn()
	}
}

func BenchmarkTimer(b *testing.B) {
	w := newWheel(start)
	timer := Timer{Fire: func(Instant) {}}
	now := start
	b.ReportAllocs()
	for range b.N {
		w.schedule(&timer, now.Add(18*ms))
		now += 20 * tick
		w.runTo(now)
	}
}

// TestHotPathsDoNotAllocate: the packet's way in and the unreliable packet's
// way out allocate nothing once everything is warm, nor does a reliable one.
func TestHotPathsDoNotAllocate(t *testing.T) {
	r := newRig(t, 50)
	chat := r.load(t, 200, message.FlagReliable, chatFromSimulator())
	terse := r.load(t, 200, 0, terseUpdate(10))
	ping := r.load(t, 200, 0, &message.StartPingCheck{})
	acks := r.load(t, len(r.circuits), 0, &message.PacketAck{Packets: make([]message.PacketAckPackets, 1)})
	update, line := agentUpdate(), say("hello")
	done := func(Instant, error) {}
	var seq uint32
	for name, round := range map[string]func(){
		"receive reliable chat": func() { renumber(chat, &seq); r.conn.load = chat },
		"receive duplicates":    func() { r.conn.load = chat },
		"receive terse updates": func() { r.conn.load = terse },
		"answer pings":          func() { r.conn.load = ping },
		"send": func() {
			for _, c := range r.circuits {
				c.Send(r.now, update)
			}
		},
		"send reliably and be acked": func() {
			for i, c := range r.circuits {
				c.SendReliable(r.now, line, done)
				binary.LittleEndian.PutUint32(acks[i].Data[11:], c.sequence)
			}
			r.conn.load = acks
		},
	} {
		allocs := testing.AllocsPerRun(50, func() {
			round()
			for range 3 { // acks are due in the second one
				r.now = r.now.Add(20 * ms)
				if _, err := r.loop.turn(); err != nil {
					t.Fatal(err)
				}
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations a round, want 0", name, allocs)
		}
	}
	if r.handled == 0 || r.conn.written == 0 {
		t.Error("nothing was received or sent")
	}
}
