package cluster

import (
	"testing"
	"time"
)

func TestWhatBecomesOfAFrame(t *testing.T) {
	t.Parallel()
	s := newLineup(1).add(key{0, 1}, "w", true)
	for i, tt := range []struct {
		seq  uint64
		want verdict
		head int // frames that can be merged
	}{
		{2, frameWaits, 0},
		{2, frameDuplicate, 0},
		{4, frameWaits, 0},
		{1, frameTaken, 2},
		{1, frameDuplicate, 2},
		{5, frameWaits, 2},
		{3, frameTaken, 5},
		{5, frameDuplicate, 5},
		{6 + maxAhead, frameWaits, 5},
	} {
		if got := s.take(tickFrame(0, tt.seq, time.Duration(tt.seq)*time.Second)); got != tt.want || len(s.queue) != tt.head {
			t.Errorf("%d: frame %d is %v with %d in line, want %v with %d", i, tt.seq, got, len(s.queue), tt.want, tt.head)
		}
	}
	for seq := uint64(7); seq < 6+maxAhead; seq++ {
		s.take(tickFrame(0, seq, 0))
	}
	if got := s.take(tickFrame(0, 7+maxAhead, 0)); got != frameRefused {
		t.Errorf("the %dth that waits is %v, want it refused", maxAhead+1, got)
	}
	if from, to := s.skipHole(); from != 6 || to != 6 || len(s.queue) != 5+maxAhead {
		t.Errorf("without frames %d to %d, %d are in line", from, to, len(s.queue))
	}
}
