package circuit

import (
	"time"

	"github.com/slload/slload/message"
)

// pinger sends StartPingCheck by a period and measures the answers.
type pinger struct {
	every   time.Duration // 0: never
	due     Instant       // when the next is planned; 0: not yet
	id      byte          // of the last one; wraps
	pending [4]sentPing   // unanswered, by id modulo its length
	last    time.Duration // the last round trip
}

type sentPing struct {
	intended, sent Instant // sent 0: answered, or never sent
}

// startPings plans the first ping, when the peer has been heard for the first
// time: a simulator drops what comes before UseCircuitCode. Circuits that open
// together are spread over the period by their seeds.
func (c *Circuit) startPings(now Instant) {
	if c.ping.every > 0 {
		c.ping.due = now.Add(time.Duration(c.seed % uint64(c.ping.every)))
		c.dueSharp(c.ping.due)
	}
}

// sendPing sends the ping that is due and plans the next one.
func (c *Circuit) sendPing(now Instant) {
	p := &c.ping
	intended := p.due
	var skipped int
	p.due, skipped = NextTick(intended, c.ping.every, now)
	if skipped > 0 {
		c.loop.stats.SkippedTicks += uint64(skipped)
		c.loop.observer.Count("ping.skipped", skipped)
	}
	p.id++
	slot := &p.pending[int(p.id)%len(p.pending)]
	if slot.sent != 0 {
		c.loop.observer.Done(OpPing, slot.intended, slot.sent, now, ErrTimeout.reason)
	}
	*slot = sentPing{intended: intended, sent: now}
	m := &c.loop.startPing
	m.PingID.PingID = p.id
	m.PingID.OldestUnacked = c.oldestUnacked()
	c.sendNow(now, m, &slot.sent) //nolint:errcheck // 5 bytes always fit
}

// answerPing answers the peer's ping with the same PingID.
func (c *Circuit) answerPing(now Instant, m *message.StartPingCheck) {
	pong := &c.loop.completePing
	pong.PingID.PingID = m.PingID.PingID
	c.sendNow(now, pong, nil) //nolint:errcheck // 1 byte always fits
}

// pingAnswered measures; an answer that nobody waits for is ignored.
func (c *Circuit) pingAnswered(at Instant, m *message.CompletePingCheck) {
	p := &c.ping
	age := p.id - m.PingID.PingID
	slot := &p.pending[int(m.PingID.PingID)%len(p.pending)]
	if int(age) >= len(p.pending) || slot.sent == 0 {
		return
	}
	sent := min(slot.sent, at)
	p.last = at.Sub(sent)
	c.loop.observer.Done(OpPing, min(slot.intended, sent), sent, at, "")
	slot.sent = 0
}

// NextTick gives when the tick after the one planned for `at` is due, one
// period later or, where that has passed already, at the first multiple that
// is still to come; and how many ticks that skips. Ticks missed are not made
// up for.
func NextTick(at Instant, period time.Duration, now Instant) (next Instant, skipped int) {
	next = at.Add(period)
	if next <= now {
		skipped = int(now.Sub(next)/period) + 1
		next = next.Add(time.Duration(skipped) * period)
	}
	return next, skipped
}
