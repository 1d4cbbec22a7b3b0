package testgrid

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// viewer is a client made by hand: it has one endpoint and knows packets, not
// circuits. It acknowledges what is reliable and does nothing else by itself.
type viewer struct {
	loggedIn
	w        *world
	conn     udp.Conn
	endpoint udp.Endpoint
	sim      udp.Addr
	sequence uint32
	deaf     bool // doesn't acknowledge

	heard []message.Message // received and not looked at yet
	flags []message.Flags   // of each
	seen  map[uint32]bool   // sequence numbers of reliable packets
}

// viewer makes a client for a login, which has said nothing yet.
func (w *world) viewer(in loggedIn) *viewer {
	w.t.Helper()
	v := &viewer{loggedIn: in, w: w, conn: w.net.Conn(udp.Config{}), seen: map[uint32]bool{}}
	var err error
	if v.endpoint, err = v.conn.Open(); err != nil {
		w.t.Fatal(err)
	}
	v.sim = udp.AddrFrom(netip.AddrPortFrom(netip.MustParseAddr(in.IP), in.Port))
	w.t.Cleanup(func() { v.conn.Close() })
	return v
}

// enter logs in and brings the avatar into the region, with everything that it
// takes to see the scene. What came meanwhile is thrown away.
func (w *world) enter(first, start string) *viewer {
	w.t.Helper()
	v := w.viewer(w.login(first, start))
	v.arrive()
	w.seed(v.loggedIn)
	v.sendReliable(v.handshakeReply())
	w.pass(2 * time.Second)
	v.forget()
	return v
}

// arrive says what brings an avatar into the region.
func (v *viewer) arrive() {
	v.w.t.Helper()
	v.sendReliable(v.useCircuitCode())
	v.sendReliable(v.completeMovement())
	expect[*message.RegionHandshake](v)
	expect[*message.AgentMovementComplete](v)
}

func (v *viewer) useCircuitCode() message.Message {
	m := &message.UseCircuitCode{}
	m.CircuitCode.Code, m.CircuitCode.SessionID, m.CircuitCode.ID = v.Code, v.Session, v.Agent
	return m
}

func (v *viewer) completeMovement() message.Message {
	m := &message.CompleteAgentMovement{}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.CircuitCode = v.Agent, v.Session, v.Code
	return m
}

func (v *viewer) handshakeReply() message.Message {
	m := &message.RegionHandshakeReply{}
	m.AgentData.AgentID, m.AgentData.SessionID, m.RegionInfo.Flags = v.Agent, v.Session, cacheEmpty
	return m
}

