package cluster

import (
	"cmp"
	"slices"
	"time"
)

// lineup lines the segments' frames up: it tells which of them are one second of
// the run, or the end of one of its phases. What it says follows from the frames
// alone, in whatever order they came, as long as no segment is given up. It
// belongs to the controller's loop.
type lineup struct {
	segments map[key]*segment
	order    []*segment // by key
	step     int        // of the run's running phase
	last     time.Duration
	late     []*frame // of seconds that are over, for the next closing
	tell     []*frame // those of them that are later than ticks which don't quite agree
}

// slack is how far apart the same second's ticks of two segments may be.
const slack = time.Second / 2

func newLineup(step int) *lineup {
	return &lineup{segments: make(map[key]*segment), step: step}
}

// add makes a segment known; the others wait for it if it is live.
func (l *lineup) add(k key, worker string, live bool) *segment {
	s := &segment{key: k, worker: worker, ahead: make(map[uint64]*frame), live: live, step: l.step}
	l.segments[k] = s
	l.order = append(l.order, s)
	slices.SortFunc(l.order, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Epoch, b.Epoch))
	})
	return s
}

// closing is a stretch of the run that is complete.
type closing struct {
	at     time.Duration
	frames []*frame
	phase  string   // that begins then; "": none
	late   []*frame // those of the frames that are of seconds long over
}

// next is the next stretch, or nil while it isn't complete.
func (l *lineup) next() *closing {
	l.popLate()
	var in, out []*segment
	for _, s := range l.order {
		switch f := s.head(); {
		case !s.live:
		case f == nil:
			return nil
		case f.Step > l.step || f.Kind == framePhase:
			out = append(out, s)
		default:
			in = append(in, s)
		}
	}
	switch {
	case len(in) > 0:
		return l.second(in)
	case len(out) > 0:
		return l.boundary(out)
	case len(l.late) > 0:
		return l.close(nil, "")
	}
	return nil
}

// popLate takes what is of seconds that are over, and of segments that nobody
// waits for.
func (l *lineup) popLate() {
	for _, s := range l.order {
		for f := s.head(); f != nil && l.isLate(s, f); f = s.head() {
			if f.Step < l.step || f.Sample.T+slack < l.last {
				l.tell = append(l.tell, f)
			}
			l.late = append(l.late, s.pop())
		}
	}
}

func (l *lineup) isLate(s *segment, f *frame) bool {
	over := f.Sample.T <= l.last
	if !s.live {
		return over || f.Step < l.step
	}
	return f.Step < l.step || over && f.Step == l.step && f.Kind != framePhase
}

// second closes the earliest second of those that are in the running phase.
func (l *lineup) second(in []*segment) *closing {
	first := in[0].head().Sample.T
	for _, s := range in {
		first = min(first, s.head().Sample.T)
	}
	var frames []*frame
	for _, s := range in {
		if s.head().Sample.T <= first+slack {
			frames = append(frames, s.pop())
		}
	}
	return l.close(frames, "")
}

// boundary ends the running phase, which all have left. The next one is that of
// who left it for the nearest.
func (l *lineup) boundary(out []*segment) *closing {
	var frames []*frame
	step, phase := 0, ""
	for i, s := range out {
		f := s.head()
		to, name := f.Step, f.Phase
		if f.Step <= l.step { // a framePhase
			to, name = f.Next, f.NextPhase
			frames = append(frames, s.pop())
		}
		if i == 0 || to < step {
			step, phase = to, name
		}
	}
	if step <= l.step { // hostile: a phase that ends and doesn't
		return l.close(frames, "")
	}
	l.step = step
	return l.close(frames, phase)
}

// close makes the closing of frames and what was late.
func (l *lineup) close(frames []*frame, phase string) *closing {
	for _, f := range frames {
		l.last = max(l.last, f.Sample.T)
	}
	c := &closing{at: l.last, phase: phase, late: l.tell}
	c.frames = append(append(c.frames, l.late...), frames...)
	l.late, l.tell = nil, nil
	return c
}

// rest is all that is left, for the end: nobody waits for anybody any more.
func (l *lineup) rest() *closing {
	for _, s := range l.order {
		for len(s.queue) > 0 {
			l.late = append(l.late, s.pop())
		}
	}
	if len(l.late) == 0 {
		return nil
	}
	return l.close(nil, "")
}

// waitsFor are the live segments without which nothing can be closed, while
// others have frames.
func (l *lineup) waitsFor() (missing []*segment) {
	any := false
	for _, s := range l.order {
		if s.live && s.head() == nil {
			missing = append(missing, s)
		}
		any = any || s.live && s.head() != nil
	}
	if !any {
		return nil
	}
	return missing
}

// anyLive tells whether a segment is waited for.
func (l *lineup) anyLive() bool {
	return slices.ContainsFunc(l.order, func(s *segment) bool { return s.live })
}

// positions are the last merged frames, and where the run is, for the
// checkpoint.
func (l *lineup) positions() map[string]uint64 {
	p := make(map[string]uint64, len(l.order)+1)
	for _, s := range l.order {
		if s.merged != nil {
			p[s.String()] = s.merged.Seq
		}
	}
	p[positionStep] = uint64(l.step)
	p[positionLast] = uint64(l.last)
	return p
}

// Positions besides those of segments.
const (
	positionStep = "step" // of the running phase
	positionLast = "last" // when the last second closed, in ns
)
