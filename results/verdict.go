package results

import (
	"fmt"
	"time"
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

// Health is what the generator is judged by.
type Health struct {
	Seconds   float64 // the run's length
	Actions   Actions
	Transport Transport
	Generator Generator
}

// limit is one measure of a generator's health: from suspect on its figures are
// doubtful, from invalid on they are void.
type limit struct {
	value            func(Health) float64
	suspect, invalid float64
	say              func(value float64) string
}

// limits are the measures and their bounds:
//
//	measure                                       SUSPECT  INVALID
//	lateness of the loops' timers, p99            10 ms    100 ms
//	actions started late, of those started        1 %      10 %
//	actions dropped with their agent in world,
//	  of those intended                           0.1 %    1 %
//	datagrams dropped by the kernel before they
//	  were read, of those that came               0.01 %   1 %
//	share of its cores that the process used      80 %     95 %
//	share of the run with 90 % or more of them    10 %     50 %
//
// Late timers delay what is sent, dropped actions make the load lighter than
// planned, dropped datagrams look like a lossy grid, and a process without
// cores to spare makes everything wait in it.
var limits = []limit{
	{
		value:   func(h Health) float64 { return float64(h.Generator.TickLagP99NS) },
		suspect: float64(10 * time.Millisecond), invalid: float64(100 * time.Millisecond),
		say: func(v float64) string { return "timers fired " + Human(time.Duration(v)) + " late at p99" },
	},
	{
		value:   func(h Health) float64 { return share(h.Actions.Late, h.Actions.Started) },
		suspect: 0.01, invalid: 0.10,
		say: func(v float64) string { return percent(v) + " of the actions started late" },
	},
	{
		value: func(h Health) float64 {
			return share(h.Actions.Dropped-h.Actions.Absent, h.Actions.Intended)
		},
		suspect: 0.001, invalid: 0.01,
		say: func(v float64) string { return percent(v) + " of the actions were dropped by the generator" },
	},
	{
		value: func(h Health) float64 {
			return share(h.Transport.KernelDrops, h.Transport.KernelDrops+h.Transport.PacketsReceived)
		},
		suspect: 0.0001, invalid: 0.01,
		say: func(v float64) string { return percent(v) + " of the datagrams were dropped by the kernel" },
	},
	{
		value: func(h Health) float64 {
			return ratio(h.Generator.CPUSeconds, h.Seconds*float64(h.Generator.Cores))
		},
		suspect: 0.80, invalid: 0.95,
		say: func(v float64) string { return "the process used " + percent(v) + " of its cores" },
	},
	{
		value:   func(h Health) float64 { return ratio(h.Generator.BusySeconds, h.Seconds) },
		suspect: 0.10, invalid: 0.50,
		say: func(v float64) string { return "the process was out of CPU for " + percent(v) + " of the run" },
	},
}

// Judge says whether a run's figures can be trusted, and why not.
func Judge(h Health) (Validity, []string) {
	verdict, reasons := Valid, []string{}
	if h.Seconds <= 0 {
		return Suspect, append(reasons, "nothing was measured")
	}
	for _, l := range limits {
		v := l.value(h)
		switch {
		case v >= l.invalid:
			verdict = Invalid
		case v < l.suspect:
			continue
		case verdict == Valid:
			verdict = Suspect
		}
		reasons = append(reasons, l.say(v))
	}
	return verdict, reasons
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
func (l *ledger) verdict(m *Manifest, s *Summary) Verdict {
	v := Verdict{Thresholds: ThresholdsNone, Failed: []string{}}
	v.Generator, v.Reasons = Judge(Health{
		Seconds: s.Run.Seconds, Actions: s.Actions, Transport: s.Transport, Generator: s.Generator,
	})
	if len(m.Thresholds) == 0 {
		return v
	}
	v.Failed, v.Thresholds = l.failedThresholds(m.Thresholds), ThresholdsPass
	if len(v.Failed) > 0 {
		v.Thresholds = ThresholdsFail
	}
	return v
}
