package circuit

import (
	"encoding/binary"
	"fmt"

	"github.com/slload/slload/message"
)

// SendOptions says how to send a message.
type SendOptions struct {
	// Reliable packets are sent again until the peer acknowledges them.
	Reliable bool

	// Done is told once what became of a reliable packet: nil for
	// acknowledged, else why the circuit closed.
	Done func(now Instant, err error)

	// Sent is set to now, and then to the time of the first write, as read
	// next to it: later in this turn, or when the throttle lets it go.
	Sent *Instant
}

// Send sends m unreliably. Its errors are SendWith's.
func (c *Circuit) Send(now Instant, m message.Message) error {
	return c.SendWith(now, m, SendOptions{})
}

// SendReliable sends m until the peer acknowledges it or the circuit closes,
// which done, if not nil, is told. Its errors are SendWith's.
func (c *Circuit) SendReliable(now Instant, m message.Message, done func(now Instant, err error)) error {
	return c.SendWith(now, m, SendOptions{Reliable: true, Done: done})
}

// SendWith sends m, which is encoded before it returns. Failures are ErrClosed,
// ErrQueueFull, ErrTooLarge, and m's own if it can't be encoded; nothing was
// sent then and done will not be called.
func (c *Circuit) SendWith(now Instant, m message.Message, o SendOptions) error {
	switch {
	case c.closed:
		return sendError(m, ErrClosed)
	case o.Reliable && c.unacked.n+c.waiting.n >= c.maxUnacked:
		return sendError(m, ErrQueueFull)
	}
	if o.Sent != nil {
		*o.Sent = now
	}
	wait := c.waiting.n > 0 || !c.throttle.open(now)
	if !wait && !o.Reliable {
		return c.sendNow(now, m, o.Sent)
	}
	if c.waiting.n >= c.maxWaiting {
		return sendError(m, ErrQueueFull)
	}
	p, err := c.encode(m, o)
	if err != nil {
		return err
	}
	p.queued = now
	if wait {
		c.waiting.push(p)
		c.dueSharp(max(1, c.throttle.ready()))
		return nil
	}
	c.transmit(now, p)
	return nil
}

func sendError(m message.Message, err error) error {
	return fmt.Errorf("send %v: %w", m.ID(), err)
}

// sendNow encodes m straight into the outbox, past the throttle.
func (c *Circuit) sendNow(now Instant, m message.Message, stamp *Instant) error {
	l := c.loop
	slot := l.out.claim()
	if slot == nil {
		return nil // lost on the way, as UDP's packets are
	}
	pkt, err := message.AppendPacket(slot, 0, c.sequence+1, m, &l.scratch)
	if err != nil {
		return err
	}
	if len(pkt) > MaxDatagram {
		return tooLarge(m, len(pkt))
	}
	c.sequence++
	c.post(now, pkt, stamps{stamp})
	return nil
}

func tooLarge(m message.Message, size int) error {
	return fmt.Errorf("send %v of %d bytes (%d at most): %w", m.ID(), size, MaxDatagram, ErrTooLarge)
}

// encode puts m into a pooled packet, whose sequence number is still open.
func (c *Circuit) encode(m message.Message, o SendOptions) (*packet, error) {
	l := c.loop
	flags := message.Flags(0)
	if o.Reliable {
		flags = message.FlagReliable
	}
	pkt, err := message.AppendPacket(l.encoded[:0], flags, 0, m, &l.scratch)
	if err != nil {
		return nil, err
	}
	l.encoded = pkt
	if len(pkt) > MaxDatagram {
		return nil, tooLarge(m, len(pkt))
	}
	p := l.packets.get(pkt)
	p.reliable, p.done, p.stamp = o.Reliable, o.Done, o.Sent
	return p, nil
}

// transmit sends a packet for the first time. Its sequence number is drawn
// only now: OpenSimulator drops an AgentUpdate that comes after a later number.
func (c *Circuit) transmit(now Instant, p *packet) {
	c.sequence++
	p.sequence = c.sequence
	binary.BigEndian.PutUint32(p.data[1:], p.sequence)
	if !p.reliable {
		c.copyOut(now, p, stamps{p.stamp})
		c.loop.packets.put(p)
		return
	}
	p.first, p.sent = now, now
	c.copyOut(now, p, stamps{p.stamp, &p.sent})
	p.due = now.Add(c.rtt.timeout(c.ackDelay))
	c.unacked.push(p)
	c.planResend(min(p.due, now.Add(c.timeout)))
}

// copyOut puts a copy of the packet into the outbox, with acks that fit.
func (c *Circuit) copyOut(now Instant, p *packet, stamps stamps) {
	if slot := c.loop.out.claim(); slot != nil {
		c.post(now, append(slot, p.data...), stamps)
	}
}

// post lets acks ride on an encoded packet, pays for it and queues it.
func (c *Circuit) post(now Instant, pkt []byte, stamps stamps) {
	pkt = c.ride(pkt)
	c.throttle.take(now, len(pkt))
	c.stats.PacketsSent++
	c.stats.BytesSent += uint64(len(pkt))
	c.loop.out.add(pkt, c.key, stamps)
}

// release sends what waited for the throttle, as far as it lets it go.
func (c *Circuit) release(now Instant) {
	for c.waiting.n > 0 && c.throttle.open(now) {
		p := c.waiting.head
		c.waiting.remove(p)
		c.transmit(now, p)
	}
}
