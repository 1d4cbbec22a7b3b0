package cluster

import (
	"maps"
	"slices"
	"time"
)

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

// final is the segment's last frame, merged or still in line; nil: it hasn't come.
func (s *segment) final() *frame {
	if s.ended {
		return s.merged
	}
	if n := len(s.queue); n > 0 && s.queue[n-1].Kind == frameFinal {
		return s.queue[n-1]
	}
	return nil
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
