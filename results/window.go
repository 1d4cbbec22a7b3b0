package results

import (
	"time"

	"github.com/slload/slload/profiles"
)

// graceBeforeAbort is how much of the run passes before a threshold over the
// whole run may abort it: among the first few samples any one is a percentile.
const graceBeforeAbort = 10 * time.Second

// windowSlots is into how many parts a sliding window is cut at most; it moves
// by one part at a time, and by no less than a second.
const windowSlots = 60

// watch follows one threshold while the run goes on.
type watch struct {
	threshold profiles.Threshold
	window    *window // nil: the whole run
}

// watchAll makes the watches that need the running run: windows, and aborts.
func watchAll(thresholds []profiles.Threshold) []*watch {
	var list []*watch
	for _, t := range thresholds {
		w := &watch{threshold: t}
		if t.Over > 0 {
			w.window = newWindow(time.Duration(t.Over))
		}
		if t.Over > 0 || t.Abort {
			list = append(list, w)
		}
	}
	return list
}

// begin has the watch begin when the run has been judged for so long already.
func (w *watch) begin(judged time.Duration) {
	if w.window != nil {
		w.window.end += judged
	}
}

// tick takes what finished up to now, of the time that is judged, and returns
// the breach it led to, if any; whole gives what is judged of the run so far.
// A window judges only when it is full, and not where it holds no sample: a
// rare operation has windows without.
func (w *watch) tick(now time.Duration, tick tally, whole func(profiles.Threshold) *outcome) string {
	var o *outcome
	if w.window != nil {
		o = w.window.tick(now, w.threshold, tick)
	} else if now >= graceBeforeAbort {
		o = whole(w.threshold)
	}
	if o == nil || !o.judged(w.threshold) {
		return ""
	}
	return o.breach(w.threshold)
}

// window is a ring of the outcomes of equal parts of its span.
type window struct {
	part   time.Duration
	end    time.Duration // of the part that fills
	slots  []*outcome
	filled int // parts filled since the start
}

func newWindow(span time.Duration) *window {
	n := max(1, min(windowSlots, int(span/time.Second)))
	w := &window{part: span / time.Duration(n), slots: make([]*outcome, n)}
	w.end = w.part
	for i := range w.slots {
		w.slots[i] = newOutcome()
	}
	return w
}

// tick books tick in the filling part. When that ends the part and the window
// is full, it returns what the window holds, otherwise nil.
func (w *window) tick(now time.Duration, t profiles.Threshold, tick tally) *outcome {
	w.filling().add(t, tick)
	if now < w.end {
		return nil
	}
	var full *outcome
	if w.filled++; w.filled >= len(w.slots) {
		full = newOutcome()
		for _, s := range w.slots {
			full.merge(s)
		}
	}
	w.filling().reset()
	for w.end += w.part; w.end <= now; w.end += w.part {
		w.filled++ // a part that a late tick skipped stays empty
		w.filling().reset()
	}
	return full
}

// filling is the slot of the part that fills: the oldest, once all were used.
func (w *window) filling() *outcome { return w.slots[w.filled%len(w.slots)] }