func (v *viewer) says(kind uint8, text string) message.Message {
	m := &message.ChatFromViewer{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.ChatData.Type, m.ChatData.Message = kind, message.Text(text)
	return m
}

func (v *viewer) updates(control uint32) message.Message {
	m := &message.AgentUpdate{}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.ControlFlags = v.Agent, v.Session, control
	return m
}

func (v *viewer) writes(to *viewer, text string) message.Message {
	m := &message.ImprovedInstantMessage{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.MessageBlock.ToAgentID = to.Agent
	m.MessageBlock.FromAgentName, m.MessageBlock.Message = message.Text("whoever"), message.Text(text)
	return m
}

func (v *viewer) logsOut() message.Message {
	m := &message.LogoutRequest{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	return m
}

func (v *viewer) send(m message.Message)         { v.sendFlags(0, m) }
func (v *viewer) sendReliable(m message.Message) { v.sendFlags(message.FlagReliable, m) }

func (v *viewer) sendFlags(flags message.Flags, m message.Message) {
	v.w.t.Helper()
	v.sequence++
	v.sendAs(v.sequence, flags, m)
}

// sendAs sends m with a sequence number of the test's choice.
func (v *viewer) sendAs(sequence uint32, flags message.Flags, m message.Message) {
	v.w.t.Helper()
	var scratch []byte
	data, err := message.AppendPacket(nil, flags, sequence, m, &scratch)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if _, err := v.conn.WriteBatch([]udp.Packet{{Data: data, Endpoint: v.endpoint, Peer: v.sim}}); err != nil {
		v.w.t.Fatal(err)
	}
}

// read takes in what has come within d, or at least one packet.
func (v *viewer) read(d time.Duration) {
	v.w.t.Helper()
	if err := v.conn.Wait(d); err != nil {
		v.w.t.Fatal(err)
	}
	var batch [16]udp.Packet
	for {
		n, err := v.conn.ReadBatch(batch[:])
		if err != nil {
			v.w.t.Fatal(err)
		}
		if n == 0 {
			return
		}
		for _, p := range batch[:n] {
			v.take(p.Data)
		}
	}
}

func (v *viewer) take(data []byte) {
	v.w.t.Helper()
	p, err := message.ParsePacket(data)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if p.Flags&message.FlagReliable != 0 {
		if !v.deaf {
			ack := &message.PacketAck{Packets: []message.PacketAckPackets{{ID: p.Sequence}}}
			v.send(ack)
		}
		if v.seen[p.Sequence] {
			return
		}
		v.seen[p.Sequence] = true
	}
	m, err := p.Message()
	if err != nil {
		v.w.t.Fatal(err)
	}
	v.heard, v.flags = append(v.heard, m), append(v.flags, p.Flags)
}

// forget throws away what was heard so far.
func (v *viewer) forget() {
	v.read(0)
	v.heard, v.flags = nil, nil
}

// marker is the id of the ping that ends a listening.
const marker = 200

// listen gives all that was sent to the viewer up to now: it waits for the
// answer to a ping, which comes after everything else.
func (v *viewer) listen() []message.Message {
	v.w.t.Helper()
	ping := &message.StartPingCheck{}
	ping.PingID.PingID = marker
	v.send(ping)
	for {
		at := slices.IndexFunc(v.heard, func(m message.Message) bool {
			pong, ok := m.(*message.CompletePingCheck)
			return ok && pong.PingID.PingID == marker
		})
		if at >= 0 {
			all := v.heard[:at]
			v.heard, v.flags = v.heard[at+1:], v.flags[at+1:]
			return all
		}
		before := len(v.heard)
		v.read(time.Second)
		if len(v.heard) == before {
			v.w.t.Fatal("the grid doesn't answer a ping")
		}
	}
}

// patience is how long expect waits: longer than anything periodic.
const patience = 10 * time.Second

// expect waits for the next message of its type, and drops what came before.
func expect[M message.Message](v *viewer) M {
	v.w.t.Helper()
	m, _ := expectFlags[M](v)
	return m
}

func expectFlags[M message.Message](v *viewer) (M, message.Flags) {
	v.w.t.Helper()
	for end := time.Now().Add(patience); ; {
		for i, heard := range v.heard {
			if m, ok := heard.(M); ok {
				flags := v.flags[i]
				v.heard, v.flags = v.heard[i+1:], v.flags[i+1:]
				return m, flags
			}
		}
		v.heard, v.flags = nil, nil
		if !time.Now().Before(end) {
			var want M
			v.w.t.Fatalf("no %T came within %v", want, patience)
		}
		v.read(time.Until(end))
	}
}

// of gives the messages of one type.
func of[M message.Message](all []message.Message) []M {
	var list []M
	for _, m := range all {
		if m, ok := m.(M); ok {
			list = append(list, m)
		}
	}
	return list
}

// names gives the types of messages, without those that come by the clock.
func names(all []message.Message) []string {
	var list []string
	for _, m := range all {
		switch m.(type) {
		case *message.SimStats, *message.SimulatorViewerTimeMessage, *message.CoarseLocationUpdate, *message.StartPingCheck, *message.PacketAck:
		default:
			list = append(list, m.ID().String())
		}
	}
	return list
}

func check(t *testing.T, ok bool, format string, args ...any) {
	t.Helper()
	if !ok {
		t.Errorf(format, args...)
	}
}
