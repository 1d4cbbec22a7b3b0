package circuit

import (
	"time"

	"github.com/slload/slload/message"
)

const (
	// ackWithin is how long an ack waits for a packet to ride on. A
	// simulator that waits for acks longer than some 20 ms spins and
	// resends; timer ticks and the turn take the rest of that.
	ackWithin = 18 * time.Millisecond

	// ackBurst acks don't wait: with more than 50 packets unacknowledged on
	// one client OpenSimulator's send loop stops sleeping.
	ackBurst = 50
)

// ackQueue holds the sequence numbers that a circuit owes acks for. A circuit
// has one only while it owes any; the loop keeps the rest for reuse.
type ackQueue struct {
	n       int
	numbers [message.MaxAcks]uint32
}

// drop forgets the first n.
func (q *ackQueue) drop(n int) {
	q.n = copy(q.numbers[:], q.numbers[n:q.n])
}

// ackPool keeps empty ack queues. They aren't chained: to take one would be to wait
// for its memory.
type ackPool struct{ free []*ackQueue }

func (p *ackPool) get() *ackQueue {
	last := len(p.free) - 1
	if last < 0 {
		return new(ackQueue)
	}
	q := p.free[last]
	p.free = p.free[:last]
	q.n = 0
	return q
}

func (p *ackPool) put(q *ackQueue) { p.free = append(p.free, q) }

// oweAck notes that the packet, which came at `at`, is to be acknowledged. A
// gathering loop counts from there, and leaves time for its timer to be loose:
// the ack is out within 20 ms all the same.
func (c *Circuit) oweAck(now, at Instant, seq uint32) {
	if c.acks == nil {
		c.acks = c.loop.acks.get()
		c.acksDue = now.Add(ackWithin)
		if slack := c.loop.gather.slack(); slack > 0 {
			c.acksDue = at.Add(ackWithin - slack)
		}
		c.due(c.acksDue)
	}
	c.acks.numbers[c.acks.n] = seq
	c.acks.n++
	if c.acks.n >= ackBurst {
		c.sendAcks(now)
	}
}

// ride appends owed acks to an encoded packet, as many as fit into its
// datagram.
func (c *Circuit) ride(pkt []byte) []byte {
	if c.acks == nil {
		return pkt
	}
	n := min(c.acks.n, (MaxDatagram-len(pkt)-1)/4)
	if n <= 0 {
		return pkt
	}
	pkt = message.AppendAcks(pkt, c.acks.numbers[:n])
	c.acks.drop(n)
	c.settleAcks()
	return pkt
}

// sendAcks puts all owed acks into one PacketAck.
func (c *Circuit) sendAcks(now Instant) {
	if c.acks == nil {
		return
	}
	m := &c.loop.packetAck
	m.Packets = m.Packets[:0]
	for _, seq := range c.acks.numbers[:c.acks.n] {
		m.Packets = append(m.Packets, message.PacketAckPackets{ID: seq})
	}
	c.acks.n = 0
	c.settleAcks()
	c.sendNow(now, m, nil) //nolint:errcheck // a PacketAck of 255 always encodes and fits
}

// settleAcks gives the queue back when nothing is owed any more.
func (c *Circuit) settleAcks() {
	if c.acks.n == 0 {
		c.loop.acks.put(c.acks)
		c.acks, c.acksDue = nil, 0
	}
}
