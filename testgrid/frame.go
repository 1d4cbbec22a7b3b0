package testgrid

import (
	"time"

	"github.com/slload/slload/circuit"
)

const (
	// framesPerSecond is how often a region moves its avatars and tells of them:
	// OpenSim's rate. It reports five times as many, and so does SimStats here.
	framesPerSecond = 11
	reportedFactor  = 5

	// sliceCount slices spread a frame's work over its time: each moves and serves the
	// avatars of every ninth slot, so that datagrams don't leave in one burst.
	sliceCount = 9
	sliceTime  = time.Second / (framesPerSecond * sliceCount)

	// longestStep bounds how far one step moves an avatar, whatever the delay:
	// under load time runs slower (time dilation), it doesn't jump.
	longestStep = 2 * time.Second / framesPerSecond

	// measureEvery is how often the frame rate is measured.
	measureEvery = time.Second
)

// frame is a region's heartbeat. It rests while nobody is there. The region's
// loop owns it.
type frame struct {
	region *region
	timer  circuit.Timer
	beats  bool
	slice  int
	last   [sliceCount]circuit.Instant // when each slice ran last

	count    uint64 // frames since measured
	measured circuit.Instant
	rate     float32 // frames/s of the last measurement; 0 before the first
}

func (f *frame) init(r *region) {
	f.region = r
	f.timer.Fire = f.beat
}

// wake starts the heartbeat if it rests.
func (f *frame) wake(now circuit.Instant) {
	if f.beats {
		return
	}
	f.beats, f.slice, f.count, f.measured, f.rate = true, 0, 0, now, 0
	for i := range f.last {
		f.last[i] = now
	}
	f.region.loop.Schedule(&f.timer, now.Add(sliceTime))
}

// beat runs one slice. What was missed is not caught up with: the frame rate
// tells.
func (f *frame) beat(now circuit.Instant) {
	if len(f.region.clients) == 0 {
		f.beats = false
		return
	}
	step := min(now.Sub(f.last[f.slice]), longestStep)
	f.last[f.slice] = now
	f.region.runSlice(now, f.slice, float32(step.Seconds()))
	if f.slice++; f.slice == sliceCount {
		f.slice = 0
		f.count++
		f.measure(now)
	}
	f.region.loop.Schedule(&f.timer, max(f.timer.At().Add(sliceTime), now))
}

func (f *frame) measure(now circuit.Instant) {
	passed := now.Sub(f.measured)
	if passed < measureEvery {
		return
	}
	f.rate = float32(float64(f.count) / passed.Seconds())
	f.count, f.measured = 0, now
}

// dilation is how fast the region's time runs: 1 at full speed.
func (f *frame) dilation() float32 {
	if f.rate == 0 {
		return 1
	}
	return min(1, f.rate/framesPerSecond)
}

// runSlice moves the slice's avatars by dt seconds, then serves their clients.
func (r *region) runSlice(now circuit.Instant, slice int, dt float32) {
	for slot := slice; slot < len(r.avatars); slot += sliceCount {
		if c := r.avatars[slot]; c != nil {
			r.move(c, dt)
		}
	}
	for slot := slice; slot < len(r.avatars); slot += sliceCount {
		if c := r.avatars[slot]; c != nil {
			r.serve(now, c)
		}
	}
	r.serveWatchers(now, slice)
}

// move carries an avatar on and notes what others must hear of.
func (r *region) move(c *client, dt float32) {
	if c.motion.moving() {
		before := c.motion.pos
		within := r.bounds
		if c.held {
			within = alone
		}
		c.motion.integrate(dt, within)
		if r.cross(c); !c.arrived {
			return // it is in another region's hands
		}
		if c.motion.pos != before {
			r.cells.put(c.slot, c.motion.pos)
			r.moves++
		}
	}
	r.note(c)
}

// serve sends a client what it is time for.
func (r *region) serve(now circuit.Instant, c *client) {
	r.sendPeriodic(now, c)
	if !c.allowance.open(now, c.circuit) {
		return // the scene waits, and changes of the meantime fall together
	}
	if now < c.view.next {
		return
	}
	c.view.next = max(c.view.next.Add(r.grid.updateEvery), now)
	r.flush(now, c)
	if c.ready() {
		r.sendScene(now, c)
		r.refresh(now, c)
	}
}
