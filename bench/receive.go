package main

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// receive works on one datagram. Most are AgentUpdates and acks.
func (s *simulator) receive(now time.Duration, raw *udp.Packet) {
	p, err := message.ParsePacket(raw.Data)
	if err != nil {
		s.counts.OtherReceived++
		return
	}
	v := s.byPeer[raw.Peer]
	if v != nil {
		for i := range p.NumAcks() {
			s.acknowledged(v, p.Ack(i))
		}
		if p.Body[0] == agentUpdateNumber { // High: one byte, and nothing of it is zero-coded
			s.counts.Updates++
			return
		}
	}
	body, err := p.Decoded(s.zero)
	if err != nil {
		s.counts.OtherReceived++
		return
	}
	number, n, err := message.ReadNumber(body)
	if err != nil {
		s.counts.OtherReceived++
		return
	}
	id, _ := message.Lookup(number)
	if v == nil {
		if v = s.admit(id, body[n:], raw.Peer); v == nil {
			return
		}
	}
	if p.Flags&message.FlagReliable != 0 {
		s.acknowledge(v, p.Sequence)
	}
	s.handle(now, v, id, body[n:])
}

// agentUpdateNumber is High 4.
const agentUpdateNumber = 4

// admit makes a visitor of who brings a circuit code that a login gave out.
func (s *simulator) admit(id message.ID, body []byte, peer udp.Addr) *visitor {
	var m message.UseCircuitCode
	if id != message.IDUseCircuitCode {
		return nil
	}
	if _, err := m.DecodeBody(body); err != nil || m.CircuitCode.Code == 0 || int(m.CircuitCode.Code) > len(s.visitors) {
		return nil
	}
	v := &s.visitors[m.CircuitCode.Code-1]
	if v.peer != (udp.Addr{}) { // the code is taken
		return nil
	}
	v.peer = peer
	s.byPeer[peer] = v
	return v
}

// handle answers one message of a visitor's.
func (s *simulator) handle(now time.Duration, v *visitor, id message.ID, body []byte) {
	switch id {
	case message.IDPacketAck:
		s.counts.Acks++
		for _, a := range decode(&message.PacketAck{}, body).Packets {
			s.acknowledged(v, a.ID)
		}
	case message.IDStartPingCheck:
		s.counts.PingsReceived++
		s.counts.PingsSent++
		pong := message.CompletePingCheck{}
		pong.PingID.PingID = decode(&message.StartPingCheck{}, body).PingID.PingID
		s.send(v, 0, encode(&pong))
	case message.IDCompletePingCheck:
		s.counts.PingsReceived++
	case message.IDCompleteAgentMovement:
		s.counts.OtherReceived++
		m := decode(&message.CompleteAgentMovement{}, body).AgentData
		s.counts.OtherSent += 3
		s.sendReliable(now, v, s.handshake)
		s.sendReliable(now, v, movementComplete(m.AgentID, m.SessionID))
		s.sendReliable(now, v, ownAvatar(m.AgentID))
	case message.IDRegionHandshakeReply:
		s.counts.OtherReceived++
		if !v.inWorld {
			v.inWorld = true
			s.counts.InWorld++
		}
	default:
		s.counts.OtherReceived++
	}
}

// decode reads a message; one that doesn't hold together stays as far as it
// was read.
func decode[M message.Message](m M, body []byte) M {
	_, _ = m.DecodeBody(body)
	return m
}

// acknowledge sends an ack at once: agents send reliably when they arrive,
// and hardly after.
func (s *simulator) acknowledge(v *visitor, seq uint32) {
	s.counts.OtherSent++
	s.send(v, 0, encode(&message.PacketAck{Packets: []message.PacketAckPackets{{ID: seq}}}))
}

// acknowledged ends the wait for a packet's ack.
func (s *simulator) acknowledged(v *visitor, seq uint32) {
	for i := range v.unacked {
		if v.unacked[i].sequence == seq {
			v.unacked = slices.Delete(v.unacked, i, i+1)
			s.counts.Acknowledged++
			return
		}
	}
}

// Ids that follow from the circuit code: nothing is to be kept.
func agentID(code uint32) uuid.UUID   { return numbered('a', code) }
func sessionID(code uint32) uuid.UUID { return numbered('s', code) }

func numbered(kind byte, n uint32) uuid.UUID {
	return uuid.UUID{0: kind, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}
