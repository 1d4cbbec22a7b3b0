package agent_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// playback plays the server's half of a journey through several regions to an
// agent: each region's datagrams from a port of its own, in the order of the
// capture. Where the captured client said one of the cues, it waits until the
// agent has said it to the same region. What OpenSim told by event queues is
// not in a capture of UDP: it follows from what the client did next.
type playback struct {
	t    *testing.T
	said []saying
	http *httptest.Server
	who  message.UseCircuitCodeCircuitCode

	conns  map[uint16]*net.UDPConn // by the port in the capture, as all below
	queues map[uint16]chan event
	heard  chan cue
	early  map[cue]int // heard before they were awaited; play's
	walkOn chan bool   // lets the client cross a border

	mu      sync.Mutex
	clients map[uint16]net.Addr // where the agent speaks to the region from
}

// event is what an event queue brings.
type event struct {
	name string
	body map[string]any
}

// cue is something that the client says, and to which region.
type cue struct {
	port uint16
	id   message.ID
}

// cues are what a server answers to with more than a line.
var cues = map[message.ID]bool{
	message.IDUseCircuitCode: true, message.IDCompleteAgentMovement: true, message.IDTeleportLocationRequest: true,
}

func newPlayback(t *testing.T, name string) *playback {
	p := &playback{
		t: t, said: readCapture(t, name), conns: map[uint16]*net.UDPConn{}, queues: map[uint16]chan event{},
		heard: make(chan cue, 64), clients: map[uint16]net.Addr{}, early: map[cue]int{}, walkOn: make(chan bool),
	}
	p.http = httptest.NewServer(p)
	t.Cleanup(p.http.Close)
	for _, c := range p.said {
		if p.conns[c.port] == nil {
			p.open(c.port)
		}
		if m := open(t, c.data); c.fromClient && m.ID() == message.IDUseCircuitCode {
			p.who = m.(*message.UseCircuitCode).CircuitCode
		}
	}
	return p
}

// open opens a region and listens to what the agent says there.
func (p *playback) open(port uint16) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		p.t.Fatal(err)
	}
	p.conns[port], p.queues[port] = conn, make(chan event, 16)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			p.mu.Lock()
			p.clients[port] = from
			p.mu.Unlock()
			m := open(p.t, buf[:n])
			if cues[m.ID()] && message.Flags(buf[0])&message.FlagResent == 0 {
				p.heard <- cue{port, m.ID()}
			}
		}
	}()
	p.t.Cleanup(func() { conn.Close(); <-ended })
}

// play plays until the capture ends, or ctx.
func (p *playback) play(ctx context.Context) error {
	stands, teleports := p.said[0].port, false
	for i, c := range p.said {
		m := open(p.t, c.data)
		if !c.fromClient {
			if err := p.send(c); err != nil {
				return err
			}
			continue
		}
		if !cues[m.ID()] {
			continue
		}
		switch id := m.ID(); {
		case id == message.IDTeleportLocationRequest:
			teleports = true
		case id == message.IDUseCircuitCode && c.port != stands && teleports:
			p.queues[stands] <- event{"TeleportFinish", p.finish(c.port)}
		case id == message.IDUseCircuitCode && c.port != stands:
			p.queues[stands] <- event{"EnableSimulator", p.enable(c.port)}
		case id == message.IDCompleteAgentMovement && c.port != stands:
			if !teleports {
				select {
				case <-p.walkOn:
				case <-ctx.Done():
					return fmt.Errorf("datagram %d: nobody walked over the border", i)
				}
				p.queues[stands] <- event{"CrossedRegion", p.crossed(c.port)}
			}
			stands, teleports = c.port, false
		}
		if err := p.await(ctx, cue{c.port, m.ID()}); err != nil {
			return fmt.Errorf("datagram %d: %w", i, err)
		}
		teleports = teleports && !p.local(i)
	}
	return nil
}

// local tells whether a teleport, asked for by datagram i, stayed in its region.
func (p *playback) local(i int) bool {
	for _, c := range p.said[i:] {
		switch open(p.t, c.data).ID() {
		case message.IDTeleportLocal:
			return true
		case message.IDCompleteAgentMovement:
			return false
		}
	}
	return false
}

