package circuit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slload/slload/message"
)

func TestAckComesWithin20ms(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("reliable 7 ChatFromSimulator(hello)")
	p.expects("1 PacketAck(7)", 20*ms)
	s.hears("(hello)")
	p.expectsNothing(DefaultTimeout / 2)
}

func TestAcksRideOnWhatGoesOutAnyway(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("reliable 7 ChatFromSimulator(a)", "reliable 8 ChatFromSimulator(b)")
	s.elapse(5 * ms)
	p.says("hi")
	p.expects("1 ChatFromViewer(hi) acks 7,8", 0)
	p.expectsNothing(100 * ms)
}

func TestUnreliablePacketsAreNotAcked(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("7 ChatFromSimulator(a)")
	p.expectsNothing(100 * ms)
	s.hears("(a)")
}

func TestAcksOf20msShareOnePacket(t *testing.T) {
	s := newScene(t)
	p := s.open()
	for seq := range 5 {
		p.sends(fmt.Sprintf("reliable %d ChatFromSimulator(x)", seq+1))
		s.elapse(3 * ms)
	}
	p.expects("1 PacketAck(1,2,3,4,5)", 8*ms)
	p.expectsNothing(100 * ms)
}

func TestFiftyAcksDoNotWait(t *testing.T) {
	s := newScene(t)
	p := s.open()
	var numbers []string
	for seq := range 60 {
		p.sends(fmt.Sprintf("reliable %d ChatFromSimulator(x)", seq+1))
		numbers = append(numbers, fmt.Sprint(seq+1))
	}
	p.expects("1 PacketAck("+strings.Join(numbers[:50], ",")+")", 0)
	p.expects("2 PacketAck("+strings.Join(numbers[50:], ",")+")", 20*ms)
}

func TestAcksThatDoNotFitStayOwed(t *testing.T) {
	s := newScene(t)
	p := s.open()
	for seq := range 40 {
		p.sends(fmt.Sprintf("reliable %d ChatFromSimulator(x)", seq+1))
	}
	s.turn()
	// Room for the count byte and four acks of four bytes.
	overhead := len(packetBytes(t, "1 ChatFromViewer(x)")) - 1
	text := strings.Repeat("x", MaxDatagram-overhead-1-4*4)
	p.says(text)
	p.expects("1 ChatFromViewer("+text+") acks 1,2,3,4", 0)
	var left []string
	for seq := 5; seq <= 40; seq++ {
		left = append(left, fmt.Sprint(seq))
	}
	p.expects("2 PacketAck("+strings.Join(left, ",")+")", 20*ms)
}

func TestClosingSendsOwedAcks(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.sends("reliable 7 ChatFromSimulator(hello)")
	s.turn()
	p.circuit.Close(s.now, nil)
	p.expects("1 PacketAck(7)", 0)
}

func TestAckQueuesAreReused(t *testing.T) {
	s := newScene(t)
	for range 3 {
		p := s.open()
		p.sends("reliable 7 ChatFromSimulator(hello)")
		p.expects("1 PacketAck(7)", 20*ms)
		if p.circuit.acks != nil {
			t.Error("the circuit keeps its ack queue though it owes nothing")
		}
	}
	if n := len(s.loop.acks.free); n != 1 {
		t.Errorf("want one ack queue in the pool, after three circuits used it in turn; there are %d", n)
	}
}

func TestPacketAckFitsItsDatagram(t *testing.T) {
	m := &message.PacketAck{Packets: make([]message.PacketAckPackets, message.MaxAcks)}
	var scratch []byte
	pkt, err := message.AppendPacket(nil, 0, 1, m, &scratch)
	if err != nil || len(pkt) > MaxDatagram {
		t.Errorf("PacketAck of %d acks: %d bytes, error %v", message.MaxAcks, len(pkt), err)
	}
}
