package results

import (
	"testing"
	"time"

	"github.com/slload/slload/profiles"
)

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name    string
		sick    func(*Health)
		verdict Validity
		reasons []string
	}{
		{"healthy", func(h *Health) {}, Valid, []string{}},
		{"timers a little late", func(h *Health) { h.TickLagP99NS = int64(9 * time.Millisecond) }, Valid, []string{}},
		{"timers late", func(h *Health) { h.TickLagP99NS = int64(10 * time.Millisecond) },
			Suspect, []string{"timers fired 10.0 ms late at p99"}},
		{"timers far too late", func(h *Health) { h.TickLagP99NS = int64(250 * time.Millisecond) },
			Invalid, []string{"timers fired 250 ms late at p99"}},
		{"few late actions", func(h *Health) { h.Late = 9 }, Valid, []string{}},
		{"late actions", func(h *Health) { h.Late = 10 }, Suspect, []string{"1% of the actions started late"}},
		{"many late actions", func(h *Health) { h.Late = 250 }, Invalid, []string{"25% of the actions started late"}},
		{"the generator dropped a few", func(h *Health) { h.Dropped = 2 },
			Suspect, []string{"0.1% of the actions were dropped by the generator"}},
		{"the generator gave up", func(h *Health) { h.Dropped = 300 },
			Invalid, []string{"15% of the actions were dropped by the generator"}},
		{"a drop in a hundred thousand", func(h *Health) { h.KernelDrops = 1 }, Valid, []string{}},
		{"kernel drops", func(h *Health) { h.KernelDrops = 20 },
			Suspect, []string{"0.02% of the datagrams were dropped by the kernel"}},
		{"many kernel drops", func(h *Health) { h.KernelDrops = 100_000 },
			Invalid, []string{"50% of the datagrams were dropped by the kernel"}},
		{"busy", func(h *Health) { h.CPUSeconds = 160 }, Suspect, []string{"the process used 80% of its cores"}},
		{"out of CPU", func(h *Health) { h.CPUSeconds, h.BusySeconds = 195, 98 },
			Invalid, []string{"the process used 97.5% of its cores", "the process was out of CPU for 98% of the time"}},
		{"out of CPU now and then", func(h *Health) { h.BusySeconds = 12 },
			Suspect, []string{"the process was out of CPU for 12% of the time"}},
		{"out of CPU half of the time", func(h *Health) { h.CPUSeconds, h.BusySeconds = 150, 50 },
			Invalid, []string{"the process was out of CPU for 50% of the time"}},
		{"one void measure voids it, whatever the others", func(h *Health) { h.Late, h.TickLagP99NS = 500, 11e6 },
			Invalid, []string{"timers fired 11.0 ms late at p99", "50% of the actions started late"}},
		{"others fill the machine, but the timers are in time", func(h *Health) { h.MachineFullSeconds = 100 },
			Suspect, []string{"the machine's CPU was used up for 100% of the time"}},
		{"others fill it, and the system tells", func(h *Health) { h.MachineFullSeconds, h.MachineCPUSeconds = 50, 190 },
			Suspect, []string{"the machine's CPU was used up for 50% of the time, mostly by other programs,"}},
		{"a long pause", func(h *Health) { h.GCPauseMaxNS = 50e6 },
			Suspect, []string{"garbage collection stopped the process for up to 50.0 ms"}},
		{"too much garbage", func(h *Health) { h.GCCPUSeconds = 60 },
			Suspect, []string{"garbage collection took 30% of the cores"}},
		{"no actions planned", func(h *Health) { h.Intended, h.Started, h.PacketsReceived = 0, 0, 0 }, Valid, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := Health{
				Seconds: 100, Intended: 2000, Started: 1000, PacketsReceived: 100_000, Cores: 2, CPUSeconds: 30,
				Delays: Delays{TickLagP99NS: int64(1100 * µs), GCPauseMaxNS: int64(ms)},
			}
			test.sick(&h)
			verdict, reasons := Judge(&h, true)
			if verdict != test.verdict {
				t.Errorf("the verdict is %s, want %s", verdict, test.verdict)
			}
			same(t, "reasons", reasons, test.reasons)
		})
	}
}

func TestBusySecondsAreCounted(t *testing.T) {
	r := begin(t, Manifest{})
	for second := range 10 {
		r.state.Generator.CPUSeconds -= 0.125 // what advance adds
		if second >= 6 {
			r.state.Generator.CPUSeconds += 1.8 // of two cores
		} else {
			r.state.Generator.CPUSeconds += 1.7
		}
		r.tick(s)
	}
	got := r.finish()
	if got.Generator.BusySeconds != 4 || got.Verdict.Generator != Suspect {
		t.Errorf("busy for %v s, %s; want the 4 s at 90%%, %s", got.Generator.BusySeconds, got.Verdict.Generator, Suspect)
	}
}

func TestAFullMachineIsNoticed(t *testing.T) {
	r := begin(t, Manifest{})
	r.state.Generator.MachineCores = 4
	for second := range 10 {
		r.state.Generator.MachineCPUSeconds += 3.7
		if second >= 7 {
			r.state.Generator.MachineCPUSeconds += 0.1
		}
		r.tick(s)
	}
	r.state.Generator.MachineCPUSeconds += 4 // in a tenth of a second: the system counts no finer
	r.tick(100 * ms)
	got := r.finish()
	if g := got.Generator; g.MachineFullSeconds != 3 || g.BusySeconds != 0 {
		t.Errorf("full for %v s, busy for %v s; want the 3 s in which the machine was full", g.MachineFullSeconds, g.BusySeconds)
	}
	if h := got.Phases[0].Generator; h.MachineFullSeconds != 3 {
		t.Errorf("full for %v s of the phase", h.MachineFullSeconds)
	}
}

