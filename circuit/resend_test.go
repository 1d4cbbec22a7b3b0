package circuit

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// promptly makes the peer's acks come without a delay of their own.
func promptly(cfg *CircuitConfig) { cfg.AckDelay = -1 }

func TestReliablePacketIsDoneWhenAcked(t *testing.T) {
	for _, ack := range []string{"1 PacketAck(1)", "1 AgentUpdate acks 1"} {
		t.Run(ack, func(t *testing.T) {
			s := newScene(t)
			p := s.open()
			o := p.saysReliably("hi")
			p.expects("reliable 1 ChatFromViewer(hi)", 0)
			s.elapse(30 * ms)
			p.sends(ack, ack)
			s.turn()
			if o.calls != 1 || o.err != nil {
				t.Errorf("done called %d times, error %v; want once, nil", o.calls, o.err)
			}
			p.expectsNothing(10 * time.Second)
			want := []measurement{{OpAck, start, start, start.Add(30 * ms), ""}}
			if diff := cmp.Diff(want, s.measured, cmp.AllowUnexported(measurement{})); diff != "" {
				t.Errorf("measured (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResendDoublesItsTimeoutUpTo3s(t *testing.T) {
	s := newScene(t)
	p := s.open(promptly)
	p.saysReliably("hi")
	last := p.expects("reliable 1 ChatFromViewer(hi)", 0)
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
		at := p.expects("reliable resent 1 ChatFromViewer(hi)", want)
		if got := at.Sub(last); got != want {
			t.Errorf("resent after %v, want %v", got, want)
		}
		last = at
	}
	if got := s.loop.Stats().Resent; got != 4 {
		t.Errorf("%d resends counted, want 4", got)
	}
}

func TestResendWaitsAsLongAsAcksTake(t *testing.T) {
	tests := []struct {
		ackDelay, roundTrip, want time.Duration
	}{
		{-1, 10 * ms, minRTO},
		{-1, 100 * ms, 300 * ms}, // R + 4 * R/2
		{-1, 2 * time.Second, maxRTO},
		{0, 10 * ms, 30*ms + DefaultAckDelay},
		{200 * ms, 100 * ms, 500 * ms},
	}
	for _, tt := range tests {
		s := newScene(t)
		p := s.open(func(cfg *CircuitConfig) { cfg.AckDelay = tt.ackDelay })
		p.circuit.rtt.sample(tt.roundTrip)
		p.saysReliably("b")
		sent := p.expects("reliable 1 ChatFromViewer(b)", 0)
		at := p.expects("reliable resent 1 ChatFromViewer(b)", 4*time.Second)
		if got := at.Sub(sent); got != tt.want {
			t.Errorf("round trip %v, ack delay %v: resent after %v, want %v", tt.roundTrip, tt.ackDelay, got, tt.want)
		}
	}
}

func TestOneDatagramOfAcksIsOneSample(t *testing.T) {
	s := newScene(t)
	p := s.open(promptly)
	for i := range 5 {
		p.saysReliably(fmt.Sprint(i))
		s.elapse(10 * ms)
	}
	p.sends("1 PacketAck(5,1,3,2,4)")
	s.turn()
	if got := p.circuit.RTT(); got != 50*ms {
		t.Errorf("round trip %v, want the longest of the batch alone, 50ms", got)
	}
}

func TestResentPacketIsNoSample(t *testing.T) {
	s := newScene(t)
	p := s.open(promptly)
	o := p.saysReliably("hi")
	p.expects("reliable 1 ChatFromViewer(hi)", 0)
	p.expects("reliable resent 1 ChatFromViewer(hi)", time.Second)
	p.sends("1 PacketAck(1)")
	s.turn()
	if o.calls != 1 || len(s.measured) != 0 || p.circuit.RTT() != 0 {
		t.Errorf("done %d times, measured %v, round trip %v; want once, nothing, nothing", o.calls, s.measured, p.circuit.RTT())
	}
}

func TestResendCarriesNewAcksOnly(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("reliable 7 ChatFromSimulator(a)")
	s.turn()
	p.saysReliably("hi")
	p.expects("reliable 1 ChatFromViewer(hi) acks 7", 0)
	s.elapse(995 * ms)
	p.sends("reliable 8 ChatFromSimulator(b)")
	p.expects("reliable resent 1 ChatFromViewer(hi) acks 8", 5*ms)
	p.expects("reliable resent 1 ChatFromViewer(hi)", 3*time.Second)
}

func TestReliableAndUnacknowledgedForTheTimeoutEndsTheCircuit(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.Timeout = 10 * time.Second })
	o := p.saysReliably("hi")
	for range 12 { // the peer is not silent: it just acknowledges nothing
		s.elapse(time.Second)
		p.sends("1 ChatFromSimulator(x)")
	}
	s.turn()
	if !errors.Is(o.err, ErrTimeout) || o.calls != 1 || o.at.Sub(start) != 10*time.Second {
		t.Errorf("done %d times, after %v, error %v; want once, after 10s, ErrTimeout", o.calls, o.at.Sub(start), o.err)
	}
	if diff := cmp.Diff([]error{ErrTimeout}, p.closed, cmp.Comparer(errors.Is)); diff != "" {
		t.Errorf("closed with (-want +got):\n%s", diff)
	}
	stats := s.loop.Stats()
	if stats.Lost != 1 || stats.Timeouts != 1 || stats.Circuits != 0 {
		t.Errorf("lost %d, timeouts %d, circuits %d; want 1, 1, 0", stats.Lost, stats.Timeouts, stats.Circuits)
	}
}

func TestUnackedPacketsAreBounded(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.MaxUnacked = 3 })
	for i := range 3 {
		p.saysReliably(fmt.Sprint(i))
	}
	err := p.circuit.SendReliable(s.now, say("one too many"), func(Instant, error) { t.Error("done called") })
	if !errors.Is(err, ErrQueueFull) {
		t.Errorf("got error %v, want ErrQueueFull", err)
	}
	p.sends("1 PacketAck(2)")
	s.turn()
	if err := p.circuit.SendReliable(s.now, say("fits again"), nil); err != nil {
		t.Errorf("after an ack: %v", err)
	}
}

