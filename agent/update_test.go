package agent

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
)

// updatesOf gives an agent's updates since it was asked last.
func (w *world) updatesOf(a *Agent) (list []update) {
	w.onSim(func(circuit.Instant) {
		var others []update
		for _, u := range w.sim.updates {
			if u.agent == a.ID {
				list = append(list, u)
			} else {
				others = append(others, u)
			}
		}
		w.sim.updates = others
	})
	return list
}

func flagsOf(updates []update) (flags []uint32) {
	for _, u := range updates {
		flags = append(flags, u.flags)
	}
	return flags
}

func TestUpdateRates(t *testing.T) {
	for _, tt := range []struct {
		name         string
		change       func(*Options)
		rest, moving int // in ten seconds
	}{
		{"unless told otherwise", withoutQueue, 10, 100},
		{"as set", func(o *Options) { o.NoEventQueue, o.IdleUpdateHz, o.UpdateHz = true, 0.5, 20 }, 5, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				a := w.enter("Ann", tt.change)
				w.elapse(10 * time.Second)
				w.updatesOf(a)
				count := func(when string, want int) {
					t.Helper()
					w.elapse(10 * time.Second)
					updates := w.updatesOf(a)
					if n := len(updates); n != want {
						t.Errorf("%s: %d updates in 10 s, want %d", when, n, want)
					}
				}
				do := func(steer func(context.Context) error) {
					t.Helper()
					if err := steer(w.Context()); err != nil {
						t.Error(err)
					}
					w.elapse(soon)
					w.updatesOf(a)
				}
				count("at rest", tt.rest)
				do(a.Walk)
				count("walking", tt.moving)
				do(a.Stop)
				count("stopped", tt.rest)
				do(a.Fly)
				count("hovering", tt.rest)
			})
		})
	}
}

func TestControlFlags(t *testing.T) {
	const forward, back, up, down, fast, fly = 0x1, 0x2, 0x10, 0x20, 0x400, 0x2000
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		for _, tt := range []struct {
			name  string
			steer func(context.Context) error
			want  uint32
		}{
			{"Walk", a.Walk, forward},
			{"Run", a.Run, forward | fast},
			{"Back", a.Back, back},
			{"Up", a.Up, up},
			{"Fly", a.Fly, up | fly},
			{"Down", a.Down, down | fly},
			{"Stop", a.Stop, fly},
			{"Land", a.Land, 0},
		} {
			w.elapse(2*time.Second + soon/4)
			w.updatesOf(a)
			before := circuit.Now()
			if err := tt.steer(w.Context()); err != nil {
				t.Fatal(err)
			}
			w.elapse(2 * time.Second)
			updates := w.updatesOf(a)
			if len(updates) < 2 || updates[0].at != before.Add(latency) {
				t.Errorf("%s: not told at once", tt.name)
			}
			for _, u := range updates {
				if u.flags != tt.want {
					t.Errorf("%s: flags %#x, want %#x", tt.name, u.flags, tt.want)
				}
			}
		}
	})
}

// An update may be lost and nobody sends it again, so a flag that is an act
// and no state goes out three times, at the rate of motion.
func TestOneShotFlagsAreHeldForThreeUpdates(t *testing.T) {
	const stand, sit, forward = 0x10000, 0x20000, 0x1
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(5*time.Second + soon)
		w.updatesOf(a)
		steps := []func(context.Context) error{a.SitGround, a.Stand, a.Walk}
		for _, tt := range []struct {
			steps []func(context.Context) error
			want  []uint32
		}{
			{steps[:1], []uint32{sit, sit, sit, 0, 0}},
			{steps[1:2], []uint32{stand, stand, stand, 0, 0}},
			// Standing up takes back what hasn't been done yet.
			{steps[:2], []uint32{sit, stand, stand, stand, 0, 0}},
			{steps[1:3], []uint32{stand, stand | forward, stand | forward, forward, forward}},
		} {
			for _, step := range tt.steps {
				if err := step(w.Context()); err != nil {
					t.Fatal(err)
				}
			}
			w.elapse(2400 * time.Millisecond)
			got := flagsOf(w.updatesOf(a))
			if diff := cmp.Diff(tt.want, got[:min(len(got), len(tt.want))]); diff != "" {
				t.Errorf("flags (-want +got):\n%s", diff)
			}
			if err := a.Stop(w.Context()); err != nil {
				t.Fatal(err)
			}
			w.elapse(3*time.Second + soon)
			w.updatesOf(a)
		}
	})
}

func TestTurn(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(2 * time.Second)
		w.updatesOf(a)
		if err := a.Turn(w.Context(), math.Pi/2); err != nil {
			t.Fatal(err)
		}
		w.elapse(soon)
		if u := w.updatesOf(a); len(u) != 1 || math.Abs(float64(u[0].yaw.Z)-math.Sqrt2/2) > 1e-3 {
			t.Errorf("updates %+v, want one that looks north", u)
		}
		for _, yaw := range []float64{math.NaN(), math.Inf(1)} {
			if err := a.Turn(w.Context(), yaw); err == nil {
				t.Errorf("turned to %g", yaw)
			}
		}
	})
}

// Agents that tick together overflow a simulator's receive buffer.
func TestPhasesDiffer(t *testing.T) {
	const agents = 1000
	for _, tt := range []struct {
		name string
		of   func(i int) float64
	}{
		{"by seeds side by side", func(i int) float64 { return phase(uint64(i+1), uuid.Nil) }},
		{"by id where there is no seed", func(int) float64 { return phase(0, uuid.New()) }},
	} {
		tenths := [10]int{}
		for i := range agents {
			tenths[int(10*tt.of(i))]++
		}
		for _, n := range tenths {
			if n < agents/20 || n > agents/5 {
				t.Errorf("%s: in tenths of the period %v agents; want about %d in each", tt.name, tenths, agents/10)
				break
			}
		}
	}
	if phase(7, uuid.New()) != phase(7, uuid.New()) {
		t.Error("the same seed gives different phases")
	}
}

// What holds up a loop holds up all of its agents: counted from when they ran,
// their ticks would fall together from then on.
func TestPhaseOutlivesALateLoop(t *testing.T) {
	inWorld(t, func(w *world) {
		phaseOf := func(a *Agent) time.Duration {
			updates := w.updatesOf(a)
			if len(updates) < 3 {
				t.Fatalf("%d updates", len(updates))
			}
			return time.Duration(updates[len(updates)-1].at) % time.Second
		}
		ann := w.enter("Ann", withoutQueue)
		bob := w.enter("Bob", withoutQueue, func(o *Options) { o.Seed = 2 })
		w.elapse(5 * time.Second)
		first, second := phaseOf(ann), phaseOf(bob)
		if first == second {
			t.Fatalf("both tick at %v", first)
		}
		w.home.see(func() { time.Sleep(2500 * time.Millisecond) })
		w.elapse(5 * time.Second)
		if a, b := phaseOf(ann), phaseOf(bob); a != first || b != second {
			t.Errorf("ticks at %v and %v after the loop was held up; before, %v and %v", a, b, first, second)
		}
		// Two or three fell due meanwhile, by the phase; one of them was sent.
		if n := w.home.counted(countSkipped); n < 2 || n > 4 {
			t.Errorf("%d updates are counted as skipped, want one or two of each agent", n)
		}
	})
}
