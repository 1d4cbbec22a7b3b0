package main

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// simulator is a region's UDP side as far as the wire goes: it lets agents in,
// acknowledges, answers and sends pings, sends its messages by the schedule,
// and sends reliable ones again that aren't acknowledged. There is no world
// behind it, and it costs far less for each packet than the agents do. One
// goroutine owns it; HTTP reaches it by requests only.
type simulator struct {
	conn     udp.Conn
	schedule schedule
	visitors []visitor // by circuit code - 1
	byPeer   map[udp.Addr]*visitor
	requests chan func(now time.Duration)

	began bool // the schedule
	start time.Duration
	sent  int // messages of the schedule, or passed over

	in      [batch]udp.Packet
	out     [batch]udp.Packet
	buffers [batch][1024]byte
	queued  int
	zero    []byte

	chat, terse, handshake datagram

	counts counts
	logins atomic.Uint32 // the last circuit code given out
}

// counts are datagrams since the start, as the simulator saw them. Its own
// words for each: what it got from agents, then what it sent them.
type counts struct {
	Updates       uint64 // AgentUpdate
	Acks          uint64 // PacketAck
	Acknowledged  uint64 // packets, by PacketAck or by acks that rode on others
	PingsReceived uint64 // StartPingCheck, CompletePingCheck
	OtherReceived uint64

	Messages  uint64 // of the schedule
	Resent    uint64
	PingsSent uint64
	OtherSent uint64
	Lost      uint64 // not taken by the socket
	InWorld   int

	CPU time.Duration // of the simulator's process, set when it is asked
}

// visitor is one agent.
type visitor struct {
	peer     udp.Addr
	inWorld  bool
	sequence uint32
	ping     byte
	unacked  []unacked // oldest first
}

// unacked is a reliable packet that waits for its ack.
type unacked struct {
	sequence uint32
	due      time.Duration // to be sent again
	what     datagram
}

// resendAfter is OpenSimulator's first retransmission timeout.
const resendAfter = time.Second

// flagResent marks what is sent again.
const flagResent = message.FlagReliable | message.FlagResent

func newSimulator(conn udp.Conn, s schedule) *simulator {
	sim := &simulator{
		conn: conn, schedule: s, visitors: make([]visitor, s.agents), byPeer: make(map[udp.Addr]*visitor, s.agents),
		requests: make(chan func(time.Duration)), zero: make([]byte, 0, message.MaxBody),
		chat: chatLine(), terse: terseUpdate(), handshake: handshake(),
	}
	return sim
}

// run serves until the connection is closed.
func (s *simulator) run() error {
	start := time.Now()
	for next := slot; ; {
		now := time.Since(start)
		if err := s.turn(now); err != nil {
			return err
		}
		for next <= now {
			next += slot
		}
		if err := s.conn.Wait(next - time.Since(start)); err != nil {
			return fmt.Errorf("wait: %w", err)
		}
	}
}

// turn does what there is to do at now, which is counted from any start.
func (s *simulator) turn(now time.Duration) error {
	select {
	case f := <-s.requests:
		f(now)
	default:
	}
	for {
		n, err := s.conn.ReadBatch(s.in[:])
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if n == 0 {
			break
		}
		for i := range s.in[:n] {
			s.receive(now, &s.in[i])
		}
	}
	s.sendDue(now)
	return s.flush()
}

// begin starts the schedule.
func (s *simulator) begin(now time.Duration) {
	if !s.began {
		s.began, s.start = true, now
	}
}

// sendDue sends what the schedule says to whoever is in world.
func (s *simulator) sendDue(now time.Duration) {
	if !s.began {
		return
	}
	for want := s.schedule.due(now - s.start); s.sent < want; s.sent++ {
		t := s.schedule.at(s.sent)
		v := &s.visitors[t.agent]
		if !v.inWorld {
			continue
		}
		s.resend(now, v)
		if t.ping {
			s.sendPing(v)
		}
		s.counts.Messages++
		if t.chat {
			s.sendReliable(now, v, s.chat)
		} else {
			s.send(v, 0, s.terse)
		}
	}
}

// resend sends again what was not acknowledged in time.
func (s *simulator) resend(now time.Duration, v *visitor) {
	for i := range v.unacked {
		if u := &v.unacked[i]; u.due <= now {
			u.due = now + resendAfter
			s.counts.Resent++
			s.put(v, flagResent, u.sequence, u.what)
		}
	}
}

func (s *simulator) sendPing(v *visitor) {
	v.ping++
	m := message.StartPingCheck{}
	m.PingID.PingID = v.ping
	if len(v.unacked) > 0 {
		m.PingID.OldestUnacked = v.unacked[0].sequence
	}
	s.counts.PingsSent++
	s.send(v, 0, encode(&m))
}

func (s *simulator) sendReliable(now time.Duration, v *visitor, d datagram) {
	s.send(v, message.FlagReliable, d)
	v.unacked = append(v.unacked, unacked{v.sequence, now + resendAfter, d})
}

func (s *simulator) send(v *visitor, flags message.Flags, d datagram) {
	v.sequence++
	s.put(v, flags, v.sequence, d)
}

// put queues a packet.
func (s *simulator) put(v *visitor, flags message.Flags, seq uint32, d datagram) {
	if s.queued == len(s.out) {
		_ = s.flush() // a broken connection fails again at the turn's end
	}
	s.out[s.queued] = udp.Packet{Data: d.stamp(s.buffers[s.queued][:], flags, seq), Peer: v.peer}
	s.queued++
}

// flush writes what is queued. What the kernel doesn't take is lost: it is
// counted, and the agents won't have got what the floor got.
func (s *simulator) flush() error {
	n, err := s.conn.WriteBatch(s.out[:s.queued])
	s.counts.Lost += uint64(s.queued - n)
	s.queued = 0
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