func (p *playback) send(c saying) error {
	p.mu.Lock()
	to := p.clients[c.port]
	p.mu.Unlock()
	_, err := p.conns[c.port].WriteTo(c.data, to)
	return err
}

func (p *playback) await(ctx context.Context, want cue) error {
	for p.early[want] == 0 {
		select {
		case got := <-p.heard:
			p.early[got]++
		case <-ctx.Done():
			return fmt.Errorf("the agent never said %v to the region at %d", want.id, want.port)
		}
	}
	p.early[want]--
	return nil
}

// The bodies of events, with what an agent needs of them. Regions lie side by
// side as in the captures: 9000 and 9001 south, 9002 and 9003 north of them.
func (p *playback) enable(port uint16) map[string]any {
	return map[string]any{"SimulatorInfo": []any{map[string]any{"Handle": handleOf(port), "IP": loopback, "Port": p.port(port)}}}
}

func (p *playback) finish(port uint16) map[string]any {
	return map[string]any{"Info": []any{map[string]any{
		"AgentID": p.who.ID, "LocationID": uint32(4), "SimIP": loopback, "SimPort": p.port(port), "RegionHandle": handleOf(port),
		"SeedCapability": p.seed(port), "SimAccess": int32(13), "TeleportFlags": uint32(16),
	}}}
}

func (p *playback) crossed(port uint16) map[string]any {
	return map[string]any{
		"AgentData": []any{map[string]any{"AgentID": p.who.ID, "SessionID": p.who.SessionID}},
		"RegionData": []any{map[string]any{
			"RegionHandle": handleOf(port), "SeedCapability": p.seed(port), "SimIP": loopback, "SimPort": p.port(port),
		}},
	}
}

var loopback = []byte{127, 0, 0, 1}

// handleOf is x metres << 32 | y metres of a region's corner.
func handleOf(port uint16) uint64 {
	n := uint64(port - 9000)
	return (1000+n%2)*256<<32 | (1000+n/2)*256
}

func (p *playback) port(of uint16) int32 { return int32(p.conns[of].LocalAddr().(*net.UDPAddr).Port) }

func (p *playback) seed(port uint16) string { return fmt.Sprintf("%s/seed/%d", p.http.URL, port) }

// ServeHTTP is login, seed capabilities and event queues.
func (p *playback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	kind, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	var port uint16
	fmt.Sscan(rest, &port)
	switch kind {
	case "seed":
		p.answer(w, map[string]any{"EventQueueGet": fmt.Sprintf("%s/queue/%d", p.http.URL, port)})
	case "queue":
		p.poll(w, r, p.queues[port], bytes.Contains(body, []byte("<boolean>1")) || bytes.Contains(body, []byte("<boolean>true")))
	default:
		first := p.said[0].port
		fmt.Fprintf(w, loginAnswer, member("login", "string", "true")+member("agent_id", "string", p.who.ID)+
			member("session_id", "string", p.who.SessionID)+member("secure_session_id", "string", p.who.SessionID)+
			member("circuit_code", "i4", int32(p.who.Code))+member("sim_ip", "string", "127.0.0.1")+
			member("sim_port", "i4", p.port(first))+member("seed_capability", "string", p.seed(first))+
			member("region_x", "i4", 256000)+member("region_y", "i4", 256000))
	}
}

func (p *playback) poll(w http.ResponseWriter, r *http.Request, queue chan event, done bool) {
	if done {
		return
	}
	select {
	case e := <-queue:
		p.answer(w, map[string]any{"id": int32(1), "events": []any{map[string]any{"message": e.name, "body": e.body}}})
	case <-r.Context().Done():
	case <-time.After(20 * time.Second): // a client that is gone unnoticed
	}
}

func (p *playback) answer(w http.ResponseWriter, v any) {
	text, err := llsd.MarshalXML(v)
	if err != nil {
		p.t.Error(err)
	}
	w.Write(text)
}
