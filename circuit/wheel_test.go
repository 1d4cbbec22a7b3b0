package circuit

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func newWheel(now Instant) *wheel {
	w := new(wheel)
	w.init(now)
	return w
}

// runTo advances to now and fires what is due, as the loop does.
func (w *wheel) runTo(now Instant) {
	w.advance(now)
	for t := w.pop(); t != nil; t = w.pop() {
		t.Fire(now)
	}
}

func TestTimerFiresAtTheFirstTickNotBeforeItsTime(t *testing.T) {
	day := 24 * time.Hour
	for _, after := range []time.Duration{
		0, 1, ms - 1, ms, ms + 1, 20 * ms, 255 * ms, 256 * ms, 257 * ms, 5 * time.Second,
		65535 * ms, 65536 * ms, time.Minute, time.Hour, day, 49 * day, 50 * day, 120 * day,
	} {
		now := start + 1234567
		w := newWheel(now)
		var fired Instant
		timer := Timer{Fire: func(now Instant) { fired = now }}
		w.schedule(&timer, now.Add(after))
		for fired == 0 {
			next, ok := w.next()
			if !ok || next <= now {
				t.Fatalf("timer in %v: next is %d, %v at %d", after, next, ok, now)
			}
			now = next
			w.runTo(now)
		}
		want := (start + 1234567).Add(after)
		if late := fired.Sub(want); late < 0 || late > ms {
			t.Errorf("timer in %v fired %v after its time, want 0 to 1ms", after, late)
		}
		if _, ok := w.next(); ok {
			t.Errorf("timer in %v: something is left in the wheel", after)
		}
	}
}

func TestTimersOfOneTickFireInOrder(t *testing.T) {
	w := newWheel(start)
	var order []int
	var timers [5]Timer
	for i := range timers {
		timers[i].Fire = func(Instant) { order = append(order, i) }
		w.schedule(&timers[i], start.Add(300*ms))
	}
	timers[2].stop()
	w.runTo(start.Add(400 * ms))
	if diff := cmp.Diff([]int{0, 1, 3, 4}, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestTimersMayActOnOthersWhenTheyFire(t *testing.T) {
	w := newWheel(start)
	fired := 0
	var again, other Timer
	other.Fire = func(Instant) { t.Error("a timer fired that was stopped while due") }
	again.Fire = func(now Instant) {
		fired++
		other.stop()
		w.schedule(&again, now) // "now" is the next tick: a turn ends
	}
	w.schedule(&again, start)
	w.schedule(&other, start)
	for i := range 3 {
		w.runTo(start.Add(time.Duration(i+1) * ms))
	}
	if fired != 3 {
		t.Errorf("fired %d times in three ticks, want 3", fired)
	}
}

// TestWheelAgainstASortedList lets the wheel and the plainest model of it go
// through the same random life.
func TestWheelAgainstASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := Instant(rapid.Int64Range(0, int64(100*24*time.Hour)).Draw(t, "start"))
		w := newWheel(now)
		timers := make([]Timer, 20)
		due := make([]Instant, len(timers)) // the tick each is to fire in; 0: stopped
		for i := range timers {
			timers[i].Fire = func(now Instant) {
				if due[i] == 0 || due[i] > now {
					t.Fatalf("timer %d fired at %d, due %d", i, now, due[i])
				}
				due[i] = 0
			}
		}
		span := rapid.SampledFrom([]int64{300, 70_000, 20_000_000, 6_000_000_000})
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, len(timers)-1).Draw(t, "timer")
			switch rapid.IntRange(0, 3).Draw(t, "do") {
			case 0, 1:
				at := now + Instant(rapid.Int64Range(-5, span.Draw(t, "span")).Draw(t, "in ms")*int64(ms))
				w.schedule(&timers[i], at)
				due[i] = max((at+tick-1)/tick, Instant(w.tick)+1) * tick
			case 2:
				timers[i].stop()
				due[i] = 0
			case 3:
				next, ok := w.next()
				if !ok {
					continue
				}
				first := slices.Min(append(slices.DeleteFunc(slices.Clone(due), func(d Instant) bool { return d == 0 }), 1<<62))
				if next > first {
					t.Fatalf("next is %d, but a timer is due at %d", next, first)
				}
				now = max(now, next+Instant(rapid.Int64Range(0, int64(3*ms)).Draw(t, "late")))
				w.runTo(now)
				for i, d := range due {
					if d != 0 && d <= now {
						t.Fatalf("timer %d did not fire, due %d, now %d", i, d, now)
					}
				}
			}
		}
	})
}

func TestSchedulingAllocatesNothing(t *testing.T) {
	w := newWheel(start)
	timer := Timer{Fire: func(Instant) {}}
	now := start
	if n := testing.AllocsPerRun(1000, func() {
		w.schedule(&timer, now.Add(700*ms))
		w.schedule(&timer, now.Add(3*ms))
		now = now.Add(5 * ms)
		w.runTo(now)
	}); n != 0 {
		t.Errorf("%v allocations per timer, want 0", n)
	}
}

func TestDueTimersOfATurnAreBounded(t *testing.T) {
	s := newScene(t)
	fired := 0
	timers := make([]Timer, maxFires+10)
	for i := range timers {
		timers[i].Fire = func(Instant) { fired++ }
		s.loop.Schedule(&timers[i], s.now.Add(ms))
	}
	s.now = s.now.Add(2 * ms)
	if wait := s.turn(); fired != maxFires || wait != 0 {
		t.Errorf("%d timers fired, then a wait of %v; want %d, then none", fired, wait, maxFires)
	}
	if s.turn(); fired != len(timers) {
		t.Errorf("%d timers fired in two turns, want %d", fired, len(timers))
	}
}

func TestTimerForThePastIsNotLate(t *testing.T) {
	s := newScene(t)
	fired := 0
	timer := Timer{Fire: func(Instant) { fired++ }}
	s.loop.Schedule(&timer, 0)
	s.elapse(2 * ms)
	if lag := s.loop.Stats().TickLag.Quantile(1); fired != 1 || lag > 2*ms {
		t.Errorf("fired %d times, lag %v; want once, a tick or so", fired, lag)
	}
}

func TestLateTimersAreCounted(t *testing.T) {
	s := newScene(t)
	var onTime, late Timer
	onTime.Fire, late.Fire = func(Instant) {}, func(Instant) {}
	s.loop.Schedule(&onTime, s.now.Add(3*ms))
	s.elapse(3 * ms)
	s.loop.Schedule(&late, s.now.Add(3*ms))
	s.now = s.now.Add(3*ms + 40*ms)
	s.turn()
	stats := s.loop.Stats()
	if stats.LateTimers != 1 || stats.TickLag.Count() != 2 {
		t.Errorf("%d of %d timers late, want 1 of 2", stats.LateTimers, stats.TickLag.Count())
	}
	if got := stats.TickLag.Quantile(1); got < 40*ms || got > 50*ms {
		t.Errorf("the largest lag is %v, want 40ms or a quarter more", got)
	}
}
