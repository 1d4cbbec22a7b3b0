package circuit

import (
	"time"

	"github.com/slload/slload/internal/udp"
)

// GatherLimit is the longest window that is worth its while, and what a swarm's
// loops use. A wake-up costs as much as some thirty datagrams: a hundred a
// second in place of a thousand are what a run of few agents saves by it. More
// than 10 ms would hold up answers to a simulator's pings, and leave acks too
// little of their 20 ms.
//
// The rule: a loop that reads and writes no more than gatherAim datagrams in a
// window of this length wakes up once in it for all that has come, and for
// timers that are loose. With more datagrams the window shrinks, to
// udp.CoalesceWindow at last, at which it is as if there were no gathering.
//
// What can't wait ends a window at once: a timer that is not loose, a function
// posted. While somebody waits for an answer of several steps there is no
// window: while a circuit wants messages (Circuit.Want), or is prompt
// (Circuit.Prompt). A loop with Config.Accept, a server's, has none either.
//
// No round trip is falsified: those end at the kernel's receive time.
const GatherLimit = 10 * time.Millisecond

const (
	// gatherAim is how many datagrams, both ways, a window is to gather.
	gatherAim = 32

	// gatherPeriod is how fast the rate is followed by which the window is
	// chosen: a rush of logins begins within milliseconds.
	gatherPeriod = 20 * time.Millisecond
)

// gatherer is a Conn whose Wait can leave datagrams alone for longer than
// udp.CoalesceWindow. One that isn't wakes its loop as it always does.
type gatherer interface {
	Gather(window time.Duration)
}

// gather chooses the window.
type gather struct {
	conn   gatherer // nil: the loop doesn't gather
	limit  time.Duration
	window time.Duration // by the rate
	hasty  int           // circuits that let nothing wait

	counted uint64  // datagrams
	at      Instant // when they were counted
	rate    float64 // of them, a second
}

func (g *gather) init(cfg Config) {
	conn, able := cfg.Conn.(gatherer)
	if !able || cfg.Accept != nil || cfg.Gather <= udp.CoalesceWindow {
		return
	}
	g.conn, g.limit, g.window = conn, cfg.Gather, udp.CoalesceWindow
}

// slack is for how long what is loose may wait beyond its time.
func (g *gather) slack() time.Duration {
	if g.conn == nil || g.hasty > 0 || g.window <= udp.CoalesceWindow {
		return 0
	}
	return g.window
}

// announce tells the Conn what the window of the next Wait is.
func (g *gather) announce() {
	if g.conn != nil {
		g.conn.Gather(max(g.slack(), udp.CoalesceWindow))
	}
}

// count follows the rate of datagrams, of which there were total until now.
func (g *gather) count(now Instant, total uint64) {
	passed := now.Sub(g.at)
	if g.conn == nil || passed < gatherPeriod/2 {
		return
	}
	rate := float64(total-g.counted) / passed.Seconds()
	g.rate += (rate - g.rate) * min(1, float64(passed)/float64(2*gatherPeriod))
	g.counted, g.at = total, now
	g.window = g.limit
	if g.rate > 0 {
		g.window = time.Duration(min(float64(g.limit), gatherAim/g.rate*float64(time.Second)))
	}
}

// ScheduleLoose is Schedule for what may be late: t.Fire is called with
// whatever else the loop has to do next, within the window of Config.Gather. A
// loop that gathers nothing calls it as Schedule does.
func (l *Loop) ScheduleLoose(t *Timer, at Instant) { l.loose.schedule(t, at) }

// Prompt tells whether somebody waits for what comes on the circuit in order
// to go on: while one circuit is prompt, its loop gathers nothing. A circuit
// that wants messages is so by itself.
func (c *Circuit) Prompt(on bool) {
	c.prompt = on
	c.hurry(on)
}

// hurry keeps the loop's count of circuits that let nothing wait.
func (c *Circuit) hurry(prompt bool) {
	on := !c.closed && (prompt || c.wants != nil && *c.wants != wantSet{})
	if on == c.hasty {
		return
	}
	c.hasty = on
	if on {
		c.loop.gather.hasty++
	} else {
		c.loop.gather.hasty--
	}
}
