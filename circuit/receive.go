package circuit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// receive works on one datagram.
func (l *Loop) receive(now, at Instant, raw *udp.Packet) {
	l.stats.PacketsReceived++
	l.stats.BytesReceived += uint64(len(raw.Data))
	if l.tap != nil {
		l.tap(at, false, l.conn.Local(raw.Endpoint), raw.Peer.AddrPort(), raw.Data)
	}
	in := &l.in
	in.now, in.at, in.raw = now, at, raw
	var err error
	if in.packet, err = message.ParsePacket(raw.Data); err != nil {
		l.malformed(err)
		return
	}
	if raw.Truncated {
		l.stats.malformed["truncated"]++
		return
	}
	c := l.circuits.find(key{raw.Endpoint, raw.Peer})
	if c != nil && l.accept != nil && c.replacedBy(&in.packet) {
		c.Close(now, ErrReplaced)
		c = nil
	}
	if c == nil {
		if c = l.admit(in); c == nil {
			l.stats.Unknown++
			return
		}
	}
	c.receive(in)
}

// admit asks a server about a packet from a peer without a circuit.
func (l *Loop) admit(in *arrived) *Circuit {
	if l.accept == nil {
		return nil
	}
	number, err := l.number(in)
	if err != nil {
		l.malformed(err)
		return nil
	}
	id, known := message.Lookup(number)
	if !known {
		return nil
	}
	ev := l.decode(in, id)
	if ev == nil || !l.accept(ev) {
		return nil
	}
	return l.circuits.find(key{in.raw.Endpoint, in.raw.Peer})
}

// useCircuitCode is the wire number of UseCircuitCode, Low 3, before the code.
var useCircuitCode = []byte{0xFF, 0xFF, 0x00, 0x03}

// replacedBy tells whether the packet is a UseCircuitCode with another code
// than this circuit's: the peer came back, and its sequence starts over, which
// the duplicate window would take for old packets.
func (c *Circuit) replacedBy(p *message.Packet) bool {
	return c.code != 0 && len(p.Body) >= 8 && p.Flags&message.FlagZerocoded == 0 &&
		bytes.HasPrefix(p.Body, useCircuitCode) && binary.LittleEndian.Uint32(p.Body[4:]) != c.code
}

// receive takes the packet's acks, judges whether it is new, and delivers it.
func (c *Circuit) receive(in *arrived) {
	c.stats.PacketsReceived++
	c.stats.BytesReceived += uint64(len(in.raw.Data))
	c.lastHeard = in.now
	if !c.heard {
		c.heard = true
		c.startPings(in.now)
	}
	if in.packet.Flags&message.FlagAcks != 0 {
		c.takeAppended(in)
	}
	if c.closed {
		return
	}
	if in.packet.Flags&message.FlagReliable != 0 && !c.admit(in) {
		return
	}
	c.loop.deliver(c, in)
}

// admit acknowledges a reliable packet, a duplicate again, and tells whether
// it is new.
func (c *Circuit) admit(in *arrived) bool {
	c.oweAck(in.now, in.at, in.packet.Sequence)
	switch c.received.arrive(in.packet.Sequence, in.packet.Flags&message.FlagResent != 0) {
	case fresh:
		return true
	case stale:
		c.loop.stats.Stale++
	}
	c.stats.Duplicates++
	c.loop.stats.Duplicates++
	return false
}

func (c *Circuit) takeAppended(in *arrived) {
	var longest time.Duration
	for i := range in.packet.NumAcks() {
		if c.acked(in, in.packet.Ack(i), &longest); c.closed {
			return
		}
	}
	c.sampled(longest)
}

// ownMessage tells which messages the circuit itself handles.
func ownMessage(id message.ID) bool {
	switch id {
	case message.IDPacketAck, message.IDStartPingCheck, message.IDCompletePingCheck, message.IDCloseCircuit:
		return true
	}
	return false
}

// protocol handles them. CloseCircuit ends the circuit when all handlers had
// it.
func (c *Circuit) protocol(in *arrived, m message.Message) {
	switch m := m.(type) {
	case *message.PacketAck:
		var longest time.Duration
		for i := range m.Packets {
			if c.acked(in, m.Packets[i].ID, &longest); c.closed {
				return
			}
		}
		c.sampled(longest)
	case *message.StartPingCheck:
		c.answerPing(in.now, m)
	case *message.CompletePingCheck:
		c.pingAnswered(in.at, m)
	}
}

// malformed counts a packet by what is wrong with it.
func (l *Loop) malformed(err error) {
	var r interface{ Reason() string }
	reason := "other"
	if errors.As(err, &r) {
		reason = r.Reason()
	}
	l.stats.malformed[reason]++
}
