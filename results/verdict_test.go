package results

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name    string
		sick    func(*Health)
		verdict Validity
		reasons []string
	}{
		{"healthy", func(h *Health) {}, Valid, []string{}},
		{"timers a little late", func(h *Health) { h.Generator.TickLagP99NS = int64(9 * time.Millisecond) }, Valid, []string{}},
		{"timers late", func(h *Health) { h.Generator.TickLagP99NS = int64(10 * time.Millisecond) },
			Suspect, []string{"timers fired 10.0 ms late at p99"}},
		{"timers far too late", func(h *Health) { h.Generator.TickLagP99NS = int64(250 * time.Millisecond) },
			Invalid, []string{"timers fired 250 ms late at p99"}},
		{"few late actions", func(h *Health) { h.Actions.Late = 9 }, Valid, []string{}},
		{"late actions", func(h *Health) { h.Actions.Late = 10 }, Suspect, []string{"1% of the actions started late"}},
		{"many late actions", func(h *Health) { h.Actions.Late = 250 }, Invalid, []string{"25% of the actions started late"}},
		{"the grid kept agents out", func(h *Health) { h.Actions.Dropped, h.Actions.Absent = 300, 300 }, Valid, []string{}},
		{"the generator dropped, too", func(h *Health) { h.Actions.Dropped, h.Actions.Absent = 302, 300 },
			Suspect, []string{"0.1% of the actions were dropped by the generator"}},
		{"the generator gave up", func(h *Health) { h.Actions.Dropped = 300 },
			Invalid, []string{"15% of the actions were dropped by the generator"}},
		{"a drop in a hundred thousand", func(h *Health) { h.Transport.KernelDrops = 1 }, Valid, []string{}},
		{"kernel drops", func(h *Health) { h.Transport.KernelDrops = 20 },
			Suspect, []string{"0.02% of the datagrams were dropped by the kernel"}},
		{"many kernel drops", func(h *Health) { h.Transport.KernelDrops = 100_000 },
			Invalid, []string{"50% of the datagrams were dropped by the kernel"}},
		{"busy", func(h *Health) { h.Generator.CPUSeconds = 160 }, Suspect, []string{"the process used 80% of its cores"}},
		{"out of CPU", func(h *Health) { h.Generator.CPUSeconds, h.Generator.BusySeconds = 195, 98 },
			Invalid, []string{"the process used 97.5% of its cores", "the process was out of CPU for 98% of the run"}},
		{"out of CPU now and then", func(h *Health) { h.Generator.BusySeconds = 12 },
			Suspect, []string{"the process was out of CPU for 12% of the run"}},
		{"one void measure voids it, whatever the others", func(h *Health) { h.Actions.Late, h.Generator.TickLagP99NS = 500, 11e6 },
			Invalid, []string{"timers fired 11.0 ms late at p99", "50% of the actions started late"}},
		{"nothing happened", func(h *Health) { *h = Health{} }, Suspect, []string{"nothing was measured"}},
		{"no actions planned", func(h *Health) { h.Actions, h.Transport = Actions{}, Transport{} }, Valid, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := Health{
				Seconds:   100,
				Actions:   Actions{Intended: 2000, Started: 1000},
				Transport: Transport{PacketsReceived: 100_000},
				Generator: Generator{Cores: 2, CPUSeconds: 30, TickLagP99NS: int64(1100 * µs)},
			}
			test.sick(&h)
			verdict, reasons := Judge(h)
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
