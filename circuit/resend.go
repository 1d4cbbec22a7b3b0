package circuit

import (
	"time"

	"github.com/slload/slload/message"
)

// resendBurst is how many packets a circuit sends again at once; the others
// follow a tick later.
const resendBurst = 32

func (c *Circuit) planResend(at Instant) {
	c.resendDue = earlier(c.resendDue, at)
	c.due(c.resendDue)
}

// resend sends again what is due and plans the next time. A packet keeps its
// sequence number; acks that rode on the first one do not ride again.
func (c *Circuit) resend(now Instant) {
	c.resendDue = 0
	budget := resendBurst
	rto := c.rtt.timeout(c.ackDelay)
	for p := c.unacked.head; p != nil; p = p.next {
		switch {
		case p.due > now:
		case budget == 0:
			p.due = now + tick
		default:
			budget--
			p.resends++
			p.data[0] |= byte(message.FlagResent)
			p.due = now.Add(backoff(rto, p.resends))
			c.stats.Resent++
			c.loop.stats.Resent++
			c.copyOut(now, p, stamps{})
		}
		c.resendDue = earlier(c.resendDue, p.due)
		c.resendDue = earlier(c.resendDue, p.first.Add(c.timeout))
	}
}

// acked handles one acknowledgement. sample takes the round trip of a packet
// that was sent once.
func (c *Circuit) acked(in *arrived, seq uint32, sample *time.Duration) {
	p := c.unacked.find(seq)
	if p == nil {
		return // of a packet acknowledged before
	}
	c.unacked.remove(p)
	if c.unacked.n == 0 {
		c.resendDue = 0
	}
	if p.resends == 0 { // Karn: nobody knows which transmission a later ack is for
		sent := min(p.sent, in.at)
		*sample = max(*sample, in.at.Sub(sent), 1)
		c.loop.observer.Done(OpAck, min(p.queued, sent), sent, in.at, "")
	}
	done := p.done
	c.loop.packets.put(p)
	if done != nil {
		done(in.now, nil)
	}
}

// sampled feeds the estimator: once for each datagram of acks, with the packet
// that waited longest. The others of one batch tell nothing new, and would
// make the estimate seem surer than it is.
func (c *Circuit) sampled(longest time.Duration) {
	if longest > 0 {
		c.rtt.sample(longest)
	}
}

// oldestUnacked gives the sequence number of the oldest packet that waits for
// its ack; where none does, the next one to be used.
func (c *Circuit) oldestUnacked() uint32 {
	if c.unacked.head != nil {
		return c.unacked.head.sequence
	}
	return c.sequence + 1
}
