package circuit

import (
	"testing"
	"time"

	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/message"
)

// FuzzReceive lets a peer send anything, in any order with what this side
// does. Nothing may panic, nothing may grow past its bound, and what goes out
// must be well formed. The input is a list of steps, each a length and that
// many bytes: a datagram, or for the lengths above 250 something of ours.
func FuzzReceive(f *testing.F) {
	steps := func(packets ...string) (input []byte) {
		for _, line := range packets {
			data := packetBytes(f, line)
			input = append(append(input, byte(len(data))), data...)
		}
		return input
	}
	f.Add(steps("reliable 1 UseCircuitCode(1001)", "reliable 2 ChatFromViewer(hi) acks 1,2", "reliable 1 UseCircuitCode(1002)"))
	f.Add(append(steps("1 StartPingCheck(1,1)", "2 CompletePingCheck(1)", "reliable 3 PacketAck(1,2,3)"), 255, 252, 253))
	f.Add(append([]byte{255, 255}, steps("reliable 7 CloseCircuit", "16777215 ChatFromViewer(x)", "0 ChatFromViewer(x)")...))
	f.Add([]byte("\x07\x80\x00\x00\x00\x01\x00\x00\x09\x40\x00\x00\x00\x09\x00\xFF\xFF\x00"))
	var real []byte // a piece of what was really said, as far as a length fits a byte
	captured.SeedDatagrams(f, func(data []byte) {
		if len(data) <= 250 && len(real) < 8<<10 {
			real = append(append(real, byte(len(data))), data...)
		}
	})
	f.Add(real)
	f.Fuzz(func(t *testing.T, input []byte) {
		s := newScene(t, serve)
		p := s.open(func(cfg *CircuitConfig) { cfg.PingEvery, cfg.MaxUnacked, cfg.Code = 0, 8, 1001 })
		server := s.stranger()
		server.endpoint = p.endpoint
		for len(input) > 0 {
			n := int(input[0])
			input = input[1:]
			if n > 250 {
				act(p, n)
				continue
			}
			n = min(n, len(input))
			p.sendsBytes(input[:n])
			server.sendsBytes(input[:n])
			input = input[n:]
			s.turn()
			checkBounds(t, s)
		}
		s.elapse(30 * ms)
		for _, p := range s.peers {
			for _, w := range p.written {
				describe(t, w.data)
			}
		}
	})
}

// act is what this side may do between two packets.
func act(p *peer, what int) {
	switch what {
	case 255:
		p.circuit.SendReliable(p.now, say("hello"), nil)
	case 254:
		p.circuit.Send(p.now, say("hello"))
	case 253:
		p.elapse(time.Second)
	case 252:
		p.elapse(20 * ms)
	case 251:
		p.circuit.Want(message.IDSimStats, true)
	}
}

func checkBounds(t *testing.T, s *scene) {
	t.Helper()
	if n := len(s.loop.circuits.all); n > 2 {
		t.Fatalf("%d circuits open, at most 2 peers are there", n)
	}
	for _, c := range s.loop.circuits.all {
		if c.acks != nil && (c.acks.n == 0 || c.acks.n >= ackBurst) {
			t.Fatalf("%d acks owed", c.acks.n)
		}
		if c.unacked.n > c.maxUnacked {
			t.Fatalf("%d packets unacknowledged, at most %d may be", c.unacked.n, c.maxUnacked)
		}
		if !c.timer.Scheduled() {
			t.Fatal("a circuit's timer does not run")
		}
	}
}
