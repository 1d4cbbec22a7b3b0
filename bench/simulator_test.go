package main

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// visit is one agent's side of the wire, and the simulator's turns.
type visit struct {
	*testing.T
	sim      *simulator
	conn     udp.Conn
	endpoint udp.Endpoint
	sequence uint32
	code     uint32
}

func newVisit(t *testing.T, s schedule) *visit {
	net := udp.NewMemory()
	sim := newSimulator(net.Conn(udp.Config{Listen: netip.MustParseAddrPort("127.0.0.1:9000")}), s)
	conn := net.Conn(udp.Config{})
	e, err := conn.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), sim.conn.Close() })
	return &visit{T: t, sim: sim, conn: conn, endpoint: e, code: 1}
}

func (v *visit) says(flags message.Flags, m message.Message, acks ...uint32) {
	v.Helper()
	v.sequence++
	var scratch []byte
	pkt, err := message.AppendPacket(nil, flags, v.sequence, m, &scratch)
	if err != nil {
		v.Fatal(err)
	}
	to := udp.AddrFrom(v.sim.conn.Local(0))
	if _, err := v.conn.WriteBatch([]udp.Packet{{Data: message.AppendAcks(pkt, acks), Endpoint: v.endpoint, Peer: to}}); err != nil {
		v.Fatal(err)
	}
}

// hears lets the simulator have its turn at now and tells what comes of it:
// sequence number, name, and what of it matters.
func (v *visit) hears(now time.Duration) []string {
	v.Helper()
	if err := v.sim.turn(now); err != nil {
		v.Fatal(err)
	}
	in := make([]udp.Packet, 100)
	n, err := v.conn.ReadBatch(in)
	if err != nil {
		v.Fatal(err)
	}
	var heard []string
	for _, raw := range in[:n] {
		heard = append(heard, v.describe(raw.Data))
	}
	return heard
}

func (v *visit) describe(data []byte) string {
	v.Helper()
	p, err := message.ParsePacket(data)
	if err != nil {
		v.Fatal(err)
	}
	m, err := p.Message()
	if err != nil {
		v.Fatal(err)
	}
	text := fmt.Sprintf("%d %v", p.Sequence, m.ID())
	switch m := m.(type) {
	case *message.PacketAck:
		text += fmt.Sprintf(" of %d", m.Packets[0].ID)
	case *message.StartPingCheck:
		text += fmt.Sprintf(" %d, oldest %d", m.PingID.PingID, m.PingID.OldestUnacked)
	case *message.CompletePingCheck:
		text += fmt.Sprintf(" %d", m.PingID.PingID)
	}
	if p.Flags&message.FlagReliable != 0 {
		text += " reliable"
	}
	if p.Flags&message.FlagResent != 0 {
		text += " resent"
	}
	return text
}

func (v *visit) expect(now time.Duration, want ...string) {
	v.Helper()
	if diff := cmp.Diff(want, v.hears(now)); diff != "" {
		v.Fatalf("at %v (-want +got):\n%s", now, diff)
	}
}

func (v *visit) useCircuitCode() message.Message {
	return &message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{
		Code: v.code, ID: agentID(v.code), SessionID: sessionID(v.code),
	}}
}

func (v *visit) completeMovement() message.Message {
	return &message.CompleteAgentMovement{AgentData: message.CompleteAgentMovementAgentData{
		AgentID: agentID(v.code), SessionID: sessionID(v.code), CircuitCode: v.code,
	}}
}

// enter brings the agent in world, with all acks given.
func (v *visit) enter() {
	v.Helper()
	v.says(message.FlagReliable, v.useCircuitCode())
	v.expect(0, "1 PacketAck of 1")
	v.says(message.FlagReliable, v.completeMovement())
	v.expect(0, "2 PacketAck of 2", "3 RegionHandshake reliable", "4 AgentMovementComplete reliable", "5 ObjectUpdate reliable")
	v.says(message.FlagReliable, &message.RegionHandshakeReply{}, 3, 4, 5)
	v.expect(0, "6 PacketAck of 3")
}

func (v *visit) begin() { v.sim.begin(0) }

func TestAgentEnters(t *testing.T) {
	v := newVisit(t, schedule{agents: 1, rate: 2})
	v.enter()
	if c := v.sim.counts; c.InWorld != 1 || c.Acknowledged != 3 {
		t.Errorf("%d in world, %d packets acknowledged; want 1 and 3", c.InWorld, c.Acknowledged)
	}
	v.expect(time.Second) // the schedule hasn't begun
}

