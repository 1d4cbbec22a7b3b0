package circuit

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestThrottleKeepsItsRate(t *testing.T) {
	const rate = 10_000
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.BytesPerSecond = rate })
	text := strings.Repeat("x", 500)
	for range 100 {
		p.says(text)
	}
	s.elapse(3 * time.Second)
	sent := 0
	for _, w := range p.written {
		sent += len(w.data)
	}
	// The rate, its burst of 100 ms, and the packet that overdraws it.
	if sent < 3*rate || sent > 3*rate+rate/10+600 {
		t.Errorf("%d bytes in 3s, want %d to %d", sent, 3*rate, 3*rate+rate/10+600)
	}
}

func TestThrottledPacketsKeepTheirOrder(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.BytesPerSecond = 1000 })
	long := strings.Repeat("x", 300)
	p.says(long)
	p.saysReliably("b")
	p.says("c")
	p.expects("1 ChatFromViewer("+long+")", 0)
	p.expects("reliable 2 ChatFromViewer(b)", time.Second)
	p.expects("3 ChatFromViewer(c)", time.Second)
}

func TestThrottleNeitherDelaysAcksNorPingsNorResends(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.BytesPerSecond = 100; cfg.AckDelay = -1 })
	p.saysReliably(strings.Repeat("x", 1000)) // overdraws ten seconds
	s.turn()
	p.written = nil
	p.says("waits")
	p.sends("reliable 7 StartPingCheck(1,1)")
	p.expects("2 CompletePingCheck(1) acks 7", 0)
	p.sends("reliable 8 ChatFromSimulator(x)")
	p.expects("3 PacketAck(8)", 20*ms)
	p.expects("reliable resent 1 ChatFromViewer("+strings.Repeat("x", 1000)+")", time.Second)
}

func TestTimeoutOfAThrottledPacketBeginsWhenItIsSent(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.BytesPerSecond = 100; cfg.AckDelay = -1 })
	p.says(strings.Repeat("x", 300))
	p.saysReliably("b")
	s.turn()
	p.written = nil
	sent := p.expects("reliable 2 ChatFromViewer(b)", 10*time.Second)
	if sent.Sub(start) < 2*time.Second {
		t.Fatalf("sent after %v, so the throttle did not hold it back", sent.Sub(start))
	}
	resent := p.expects("reliable resent 2 ChatFromViewer(b)", 10*time.Second)
	if got := resent.Sub(sent); got != initialRTO {
		t.Errorf("resent after %v, want %v", got, initialRTO)
	}
	p.sends("1 PacketAck(2)")
	s.turn()
}

func TestWaitingPacketsAreBounded(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.BytesPerSecond = 100; cfg.MaxWaiting = 3 })
	p.says(strings.Repeat("x", 500))
	for i := range 3 {
		p.says(fmt.Sprint(i))
	}
	if err := p.circuit.Send(s.now, say("one too many")); !errors.Is(err, ErrQueueFull) {
		t.Errorf("got error %v, want ErrQueueFull", err)
	}
	if got := p.circuit.Stats().Waiting; got != 3 {
		t.Errorf("%d packets wait, want 3", got)
	}
}

func TestResponseTimeHoldsTheWaitForTheThrottle(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.BytesPerSecond = 1000 })
	p.says(strings.Repeat("x", 600))
	p.saysReliably("b")
	s.turn()
	p.written = nil
	sent := p.expects("reliable 2 ChatFromViewer(b)", time.Second)
	p.sends("1 PacketAck(2)")
	s.turn()
	want := measurement{OpAck, start, sent, sent, ""}
	if len(s.measured) != 1 || s.measured[0] != want || sent == start {
		t.Errorf("measured %+v, want %+v", s.measured, want)
	}
}
