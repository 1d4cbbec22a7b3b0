package circuit

import (
	"errors"
	"fmt"
	"testing"
)

func TestWritesAreCollectedUntilTheTurnEnds(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.says("a")
	p.says("b")
	if len(p.written) != 0 {
		t.Error("written before the turn ended")
	}
	p.expects("1 ChatFromViewer(a)", 0)
	p.expects("2 ChatFromViewer(b)", 0)
}

func TestFullGroupsAreWrittenAtOnce(t *testing.T) {
	s := newScene(t)
	p := s.open()
	for i := range writeGroup + 1 {
		p.says(fmt.Sprint(i))
	}
	if len(p.written) != writeGroup {
		t.Errorf("%d packets written at once, want %d", len(p.written), writeGroup)
	}
}

func TestWhatTheConnDoesNotTakeIsOfferedAgain(t *testing.T) {
	s := newScene(t)
	p := s.open()
	room := 3
	s.conn.room = &room
	const n = 40
	for i := range n {
		p.says(fmt.Sprint(i))
	}
	if wait := s.turn(); wait > ms {
		t.Errorf("the loop waits %v though packets wait to be written", wait)
	}
	room = n
	s.elapse(2 * ms)
	for i := range n {
		p.expects(fmt.Sprintf("%d ChatFromViewer(%d)", i+1, i), 0)
	}
}

func TestOutboxIsBounded(t *testing.T) {
	s := newScene(t)
	p := s.open()
	room := 0
	s.conn.room = &room
	for i := range outboxSlots + 5 {
		p.says(fmt.Sprint(i))
	}
	if got := s.loop.Stats().SendDrops; got != 5 {
		t.Errorf("%d packets dropped, want 5", got)
	}
	room = outboxSlots
	s.turn()
	if len(p.written) != outboxSlots {
		t.Errorf("%d packets written, want %d", len(p.written), outboxSlots)
	}
}

func TestReliablePacketThatFoundNoRoomIsResent(t *testing.T) {
	s := newScene(t)
	p := s.open()
	room := 0
	s.conn.room = &room
	for i := range outboxSlots {
		p.says(fmt.Sprint(i))
	}
	o := p.saysReliably("important")
	room = 1 << 20
	s.turn()
	p.written = nil
	p.expects(fmt.Sprintf("reliable resent %d ChatFromViewer(important)", outboxSlots+1), initialRTO)
	p.sends(fmt.Sprintf("1 PacketAck(%d)", outboxSlots+1))
	s.turn()
	if o.calls != 1 || o.err != nil {
		t.Errorf("done %d times, error %v; want once, nil", o.calls, o.err)
	}
}

func TestFailureOfTheConnEndsTheTurn(t *testing.T) {
	broken := errors.New("broken")
	for _, act := range []func(p *peer){
		func(*peer) {},
		func(p *peer) { p.says("x") },
	} {
		s := newScene(t)
		p := s.open()
		act(p)
		s.conn.broken = broken
		if _, err := s.loop.turn(); !errors.Is(err, broken) {
			t.Errorf("got error %v, want the Conn's", err)
		}
	}
}