func TestStrangersAreNotAnswered(t *testing.T) {
	v := newVisit(t, schedule{agents: 1, rate: 2})
	v.says(message.FlagReliable, v.completeMovement())
	v.expect(0)
	v.code = 2 // nobody got that
	v.says(message.FlagReliable, v.useCircuitCode())
	v.expect(0)
}

func TestMessagesComeByTheSchedule(t *testing.T) {
	v := newVisit(t, schedule{agents: 1, rate: 2})
	v.enter()
	v.begin()
	v.expect(499 * time.Millisecond)
	v.expect(500*time.Millisecond, "7 StartPingCheck 1, oldest 0", "8 ChatFromSimulator reliable")
	v.says(0, &message.AgentUpdate{}, 8)
	v.expect(time.Second, "9 ImprovedTerseObjectUpdate")
	v.expect(1500*time.Millisecond, "10 ChatFromSimulator reliable")
	v.says(0, &message.PacketAck{Packets: []message.PacketAckPackets{{ID: 10}}})
	v.expect(1501 * time.Millisecond)
	want := counts{
		Updates: 1, Acks: 1, Acknowledged: 5, OtherReceived: 3,
		Messages: 3, PingsSent: 1, OtherSent: 6, InWorld: 1,
	}
	if diff := cmp.Diff(want, v.sim.counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotAcknowledgedComesAgain(t *testing.T) {
	v := newVisit(t, schedule{agents: 1, rate: 2})
	v.enter()
	v.begin()
	v.expect(500*time.Millisecond, "7 StartPingCheck 1, oldest 0", "8 ChatFromSimulator reliable")
	v.expect(time.Second, "9 ImprovedTerseObjectUpdate")
	v.expect(1500*time.Millisecond, "8 ChatFromSimulator reliable resent", "10 ChatFromSimulator reliable")
	v.says(0, &message.AgentUpdate{}, 8, 10)
	v.expect(2*time.Second, "11 ImprovedTerseObjectUpdate")
	v.expect(2500*time.Millisecond, "12 ChatFromSimulator reliable")
	if v.sim.counts.Resent != 1 {
		t.Errorf("%d resent, want 1", v.sim.counts.Resent)
	}
}

func TestPingsAreAnswered(t *testing.T) {
	v := newVisit(t, schedule{agents: 1, rate: 2})
	v.enter()
	v.says(0, &message.StartPingCheck{PingID: message.StartPingCheckPingID{PingID: 77}})
	v.expect(0, "7 CompletePingCheck 77")
}

func TestDamagedDatagramsDoNoHarm(t *testing.T) {
	v := newVisit(t, schedule{agents: 1, rate: 2})
	v.enter()
	for _, data := range [][]byte{{1}, {0x80, 0, 0, 0, 9, 0, 0xFF, 0}, {0x10, 0, 0, 0, 9, 0, 4, 200}, {0, 0, 0, 0, 9, 0, 0xFF, 0xFF}} {
		to := udp.AddrFrom(v.sim.conn.Local(0))
		if _, err := v.conn.WriteBatch([]udp.Packet{{Data: data, Endpoint: v.endpoint, Peer: to}}); err != nil {
			t.Fatal(err)
		}
	}
	v.expect(0)
	v.says(0, &message.StartPingCheck{})
	v.expect(0, "7 CompletePingCheck 0")
}

func TestTerseUpdateMovesTenAvatarsAndTheAgentItself(t *testing.T) {
	d := terseUpdate()
	p, err := message.ParsePacket(d)
	if err != nil {
		t.Fatal(err)
	}
	var m message.ImprovedTerseObjectUpdate
	if _, err := m.DecodeBody(p.Body[1:]); err != nil {
		t.Fatal(err)
	}
	if len(m.ObjectData) != 10 || len(d) < 600 || len(d) > len((&simulator{}).buffers[0]) {
		t.Fatalf("%d objects in %d bytes", len(m.ObjectData), len(d))
	}
	for i := range m.ObjectData {
		if b := m.ObjectData[i].Data; len(b) != 60 || b[5] != 1 {
			t.Errorf("object %d: %d bytes %x, want an avatar's 60", i, len(b), b)
		}
	}
}
