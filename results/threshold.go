package results

import (
	"fmt"
	"strings"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"

	"github.com/slload/slload/profiles"
)

// The results of all thresholds together.
const (
	ThresholdsPass = "pass"
	ThresholdsFail = "fail"
	ThresholdsNone = "none"
)

// NoSamples is what Verdict.Failed has behind a threshold that nothing was
// measured for.
const NoSamples = "no samples"

// outcome is what a threshold judges: the outcomes of its operation, or of all.
type outcome struct {
	response   *hdr.PackedHistogram // of one operation; empty for all of them
	ok, failed int64
}

func newOutcome() *outcome { return &outcome{response: newPacked()} }

// add takes the outcomes that t looks at out of ops.
func (o *outcome) add(t profiles.Threshold, ops tally) {
	if t.Op != "" {
		if f := ops[t.Op]; f != nil {
			o.response.Merge(f.response)
			o.count(f)
		}
		return
	}
	for _, f := range ops {
		o.count(f)
	}
}

func (o *outcome) count(f *figures) {
	o.ok += f.response.TotalCount()
	o.failed += f.errors.sum()
}

func (o *outcome) merge(from *outcome) {
	o.response.Merge(from.response)
	o.ok += from.ok
	o.failed += from.failed
}

func (o *outcome) reset() {
	o.response.Reset()
	o.ok, o.failed = 0, 0
}

// judged tells whether there is anything for t to judge.
func (o *outcome) judged(t profiles.Threshold) bool {
	if t.Stat == profiles.StatErrors {
		return o.ok+o.failed > 0
	}
	return o.ok > 0
}

// breach says what was measured where t does not hold, and is empty where it
// does. Without a sample nothing was shown, so nothing holds.
func (o *outcome) breach(t profiles.Threshold) string {
	switch {
	case !o.judged(t):
		return NoSamples
	case t.Stat == profiles.StatErrors:
		if share := float64(o.failed) / float64(o.ok+o.failed); share >= t.Ratio {
			return fmt.Sprintf("was %.3g%% (%d of %d)", 100*share, o.failed, o.ok+o.failed)
		}
	default:
		if v := o.stat(t); v >= time.Duration(t.Limit) {
			return "was " + Human(v)
		}
	}
	return ""
}

func (o *outcome) stat(t profiles.Threshold) time.Duration {
	switch t.Stat {
	case profiles.StatMin:
		return time.Duration(o.response.Min())
	case profiles.StatMean:
		return time.Duration(o.response.Mean())
	case profiles.StatMax:
		return time.Duration(o.response.Max())
	default:
		return time.Duration(o.response.ValueAtPercentile(t.Quantile))
	}
}

// failedThresholds judges every threshold: windowed ones by what their windows
// showed while the run went on, all others (and windowed ones whose run was
// shorter than the window) over the whole run; warm-up and cool-down are left
// out either way.
func (l *ledger) failedThresholds(thresholds []profiles.Threshold) []string {
	failed := []string{}
	for _, t := range thresholds {
		what, seen := l.breaches[t.String()]
		if !seen {
			what = l.wholeRunBreach(t)
		}
		if what != "" {
			failed = append(failed, t.String()+": "+what)
		}
	}
	return failed
}

// Breach is what was measured instead of the threshold t, as Failed has it;
// empty where t held.
func (v *Verdict) Breach(t profiles.Threshold) string {
	for _, failed := range v.Failed {
		if was, ok := strings.CutPrefix(failed, t.String()+": "); ok {
			return was
		}
	}
	return ""
}

// wholeRunBreach judges t over everything so far. A windowed threshold that
// had its full windows, none of them a breach, held.
func (l *ledger) wholeRunBreach(t profiles.Threshold) string {
	o := l.judged(t)
	if t.Over > 0 && l.judgedTime() >= time.Duration(t.Over) && o.judged(t) {
		return ""
	}
	return o.breach(t)
}
