package cluster

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// dealTo deals the segments out to workers with wishes, the one at i having the
// id i; the segments in had are with the worker that has that id already.
func dealTo(wishes []int, had map[int]int) (got []int) {
	c := &controller{cfg: ControllerConfig{Workers: len(wishes)}}
	c.makeSlots(1)
	ids := map[*member]int{}
	for i, wish := range wishes {
		m := &member{joinRequest: joinRequest{ID: fmt.Sprintf("worker-%d", i), Segment: wish}}
		ids[m] = i
		c.joined = append(c.joined, m)
	}
	for segment, id := range had {
		c.slots[segment].worker = c.joined[id]
	}
	c.deal(c.joined)
	for _, s := range c.slots {
		got = append(got, ids[s.worker])
	}
	return got
}

func TestWhoGetsWhichSegment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		wishes []int
		had    map[int]int
		want   []int
	}{
		{"in order of joining", []int{-1, -1, -1}, nil, []int{0, 1, 2}},
		{"by wishes", []int{2, 0, -1}, nil, []int{1, 2, 0}},
		{"two with one wish: the first", []int{1, 1, -1}, nil, []int{2, 0, 1}},
		{"who has one keeps it", []int{-1, -1, -1}, map[int]int{0: 2}, []int{2, 0, 1}},
		{"a wish that came too late is the last", []int{-1, 0, -1}, map[int]int{0: 0}, []int{0, 2, 1}},
	} {
		if diff := cmp.Diff(tt.want, dealTo(tt.wishes, tt.had)); diff != "" {
			t.Errorf("%s: segments 0, 1, 2 go to (-want +got):\n%s", tt.name, diff)
		}
	}
}
