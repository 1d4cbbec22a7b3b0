package circuit

// due makes the circuit's timer fire at `at` or earlier, loosely: see
// Loop.ScheduleLoose. What is due to the tick is still in time: see plan.
func (c *Circuit) due(at Instant) {
	if !c.closed && (!c.timer.Scheduled() || at < c.timer.at) {
		c.plan(at)
	}
}

// plan schedules the timer for `at`, before which nothing of the circuit's is
// due. Where a ping, or what waits for the throttle, is due before a loose
// timer would have fired at the latest, it is scheduled for that, to the tick.
func (c *Circuit) plan(at Instant) {
	sharp := c.ping.due
	if c.waiting.n > 0 {
		sharp = earlier(sharp, max(1, c.throttle.ready()))
	}
	if sharp != 0 && sharp <= at.Add(c.loop.gather.slack()) {
		c.loop.timers.schedule(&c.timer, sharp)
		return
	}
	c.loop.loose.schedule(&c.timer, at)
}

// dueSharp makes the circuit's timer fire at `at`, to the tick, or earlier.
func (c *Circuit) dueSharp(at Instant) {
	if c.timer.Scheduled() {
		at = min(at, c.timer.at)
	}
	c.plan(at)
}

// fire does everything that is due. Acks come last, as they may have ridden on
// something by then.
func (c *Circuit) fire(now Instant) {
	if c.expired(now) {
		c.loop.stats.Timeouts++
		c.loop.observer.Count("circuit.timeout", 1)
		c.Close(now, ErrTimeout)
		return
	}
	c.release(now)
	if c.resendDue != 0 && c.resendDue <= now {
		c.resend(now)
	}
	if c.ping.due != 0 && c.ping.due <= now {
		c.sendPing(now)
	}
	if c.acksDue != 0 && c.acksDue <= now {
		c.sendAcks(now)
	}
	c.due(c.next())
}

// next gives when something will be due next.
func (c *Circuit) next() Instant {
	at := c.lastHeard.Add(c.timeout)
	at = earlier(at, c.resendDue)
	at = earlier(at, c.ping.due)
	at = earlier(at, c.acksDue)
	if c.waiting.n > 0 {
		at = earlier(at, max(1, c.throttle.ready()))
	}
	return at
}

// expired tells whether the peer was silent, or left a reliable packet
// unacknowledged, for the whole timeout.
func (c *Circuit) expired(now Instant) bool {
	oldest := c.unacked.head
	return now.Sub(c.lastHeard) >= c.timeout ||
		oldest != nil && now.Sub(oldest.first) >= c.timeout
}
