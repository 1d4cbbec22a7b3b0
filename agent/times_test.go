package agent

import (
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// noted is an observer that keeps what it is told last.
type noted struct{ measurement }

func (n *noted) Done(op string, intended, sent, end circuit.Instant, reason string) {
	n.measurement = measurement{op, intended, sent, end, reason}
}
func (n *noted) Count(string, int) {}

// Round trips end when the kernel had the datagram, not when the loop got to
// it.
func TestTimesEndWithTheKernels(t *testing.T) {
	var saw noted
	s := newStill(t)
	s.agent.opt.Observer = &saw
	now := circuit.Now().Add(time.Second)
	ev := &circuit.Event{Now: now, At: now.Add(-300 * time.Millisecond)}

	r := s.region
	entered := make(chan entry, 1)
	r.moved, r.handshaken, r.entered = 0, 0, entered
	r.handshake(&circuit.Event{Now: now, At: ev.At.Add(-time.Millisecond)}, &message.RegionHandshake{})
	done := &message.AgentMovementComplete{}
	done.AgentData.AgentID, done.AgentData.SessionID = s.agent.ID, s.agent.session
	r.movementComplete(ev, done)
	if e := <-entered; e.at != ev.At || saw.end != ev.At || saw.op != OpHandshake {
		t.Errorf("in world %v after the datagram came, measured %+v", e.at.Sub(ev.At), saw)
	}

	line := &awaited{op: OpChat, from: s.agent.ID, text: "hello", heard: make(chan circuit.Instant, 1)}
	s.agent.heard = []*awaited{line}
	r.chat(ev, lineFrom(s.agent.ID, "hello"))
	if at := <-line.heard; at != ev.At {
		t.Errorf("the line was heard %v after it came", at.Sub(ev.At))
	}

	if err := s.agent.requestLogout(ev.At.Add(-time.Second), 1); err != nil {
		t.Fatal(err)
	}
	reply := &message.LogoutReply{}
	reply.AgentData.AgentID, reply.AgentData.SessionID = s.agent.ID, s.agent.session
	r.loggedOut(ev, reply)
	if saw.op != OpLogout || saw.end != ev.At || saw.reason != "" {
		t.Errorf("measured %+v, want the end %d", saw, ev.At)
	}
}
