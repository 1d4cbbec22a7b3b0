package cluster

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"pgregory.net/rapid"
)

// drawFrames draws what a segment sends: a tick about each second, a frame at the
// end of each phase, which begin about when they should, and the last one.
func drawFrames(t *rapid.T, segment int, phases []time.Duration) (frames []*frame) {
	jitter := func(name string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Millisecond
	}
	step, now := 1, jitter("begin", 50)
	add := func(kind string, at time.Duration) *frame {
		f := &frame{key: key{segment, 1}, Seq: uint64(len(frames)) + 1, Kind: kind, Step: step, Phase: fmt.Sprint("phase ", step)}
		f.Sample = results.Sample{T: at}
		frames = append(frames, f)
		return f
	}
	for i, length := range phases {
		end := now + length + jitter("end", 300)
		for now += 900*time.Millisecond + jitter("tick", 200); now < end; now += 900*time.Millisecond + jitter("tick", 200) {
			add(frameTick, now)
		}
		now = end
		if i < len(phases)-1 {
			f := add(framePhase, now)
			step++
			f.Next, f.NextPhase = step, fmt.Sprint("phase ", step)
		}
	}
	add(frameFinal, now)
	return frames
}

// closed tells what a lineup has closed, in a form that can be compared.
func closed(l *lineup) (list []string) {
	for c := l.next(); c != nil; c = l.next() {
		var ids []string
		for _, f := range c.frames {
			ids = append(ids, f.id())
		}
		slices.Sort(ids)
		list = append(list, fmt.Sprint(c.at, " ", c.phase, ids))
	}
	return list
}

// Whatever order the frames of segments come in, the same seconds and phases are
// closed with the same frames, and each frame is in one.
func TestAnyInterleavingLinesUpTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "segments")
		var phases []time.Duration
		for range rapid.IntRange(1, 4).Draw(t, "phases") {
			phases = append(phases, time.Duration(rapid.IntRange(0, 4000).Draw(t, "length"))*time.Millisecond)
		}
		inOrder, mixed := newLineup(1), newLineup(1)
		var all []*frame
		for i := range n {
			inOrder.add(key{i, 1}, "w", true)
			mixed.add(key{i, 1}, "w", true)
			all = append(all, drawFrames(t, i, phases)...)
		}
		for _, f := range all {
			g := *f
			inOrder.segments[f.key].take(&g)
		}
		want := closed(inOrder)

		order := rapid.Permutation(slices.Concat(all, all[:len(all)/2])).Draw(t, "order") // with duplicates
		var got []string
		for _, f := range order {
			g := *f
			mixed.segments[f.key].take(&g)
			got = append(got, closed(mixed)...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in another order (-want +got):\n%s", diff)
		}
		if mixed.anyLive() || mixed.rest() != nil {
			t.Fatal("something is left")
		}
		count := 0
		for _, s := range mixed.order {
			count += int(s.merged.Seq)
		}
		if count != len(all) {
			t.Fatalf("%d frames of %d are in", count, len(all))
		}
	})
}

// The closings' times don't go backwards, phases come in order, and a frame of a
// phase is in none before it.
func TestClosingsFollowTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := newLineup(1)
		phases := []time.Duration{2 * time.Second, time.Second, 3 * time.Second}
		for i := range rapid.IntRange(1, 4).Draw(t, "segments") {
			s := l.add(key{i, 1}, "w", true)
			for _, f := range drawFrames(t, i, phases) {
				s.take(f)
			}
		}
		last, step := time.Duration(0), 1
		for c := l.next(); c != nil; c = l.next() {
			if c.at < last || len(c.late) > 0 {
				t.Fatalf("a closing at %v after one at %v, %d late", c.at, last, len(c.late))
			}
			for _, f := range c.frames {
				if f.Step > step {
					t.Fatalf("a frame of step %d in step %d", f.Step, step)
				}
			}
			if c.phase != "" {
				step++
				if want := fmt.Sprint("phase ", step); c.phase != want {
					t.Fatalf("phase %q begins, want %q", c.phase, want)
				}
			}
			last = c.at
		}
		if step != len(phases) {
			t.Fatalf("it ended in step %d", step)
		}
	})
}

// tick is a tick of a segment.
func tickFrame(segment int, seq uint64, at time.Duration) *frame {
	return &frame{key: key{segment, 1}, Seq: seq, Kind: frameTick, Step: 1, Sample: results.Sample{T: at}}
}

// A segment that nobody waits for holds nobody up; what comes of it later is in
// the second that runs then.
func TestLateFrames(t *testing.T) {
	t.Parallel()
	l := newLineup(1)
	a, b := l.add(key{0, 1}, "a", true), l.add(key{1, 1}, "b", true)
	for seq := range uint64(4) {
		a.take(tickFrame(0, seq+1, time.Duration(seq+1)*time.Second))
	}
	b.take(tickFrame(1, 1, time.Second))
	want := []string{"1s [0.1.1 1.1.1]"}
	if diff := cmp.Diff(want, closed(l)); diff != "" {
		t.Fatal(diff)
	}
	if missing := l.waitsFor(); len(missing) != 1 || missing[0] != b {
		t.Fatalf("it waits for %v", missing)
	}
	b.live = false
	want = []string{"2s [0.1.2]", "3s [0.1.3]", "4s [0.1.4]"}
	if diff := cmp.Diff(want, closed(l)); diff != "" {
		t.Fatal(diff)
	}
	b.take(tickFrame(1, 2, 2*time.Second))
	b.live = true
	b.take(tickFrame(1, 3, 3*time.Second))
	b.take(tickFrame(1, 4, 5*time.Second))
	a.take(tickFrame(0, 5, 5*time.Second))
	want = []string{"5s [0.1.5 1.1.2 1.1.3 1.1.4]"}
	if diff := cmp.Diff(want, closed(l)); diff != "" {
		t.Fatal(diff)
	}
}

// Steps are the same in all segments, paused or not, resumed or taken over.
func TestSteps(t *testing.T) {
	t.Parallel()
	p := parseProfile(t, testProfile)
	plan, err := profiles.NewPlan(p, 1, profiles.Share{Index: 0, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	note := func(s *steps) { list = append(list, fmt.Sprint(s.name, " ", s.step())) }
	s := newSteps(plan, &assignment{})
	note(&s)
	for i, name := range []string{"warmup", profiles.PausedPhase, "warmup", "stage 2", results.PhaseLogout} {
		s.begin(name, time.Duration(i+1)*time.Second)
		note(&s)
	}
	if got := s.planTime(8 * time.Second); got != 7*time.Second {
		t.Errorf("at 8 s with a pause of 1 s the plan is at %v", got)
	}
	taken := newSteps(plan, &assignment{From: 12 * time.Second, Takeover: true, Toggles: 2})
	note(&taken)
	resumed := newSteps(plan, &assignment{From: 12 * time.Second})
	note(&resumed)
	resumed.begin("stage 2", 15*time.Second)
	note(&resumed)
	want := []string{
		"stage 1 1", "warmup 3", "paused 5", "warmup 7", "stage 2 9", "logout 1073741824",
		"stage 2 9", "resume 4", "stage 2 5",
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}
