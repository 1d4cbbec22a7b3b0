package agent

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
	"github.com/slload/slload/xmlrpc"
)

// BenchmarkIdleAgent logs agents in and reports what each holds while it
// stands there, without an event queue (whose poll is a goroutine and an HTTP
// connection): agent, region, circuit and endpoint. With a scene, it has seen
// a thousand objects and thirty avatars. The goal is 4 KiB.
func BenchmarkIdleAgent(b *testing.B) {
	for _, tt := range []struct {
		name             string
		objects, avatars int
	}{{"empty", 0, 0}, {"scene", 1000, 30}} {
		b.Run(tt.name, func(b *testing.B) {
			conn := newIdealConn()
			d := circuit.NewDispatch()
			RegisterHandlers(d)
			loop := circuit.NewLoop(circuit.Config{Conn: conn, Dispatch: d})
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error, 1)
			go func() { ended <- loop.Run(ctx) }()
			defer func() { cancel(); <-ended }()
			opt := Options{
				Loop: loop, HTTP: &http.Client{Transport: freshAgents{}}, LoginURI: loginURI, NoEventQueue: true,
				Account: Account{First: "Ann", Last: "Tester", Password: password},
			}
			agents := make([]*Agent, 0, b.N)
			before := memoryInUse()
			for range b.N {
				a, err := Login(ctx, opt)
				if err != nil {
					b.Fatal(err)
				}
				agents = append(agents, a)
				loop.Call(ctx, func(circuit.Instant) {
					for id := range uint32(tt.objects) {
						a.root.scene.see(720_000+id, 9, uuid.Nil)
					}
					for id := range uint32(tt.avatars) {
						a.root.scene.see(800_000+7*id, pcodeAvatar, uuid.UUID{1})
					}
				})
			}
			settled(b, loop)
			b.ReportMetric(float64(memoryInUse()-before)/float64(b.N), "B/agent")
			runtime.KeepAlive(agents)
		})
	}
}

// settled waits until nothing is unacknowledged any more.
func settled(b *testing.B, loop *circuit.Loop) {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var before, after uint64
		loop.Call(context.Background(), func(circuit.Instant) { before = loop.Stats().PacketsReceived })
		time.Sleep(50 * time.Millisecond)
		loop.Call(context.Background(), func(circuit.Instant) { after = loop.Stats().PacketsReceived })
		if after-before < 10+uint64(b.N) {
			return
		}
		if time.Now().After(deadline) {
			b.Fatal("the loop doesn't settle")
		}
	}
}

func memoryInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// freshAgents is a login service that knows everybody, each time as another.
type freshAgents struct{}

func (freshAgents) RoundTrip(r *http.Request) (*http.Response, error) {
	id := uuid.New()
	text, err := xmlrpc.MarshalResponse(map[string]any{
		"login": "true", "agent_id": id.String(), "session_id": sessionOf(id).String(), "secure_session_id": id.String(),
		"circuit_code": int32(7), "sim_ip": "127.0.0.1", "sim_port": int32(9000),
		"region_x": int32(256000), "region_y": int32(256000), "seed_capability": seedURL,
	})
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(text))), Request: r}, nil
}

// idealConn is a network with a simulator behind it that keeps nothing: it
// acknowledges at once, lets everybody in, and answers no pings.
type idealConn struct {
	stillConn
	coming   []udp.Packet
	woken    chan struct{}
	sequence uint32
}

func newIdealConn() *idealConn { return &idealConn{woken: make(chan struct{}, 1)} }

func (c *idealConn) WriteBatch(p []udp.Packet) (int, error) {
	for i := range p {
		c.answer(&p[i])
	}
	return len(p), nil
}

func (c *idealConn) answer(p *udp.Packet) {
	in, err := message.ParsePacket(p.Data)
	if err != nil {
		panic(err)
	}
	if in.Flags&message.FlagReliable != 0 {
		c.reply(p, &message.PacketAck{Packets: []message.PacketAckPackets{{ID: in.Sequence}}})
	}
	number, n, err := message.ReadNumber(in.Body)
	if err != nil || in.Flags&message.FlagZerocoded != 0 {
		return
	}
	if id, _ := message.Lookup(number); id == message.IDCompleteAgentMovement {
		var m message.CompleteAgentMovement
		if _, err := m.DecodeBody(in.Body[n:]); err != nil {
			panic(err)
		}
		done := &message.AgentMovementComplete{}
		done.AgentData.AgentID, done.AgentData.SessionID = m.AgentData.AgentID, m.AgentData.SessionID
		c.reply(p, done)
		c.reply(p, &message.RegionHandshake{})
	}
}

func (c *idealConn) reply(p *udp.Packet, m message.Message) {
	c.sequence++
	var scratch []byte
	data, err := message.AppendPacket(nil, 0, c.sequence, m, &scratch)
	if err != nil {
		panic(err)
	}
	c.coming = append(c.coming, udp.Packet{Data: data, Endpoint: p.Endpoint, Peer: p.Peer})
}

func (c *idealConn) ReadBatch(p []udp.Packet) (int, error) {
	n := copy(p, c.coming)
	c.coming = c.coming[n:]
	if len(c.coming) == 0 {
		c.coming = nil
	}
	return n, nil
}

func (c *idealConn) Wait(d time.Duration) error {
	if len(c.coming) > 0 {
		d = 0
	}
	select {
	case <-c.woken:
	case <-time.After(d):
	}
	return nil
}

func (c *idealConn) Wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}