// laggy is a run whose timers are late by the given p99 in each phase.
func laggy(t *testing.T, lag map[string]time.Duration) *Summary {
	t.Helper()
	r := begin(t, Manifest{Measured: []string{"stage 2"}})
	for _, phase := range []string{"stage 1", "warmup", "stage 2", PhaseLogout} {
		if phase != "stage 1" {
			r.phase(phase)
		}
		r.state.InPhase.TickLagP99NS = int64(lag[phase])
		r.tick(2 * s)
	}
	summary := r.finish()
	same(t, "the summary rebuilt", rebuilt(t, r.Dir()), summary)
	return summary
}

func TestEachPhaseIsJudgedByItself(t *testing.T) {
	for _, test := range []struct {
		name    string
		lag     map[string]time.Duration
		verdict Validity
		reasons []string
	}{
		{"calm", nil, Valid, []string{}},
		{"a ramp is no measurement: a little is no matter", map[string]time.Duration{"stage 1": 50 * ms}, Valid, []string{}},
		{"a ramp that distorts the logins", map[string]time.Duration{"stage 1": 164 * ms},
			Suspect, []string{"timers fired 164 ms late at p99 during stage 1"}},
		{"the warm-up is nobody's figure", map[string]time.Duration{"warmup": s}, Valid, []string{}},
		{"a measured stage", map[string]time.Duration{"stage 2": 50 * ms},
			Suspect, []string{"timers fired 50.0 ms late at p99 during stage 2"}},
		{"a measured stage, and the logouts", map[string]time.Duration{"stage 2": 100 * ms, "logout": 200 * ms},
			Invalid, []string{"timers fired 100 ms late at p99 during stage 2", "timers fired 200 ms late at p99 during logout"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := laggy(t, test.lag)
			if got.Verdict.Generator != test.verdict {
				t.Errorf("the verdict is %s, want %s", got.Verdict.Generator, test.verdict)
			}
			same(t, "reasons", got.Verdict.Reasons, test.reasons)
			for _, p := range got.Phases {
				if p.Generator.TickLagP99NS != int64(test.lag[p.Name]) || p.Generator.Seconds != 2 || p.Generator.CPUSeconds != 0.25 {
					t.Errorf("%s: %+v", p.Name, p.Generator)
				}
			}
		})
	}
}

// Run directories from before manifest.json named the phases that are measured
// tell ramps and stages apart no more, but the others still.
func TestWithoutMeasuredPhasesNamedAllStagesAre(t *testing.T) {
	var m Manifest
	for phase, want := range map[string]bool{
		"stage 1": true, "stage 2": true, profiles.WarmupPhase: false, profiles.CooldownPhase: false, PhaseLogout: false,
	} {
		if got := m.Measures(phase); got != want {
			t.Errorf("%s is measured: %v, want %v", phase, got, want)
		}
	}
	r := begin(t, m)
	for _, phase := range []string{"stage 1", profiles.WarmupPhase, "stage 2", PhaseLogout} {
		if phase != "stage 1" {
			r.phase(phase)
		}
		r.state.InPhase.TickLagP99NS = int64(50 * ms)
		r.tick(2 * s)
	}
	summary := r.finish()
	same(t, "reasons", summary.Verdict.Reasons, []string{
		"timers fired 50.0 ms late at p99 during stage 1", "timers fired 50.0 ms late at p99 during stage 2",
	})
	same(t, "the summary rebuilt", rebuilt(t, r.Dir()), summary)
}

// What no phase tells of isn't called healthy: the checkpoint may be from
// before phases had their health, or the run ended in its warm-up.
func TestARunOfWhichNothingIsJudgedIsSuspect(t *testing.T) {
	r := begin(t, Manifest{})
	r.phase(profiles.WarmupPhase)
	r.ticks(3, func() { r.ok("login", 1, 80*ms) })
	got := r.finish().Verdict
	if got.Generator != Suspect {
		t.Errorf("the verdict is %s, want %s", got.Generator, Suspect)
	}
	same(t, "reasons", got.Reasons, []string{"nothing was measured"})
}

func TestABusyRampIsNoHarm(t *testing.T) {
	h := Health{Seconds: 10, Cores: 2, CPUSeconds: 20, BusySeconds: 10}
	if verdict, reasons := Judge(&h, false); verdict != Valid || len(reasons) > 0 {
		t.Errorf("a ramp that used all cores is %s: %v", verdict, reasons)
	}
}

func TestWhatAgentsMissedOutOfWorldIsNotTheGenerators(t *testing.T) {
	r := begin(t, Manifest{})
	r.state.Actions.Dropped, r.state.Actions.Absent = 302, 300
	r.state.Actions.Intended = 2000
	r.tick(s)
	if got := r.finish(); got.Phases[0].Generator.Dropped != 2 || got.Verdict.Generator != Valid {
		t.Errorf("%d dropped, %s %v", got.Phases[0].Generator.Dropped, got.Verdict.Generator, got.Verdict.Reasons)
	}
}
