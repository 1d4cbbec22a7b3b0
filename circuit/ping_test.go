package circuit

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pinging makes a circuit ping every 5 s; the seed is one whose first ping
// comes at once.
func pinging(cfg *CircuitConfig) { cfg.PingEvery = 0 }

func TestPingIsAnsweredInTheSameTurn(t *testing.T) {
	s := newScene(t)
	p := s.open()
	for _, id := range []int{0, 200, 255} {
		p.sends(fmt.Sprintf("1 StartPingCheck(%d,1)", id))
	}
	p.expects("1 CompletePingCheck(0)", 0)
	p.expects("2 CompletePingCheck(200)", 0)
	p.expects("3 CompletePingCheck(255)", 0)
}

func TestPingsBeginWhenThePeerIsHeard(t *testing.T) {
	s := newScene(t)
	p := s.open(pinging)
	p.expectsNothing(3 * DefaultPing)
	p.sends("1 ChatFromSimulator(x)")
	first := p.expects("1 StartPingCheck(1,1)", DefaultPing)
	second := p.expects("2 StartPingCheck(2,2)", DefaultPing)
	if got := second.Sub(first); got.Round(ms) != DefaultPing {
		t.Errorf("the second ping came after %v, want %v", got, DefaultPing)
	}
}

func TestPingIsMeasuredByReceiveTime(t *testing.T) {
	s := newScene(t)
	p := s.open(pinging)
	p.sends("1 ChatFromSimulator(x)")
	sent := p.expects("1 StartPingCheck(1,1)", DefaultPing)
	s.now = s.now.Add(40 * ms)
	p.sends("2 CompletePingCheck(1)")
	s.now = s.now.Add(7 * ms) // the loop is late
	s.turn()
	if len(s.measured) != 1 {
		t.Fatalf("measured %v, want one ping", s.measured)
	}
	m := s.measured[0]
	if m.op != OpPing || m.reason != "" || m.sent != sent || m.end != sent.Add(40*ms) {
		t.Errorf("measured %+v, want msg.ping from %d to 40ms later", m, sent)
	}
	if lag := m.sent.Sub(m.intended); lag < 0 || lag > ms {
		t.Errorf("sent %v after the intended time, want a tick at most", lag)
	}
	if got := p.circuit.Stats().Ping; got != 40*ms {
		t.Errorf("circuit's ping %v, want 40ms", got)
	}
}

func TestPingTellsTheOldestUnacked(t *testing.T) {
	s := newScene(t)
	p := s.open(pinging)
	p.saysReliably("a")
	p.saysReliably("b")
	p.sends("1 PacketAck(1)")
	s.turn()
	p.written = nil
	for {
		s.elapse(10 * ms)
		if n := len(p.written); n > 0 && describe(t, p.written[n-1].data) == "3 StartPingCheck(1,2)" {
			break
		}
		if s.now > start.Add(DefaultPing+time.Second) {
			t.Fatalf("no ping that tells 2")
		}
	}
}

func TestPingIDsWrapAndLostPingsAreCounted(t *testing.T) {
	s := newScene(t)
	p := s.open(pinging)
	p.sends("1 ChatFromSimulator(x)")
	s.turn()
	p.circuit.ping.id = 253
	for i, id := range []int{254, 255, 0, 1, 2} {
		p.expects(fmt.Sprintf("%d StartPingCheck(%d,%d)", i+1, id, i+1), DefaultPing+ms)
	}
	p.sends("2 CompletePingCheck(254)", "3 CompletePingCheck(0)", "4 CompletePingCheck(0)", "5 CompletePingCheck(77)")
	s.turn()
	var got []string
	for _, m := range s.measured {
		got = append(got, fmt.Sprintf("%s %v %s", m.op, m.end.Sub(m.sent).Round(time.Second), m.reason))
	}
	// 254 was given up when 2 took its place; 0 was answered late, and once.
	if diff := cmp.Diff([]string{"msg.ping 20s timeout", "msg.ping 10s "}, got); diff != "" {
		t.Errorf("measured (-want +got):\n%s", diff)
	}
}

func TestMissedPingsAreSkippedAndCounted(t *testing.T) {
	s := newScene(t)
	p := s.open(pinging)
	p.sends("1 ChatFromSimulator(x)")
	p.expects("1 StartPingCheck(1,1)", DefaultPing)
	s.now = s.now.Add(3*DefaultPing + DefaultPing/2) // the process was stopped
	p.expects("2 StartPingCheck(2,2)", 0)
	p.expectsNothing(DefaultPing/2 - 10*ms)
	p.expects("3 StartPingCheck(3,3)", 20*ms)
	if got := s.loop.Stats().SkippedTicks; got != 2 || s.counts["ping.skipped"] != 2 {
		t.Errorf("%d ticks skipped, %d reported, want 2", got, s.counts["ping.skipped"])
	}
}

func TestPingsOfManyCircuitsAreSpread(t *testing.T) {
	s := newScene(t)
	const n = 1000
	perSlot := make([]int, 10)
	for range n {
		p := s.open(pinging)
		p.sends("1 ChatFromSimulator(x)")
	}
	s.elapse(DefaultPing)
	for _, p := range s.peers {
		if len(p.written) != 1 {
			t.Fatalf("%d pings in the first period, want 1", len(p.written))
		}
		slot := p.written[0].at.Sub(start) * time.Duration(len(perSlot)) / DefaultPing
		perSlot[min(int(slot), len(perSlot)-1)]++
	}
	for i, got := range perSlot {
		if got < n/20 || got > n/5 {
			t.Errorf("slot %d of the period has %d of %d pings", i, got, n)
		}
	}
}

func TestNextTick(t *testing.T) {
	tests := []struct {
		at, now, next Instant
		skipped       int
	}{
		{100, 100, 110, 0},
		{100, 109, 110, 0},
		{100, 110, 120, 1},
		{100, 135, 140, 3},
	}
	for _, tt := range tests {
		next, skipped := NextTick(tt.at, 10, tt.now)
		if next != tt.next || skipped != tt.skipped {
			t.Errorf("NextTick(%d, 10, %d) = %d, %d; want %d, %d", tt.at, tt.now, next, skipped, tt.next, tt.skipped)
		}
	}
}
