package results

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/slload/slload/profiles"
)

// Validity is the generator's verdict over itself.
type Validity string

// The verdicts.
const (
	// Valid: the figures are the grid's.
	Valid Validity = "VALID"
	// Suspect: the generator may have a part in them.
	Suspect Validity = "SUSPECT"
	// Invalid: they say more about the generator than about the grid.
	Invalid Validity = "INVALID"
)

// limit is one measure of a generator's health: from suspect on its figures are
// doubtful, from invalid on they are void.
type limit struct {
	value            func(*Health) float64
	suspect, invalid float64
	// harm tells that the measure is a harm to figures by itself, and not only
	// something that leads to one: it counts in ramps, too.
	harm bool
	say  func(value float64, h *Health) string
}

// never is a bound that no measure reaches.
const never = math.MaxFloat64

// limits are the measures and their bounds:
//
//	measure, over one phase                       SUSPECT  INVALID
//	lateness of the loops' timers, p99            10 ms    100 ms   harm
//	actions started late, of those started        1 %      10 %     harm
//	actions dropped with their agent in world,
//	  of those intended                           0.1 %    1 %      harm
//	datagrams dropped by the kernel before they
//	  were read, of those that came               0.01 %   1 %      harm
//	share of its cores that the process used      80 %     95 %
//	share of the time in which it used 90 % of
//	  them or more                                10 %     50 %
//	share of the time in which the machine was
//	  full                                        10 %     never
//	longest pause for garbage collection          50 ms    never
//	garbage collection's share of the cores       25 %     never
//
// Late timers delay what is sent, dropped actions make the load lighter than
// planned, dropped datagrams look like a lossy grid, and a process without
// cores to spare makes everything wait in it. A machine that others fill leads
// to harm only if the process waits for it, and then its timers say so; and so
// it is with pauses that come often enough to show in a p99.
var limits = []limit{
	{
		value:   func(h *Health) float64 { return float64(h.TickLagP99NS) },
		suspect: float64(10 * time.Millisecond), invalid: float64(100 * time.Millisecond), harm: true,
		say: func(v float64, _ *Health) string { return "timers fired " + Human(time.Duration(v)) + " late at p99" },
	},
	{
		value:   func(h *Health) float64 { return share(h.Late, h.Started) },
		suspect: 0.01, invalid: 0.10, harm: true,
		say: func(v float64, _ *Health) string { return percent(v) + " of the actions started late" },
	},
	{
		value:   func(h *Health) float64 { return share(h.Dropped, h.Intended) },
		suspect: 0.001, invalid: 0.01, harm: true,
		say: func(v float64, _ *Health) string { return percent(v) + " of the actions were dropped by the generator" },
	},
	{
		value:   func(h *Health) float64 { return share(h.KernelDrops, h.KernelDrops+h.PacketsReceived) },
		suspect: 0.0001, invalid: 0.01, harm: true,
		say: func(v float64, _ *Health) string { return percent(v) + " of the datagrams were dropped by the kernel" },
	},
	{
		value:   func(h *Health) float64 { return ratio(h.CPUSeconds, h.Seconds*float64(h.Cores)) },
		suspect: 0.80, invalid: 0.95,
		say: func(v float64, _ *Health) string { return "the process used " + percent(v) + " of its cores" },
	},
	{
		value:   func(h *Health) float64 { return ratio(h.BusySeconds, h.Seconds) },
		suspect: 0.10, invalid: 0.50,
		say: func(v float64, _ *Health) string {
			return "the process was out of CPU for " + percent(v) + " of the time"
		},
	},
	{
		value:   func(h *Health) float64 { return ratio(h.MachineFullSeconds, h.Seconds) },
		suspect: 0.10, invalid: never,
		say: func(v float64, h *Health) string {
			return "the machine's CPU was used up for " + percent(v) + " of the time" + h.byOthers()
		},
	},
	{
		value:   func(h *Health) float64 { return float64(h.GCPauseMaxNS) },
		suspect: float64(50 * time.Millisecond), invalid: never,
		say: func(v float64, _ *Health) string {
			return "garbage collection stopped the process for up to " + Human(time.Duration(v))
		},
	},
	{
		value:   func(h *Health) float64 { return ratio(h.GCCPUSeconds, h.Seconds*float64(h.Cores)) },
		suspect: 0.25, invalid: never,
		say: func(v float64, _ *Health) string { return "garbage collection took " + percent(v) + " of the cores" },
	},
}

// Judge says whether the figures of a phase can be trusted, and why not. Where
// the phase is not measured, that is in a ramp or while agents log out, only
// what harms figures by itself counts, only where it would void a measured
// phase, and the verdict is SUSPECT then.
func Judge(h *Health, measured bool) (Validity, []string) {
	verdict, reasons := Valid, []string{}
	for _, l := range limits {
		v := l.value(h)
		switch {
		case !measured && (!l.harm || v < l.invalid):
			continue
		case measured && v >= l.invalid:
			verdict = Invalid
		case v < l.suspect:
			continue
		case verdict == Valid:
			verdict = Suspect
		}
		reasons = append(reasons, l.say(v, h))
	}
	return verdict, reasons
}

// judge says whether the run's figures can be trusted. Warm-up and cool-down
// are nobody's figures. Where there are workers, it is they who are judged.
func (l *ledger) judge(m *Manifest) (Validity, []string) {
	if len(l.workers) > 0 {
		return worst(l.workerSummaries(m))
	}
	return l.judgeBy(m, func(p *phase) *Health { return &p.health })
}

// judgeBy judges by the health of each phase; nil: there is none.
func (l *ledger) judgeBy(m *Manifest, health func(*phase) *Health) (Validity, []string) {
	verdict, reasons, judged := Valid, []string{}, false
	for _, p := range l.phases {
		h := health(p)
		if h == nil || profiles.LeftOut(p.name) || h.Seconds <= 0 {
			continue
		}
		judged = true
		v, why := Judge(h, m.Measures(p.name))
		if severity[v] > severity[verdict] {
			verdict = v
		}
		for _, reason := range why {
			reasons = append(reasons, reason+" during "+p.name)
		}
	}
	if !judged {
		return Suspect, append(reasons, "nothing was measured")
	}
	return verdict, reasons
}

var severity = map[Validity]int{Valid: 0, Suspect: 1, Invalid: 2}

// Measures tells whether a phase is one that the generator's verdict is about.
func (m *Manifest) Measures(phase string) bool {
	if len(m.Measured) == 0 { // a run directory from before there was the field
		return phase != PhaseLogout && !profiles.LeftOut(phase)
	}
	return slices.Contains(m.Measured, phase)
}

func share(part, of int64) float64 { return ratio(float64(part), float64(of)) }

func ratio(part, of float64) float64 {
	if of <= 0 {
		return 0
	}
	return part / of
}

func percent(share float64) string { return fmt.Sprintf("%.3g%%", 100*share) }

// verdict judges the generator and the thresholds.
func (l *ledger) verdict(m *Manifest) Verdict {
	v := Verdict{Thresholds: ThresholdsNone, Failed: []string{}}
	v.Generator, v.Reasons = l.judge(m)
	if len(m.Thresholds) == 0 {
		return v
	}
	v.Failed, v.Thresholds = l.failedThresholds(m.Thresholds), ThresholdsPass
	if len(v.Failed) > 0 {
		v.Thresholds = ThresholdsFail
	}
	return v
}