func TestManyResendsAreSpread(t *testing.T) {
	s := newScene(t)
	p := s.open(promptly)
	const n = 3*resendBurst + 1
	for i := range n {
		p.saysReliably(fmt.Sprint(i))
	}
	s.turn()
	p.written = nil
	perTick := map[Instant]int{}
	s.elapse(time.Second + 10*ms)
	for _, w := range p.written {
		perTick[w.at]++
		if perTick[w.at] > resendBurst {
			t.Fatalf("more than %d resends at once", resendBurst)
		}
	}
	if len(p.written) != n || len(perTick) != 4 {
		t.Errorf("%d resends in %d ticks, want %d in 4", len(p.written), len(perTick), n)
	}
}

func TestDoneMayCloseTheCircuit(t *testing.T) {
	s := newScene(t)
	p := s.open()
	var second outcome
	closing := func(now Instant, _ error) { p.circuit.Close(now, nil) }
	p.circuit.SendReliable(s.now, say("a"), closing)
	p.circuit.SendReliable(s.now, say("b"), second.done)
	for _, ack := range []string{"1 PacketAck(1,2)", "2 PacketAck(2)"} {
		p.sends(ack)
		s.turn()
	}
	if second.calls != 1 || !errors.Is(second.err, ErrClosed) {
		t.Errorf("the other packet: done %d times, error %v; want once, ErrClosed", second.calls, second.err)
	}
}

func TestPacketBuffersAreReused(t *testing.T) {
	s := newScene(t)
	p := s.open()
	long := strings.Repeat("x", smallPacket)
	for seq := 1; seq < 20; seq += 2 {
		p.saysReliably("short")
		p.saysReliably(long)
		p.sends(fmt.Sprintf("1 PacketAck(%d,%d)", seq, seq+1))
		s.turn()
	}
	for name, free := range map[string]*packet{"small": s.loop.packets.small, "large": s.loop.packets.large} {
		if free == nil || free.next != nil {
			t.Errorf("want one %s packet in the pool, after ten used it in turn", name)
		}
	}
}
