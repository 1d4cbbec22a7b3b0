package cluster

import (
	"cmp"
	"maps"
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

// segment is one handing out of a segment.
type segment struct {
	key
	worker   string // host:pid
	received uint64 // the last frame that came in its turn
	ahead    map[uint64]*frame
	parts    []byte   // of the next frame's interval
	queue    []*frame // whose turn it is, oldest first
	merged   *frame   // the last one, without its interval; nil: none
	skip     uint64   // frames up to here were merged before a restart
	step     int      // after the last frame that was taken
	live     bool     // the others wait for it
	ended    bool

	// What the controller's loop keeps of it besides.
	heardAt  time.Time // of its newest frame, on the monotonic clock
	missedAt time.Time // since when the others wait for its frames; zero: they don't
	silent   bool      // its worker is heard of, and its frames don't come
	taking   bool      // its worker takes it over, and has sent no frame yet
	lostFrom time.Duration
	lostWhat string // of what is missing while it is silent or taken over
}

// maxAhead bounds the frames that wait for one that is missing.
const maxAhead = 1024

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

// What became of a frame.
type verdict int

const (
	frameTaken     verdict = iota // it, and maybe others that had waited for it
	frameDuplicate                // it was there before
	frameWaits                    // one before it is missing
	frameRefused                  // nobody can have sent it
)

// take takes a frame of a segment in, once.
func (s *segment) take(f *frame) verdict {
	switch {
	case f.Seq <= s.received || s.ahead[f.Seq] != nil:
		return frameDuplicate
	case f.Seq > s.received+1:
		if len(s.ahead) >= maxAhead {
			return frameRefused // the stream has it
		}
		s.ahead[f.Seq] = f
		return frameWaits
	}
	for f != nil {
		s.received = f.Seq
		s.enqueue(f)
		f = s.ahead[s.received+1]
		delete(s.ahead, s.received+1)
	}
	return frameTaken
}

// enqueue puts a frame in line, together with the parts before it.
func (s *segment) enqueue(f *frame) {
	if f.Kind == framePart {
		if len(s.parts)+len(f.interval) <= maxInterval {
			s.parts = append(s.parts, f.interval...)
		}
		return
	}
	if len(s.parts) > 0 {
		f.interval, s.parts = append(s.parts, f.interval...), nil
	}
	if f.Seq <= s.skip {
		s.noteMerged(f)
		return
	}
	s.queue = append(s.queue, f)
}

// noteMerged notes that a frame is in the run's figures.
func (s *segment) noteMerged(f *frame) {
	s.step, s.ended = max(s.step, f.after()), s.ended || f.Kind == frameFinal
	if s.ended {
		s.live = false
	}
	bare := *f
	bare.interval = nil
	s.merged = &bare
}

// skipHole goes on without the frames that are missing, and tells which.
func (s *segment) skipHole() (from, to uint64) {
	from, to = s.received+1, slices.Min(slices.Collect(maps.Keys(s.ahead)))-1
	s.received, s.parts = to, nil
	if f := s.ahead[to+1]; f != nil {
		delete(s.ahead, to+1)
		s.take(f)
	}
	return from, to
}

func (s *segment) head() *frame {
	if len(s.queue) == 0 {
		return nil
	}
	return s.queue[0]
}

// pop takes the head away.
func (s *segment) pop() *frame {
	f := s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	s.noteMerged(f)
	return f
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
