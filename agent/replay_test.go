package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/internal/witness"
	"github.com/slload/slload/message"
)

// A visit to a real OpenSimulator, as one of our own agents had it. The agent
// and the embedded grid share codec and circuits, so what both get wrong would
// hide between them; here the agent hears what OpenSim said, byte for byte.
const visit = "../testdata/captures/opensim-0.9.2-visit.pcap"

// saying is one datagram of a capture.
type saying struct {
	fromClient bool
	port       uint16 // the region's
	data       []byte
}

// readCapture reads a capture whose first packet is the client's.
func readCapture(t *testing.T, name string) (all []saying) {
	t.Helper()
	list := captured.Read(t, name)
	client := list[0].From.Addr()
	for _, d := range list {
		if d.From.Addr() == client {
			all = append(all, saying{true, d.To.Port(), d.Data})
		} else {
			all = append(all, saying{false, d.From.Port(), d.Data})
		}
	}
	return all
}

// packet takes a datagram apart, and decodes its message.
func packet(t *testing.T, data []byte) (message.Packet, message.Message) {
	t.Helper()
	p, err := message.ParsePacket(data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Message()
	if err != nil {
		t.Fatal(err)
	}
	return p, m
}

// open decodes a datagram's message.
func open(t *testing.T, data []byte) message.Message {
	t.Helper()
	_, m := packet(t, data)
	return m
}

// replayed is what a capture's server said, and who it said it to.
type replayed struct {
	who    message.UseCircuitCodeCircuitCode
	server [][]byte
	kinds  map[message.ID]int // first transmissions, by message
	chats  map[string]int     // lines heard
}

func readVisit(t *testing.T) replayed {
	v := replayed{kinds: map[message.ID]int{}, chats: map[string]int{}}
	for _, c := range readCapture(t, visit) {
		m := open(t, c.data)
		if use, ok := m.(*message.UseCircuitCode); ok && c.fromClient {
			v.who = use.CircuitCode
		}
		if c.fromClient {
			continue
		}
		v.server = append(v.server, c.data)
		if message.Flags(c.data[0])&message.FlagResent == 0 {
			v.kinds[m.ID()]++
			if chat, ok := m.(*message.ChatFromSimulator); ok {
				v.chats[message.String(chat.ChatData.Message)]++
			}
		}
	}
	return v
}

// serveVisit plays the server: login, and then all of its datagrams as soon as
// the client opens its circuit, and all of them once more, as if every ack had
// been lost.
func serveVisit(t *testing.T, v replayed) (loginURI string) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	played := make(chan struct{})
	go func() {
		defer close(played)
		buf := make([]byte, 2048)
		_, client, err := conn.ReadFromUDPAddrPort(buf)
		for range 2 {
			for _, data := range v.server {
				if err == nil {
					_, err = conn.WriteToUDPAddrPort(data, client)
				}
			}
		}
		for err == nil { // acks, pings and updates: nobody answers
			_, _, err = conn.ReadFromUDPAddrPort(buf)
		}
	}()
	t.Cleanup(func() { conn.Close(); <-played })
	port := conn.LocalAddr().(*net.UDPAddr).Port
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, loginAnswer,
			member("login", "string", "true")+member("agent_id", "string", v.who.ID)+
				member("session_id", "string", v.who.SessionID)+member("secure_session_id", "string", v.who.SessionID)+
				member("circuit_code", "i4", int32(v.who.Code))+member("sim_ip", "string", "127.0.0.1")+
				member("sim_port", "i4", port)+member("seed_capability", "string", "http://127.0.0.1:1/")+
				member("region_x", "i4", 256000)+member("region_y", "i4", 256000))
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// loginAnswer is one over XML-RPC, around its members.
const loginAnswer = `<?xml version="1.0"?><methodResponse><params><param><value><struct>%s</struct></value></param></params></methodResponse>`

func member(name, kind string, value any) string {
	return fmt.Sprintf("<member><name>%s</name><value><%s>%v</%s></value></member>", name, kind, value, kind)
}

func TestAgentLivesThroughACapturedVisit(t *testing.T) {
	v := readVisit(t)
	for _, id := range []message.ID{message.IDAgentMovementComplete, message.IDRegionHandshake, message.IDChatFromSimulator, message.IDObjectUpdate} {
		if v.kinds[id] == 0 {
			t.Fatalf("the capture has no %v", id)
		}
	}
	loop := startLoop(t, witness.Hearing)
	a, err := agent.Login(t.Context(), agent.Options{
		Loop: loop, LoginURI: serveVisit(t, v), Account: agent.Account{First: "Load", Last: "Bot171"}, NoEventQueue: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	stats := waitForPackets(t, loop, 2*len(v.server))
	if n := len(stats.Malformed); n != 0 {
		t.Errorf("malformed: %v", stats.Malformed)
	}
	if stats.Duplicates == 0 {
		t.Error("everything came twice, and nothing counts as a duplicate")
	}
	s, err := a.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Region.Name != "A" || s.Region.X != 256000 || s.Avatars < 1 {
		t.Errorf("state %+v", s)
	}
	if p := s.Position; p.X <= 0 || p.X >= 256 || p.Y <= 0 || p.Y >= 256 {
		t.Errorf("position %v is not in the region", p)
	}
}

// startLoop runs a client's loop until the test ends, and has its datagrams
// witnessed on their way.
func startLoop(t *testing.T, witnessed func(testing.TB, udp.Conn) udp.Conn, change ...func(*circuit.Config)) *circuit.Loop {
	t.Helper()
	conn, err := udp.New(udp.Config{Target: netip.AddrFrom4([4]byte{127, 0, 0, 1})})
	if err != nil {
		t.Fatal(err)
	}
	dispatch := circuit.NewDispatch()
	agent.RegisterHandlers(dispatch)
	cfg := circuit.Config{Conn: witnessed(t, conn), Dispatch: dispatch}
	for _, f := range change {
		f(&cfg)
	}
	loop := circuit.NewLoop(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return loop
}

// waitForPackets polls the loop until it has received n packets.
func waitForPackets(t *testing.T, loop *circuit.Loop, n int) circuit.LoopStats {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		var stats circuit.LoopStats
		if err := loop.Call(t.Context(), func(circuit.Instant) { stats = loop.Stats() }); err != nil {
			t.Fatal(err)
		}
		if stats.PacketsReceived >= uint64(n) {
			return stats
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d packets received", stats.PacketsReceived, n)
		}
	}
}

// Every message of the captures, both ways, encodes back to the bytes that it was
// decoded from. (Whole datagrams needn't: OpenSim zero-codes what it likes.)
func TestCapturesEncodeBack(t *testing.T) {
	for i, c := range slices.Concat(readCapture(t, visit), readCapture(t, teleports), readCapture(t, crossings)) {
		p, m := packet(t, c.data)
		body, err := p.Decoded(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, head, err := message.ReadNumber(body)
		if err != nil {
			t.Fatal(err)
		}
		size, err := message.New(m.ID()).DecodeBody(body[head:]) // some carry more bytes
		if err != nil {
			t.Fatal(err)
		}
		body = body[head : head+size]
		again, err := m.AppendBody(nil)
		if err != nil {
			t.Fatal(err)
		}
		// OpenSim leaves out the counts of blocks that a message has none of at
		// its end, which is legal; we write them.
		if rest, ok := bytes.CutPrefix(again, body); ok && !c.fromClient && len(bytes.Trim(rest, "\x00")) == 0 {
			continue
		}
		if !bytes.Equal(again, body) {
			t.Errorf("datagram %d, %v:\n got %x\nwant %x", i, m.ID(), again, body)
		}
	}
}
