// Package capacity finds how many agents a grid holds: the load up to which it
// reaches its goals in most trials. It stands beside results/compare and knows
// nothing of runs; whoever searches makes the trials.
//
// The method is that of RFC 9971 (MLRsearch), with agents for the load: short
// trials bracket the capacity and halve the bracket, long ones decide. A load is
// a lower bound when the share of its long trials' time that missed the goals
// stays within the exceed ratio whatever the trials still due would show, and an
// upper bound when it can't come back within. The result is the smallest upper
// bound, and the largest lower bound below it: grids are no staircases, and a
// load that held above one that didn't is no capacity.
package capacity

import (
	"context"
	"fmt"
	"math"
	"time"
)

// Search says how to search.
type Search struct {
	Least, Most int // agents between which the capacity is looked for
	First       int // agents of the first trial
	// Width is how far apart the bounds may be at the end, of the upper one.
	Width float64
	// Exceed is the share of trials at one load that may miss the goals.
	Exceed      float64
	Short, Long time.Duration // of a trial
	Trials      int           // long ones that decide about a load, at most
	MaxTrials   int           // of the whole search, short and long
}

// Outcome is how a trial came out.
type Outcome struct {
	Held bool `json:"held"` // all goals were reached
	// GaveOut tells that the generator's figures are void: it, not the grid,
	// was at its end.
	GaveOut bool     `json:"generator_gave_out"`
	Reasons []string `json:"reasons"`
	Dir     string   `json:"dir"` // where the evidence is
}

// Trial is a trial that was made.
type Trial struct {
	Agents  int     `json:"agents"`
	Seconds float64 `json:"seconds"`
	Outcome
}

// Result is what a search came to.
type Result struct {
	// Lower is the most agents that the grid was shown to hold; 0: not even the
	// least.
	Lower int `json:"lower"`
	// Upper is the fewest agents, above Lower, that it was shown not to hold; 0:
	// none was found up to the most.
	Upper int `json:"upper"`
	// Stopped says why the search ended before the bounds were near to each
	// other; empty: they are, or there is nothing beyond them.
	Stopped string  `json:"stopped"`
	GaveOut bool    `json:"generator_gave_out"` // that is why
	Trials  []Trial `json:"trials"`
}

// Try makes the nth trial, counted from 1.
type Try func(ctx context.Context, agents int, length time.Duration, nth int) (Outcome, error)

// check says what is wrong with a search.
func (s Search) check() error {
	switch {
	case s.Least < 1 || s.Most < s.Least || s.First < s.Least || s.First > s.Most:
		return fmt.Errorf("search from %d to %d agents beginning with %d: want 1 at least, and the first between them", s.Least, s.Most, s.First)
	case !(s.Width > 0 && s.Width < 1) || !(s.Exceed >= 0 && s.Exceed < 1):
		return fmt.Errorf("width %v and exceed ratio %v: want both below 1, and a width above 0", s.Width, s.Exceed)
	case s.Short <= 0 || s.Long < s.Short || s.Trials < 1 || s.MaxTrials < 1:
		return fmt.Errorf("trials of %v and %v, %d at a load, %d in all: want the long ones no shorter, and one at least", s.Short, s.Long, s.Trials, s.MaxTrials)
	}
	return nil
}

// Run searches. The error is that of a trial that couldn't be made, or of ctx;
// what was found until then is given with it.
func (s Search) Run(ctx context.Context, try Try) (*Result, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	h := &hunt{Search: s, try: try, loads: map[int]*load{}, result: &Result{Trials: []Trial{}}}
	err := h.bracket(ctx)
	if err == nil {
		err = h.decideAll(ctx)
	}
	h.result.Lower, h.result.Upper = h.bounds()
	return h.result, err
}

// hunt is a search under way.
type hunt struct {
	Search
	try    Try
	loads  map[int]*load
	result *Result
	low    int // most agents that held in a short trial, below high; 0: none
	high   int // fewest that didn't; 0: none
}

// load is what the long trials at one number of agents showed.
type load struct{ good, bad int }

// over tells that the search has come to its end before its goal.
func (h *hunt) over() bool { return h.result.Stopped != "" }

// trial makes one trial; ok is false when there is nothing to learn from it.
func (h *hunt) trial(ctx context.Context, agents int, length time.Duration) (held, ok bool, err error) {
	if len(h.result.Trials) >= h.MaxTrials {
		h.result.Stopped = fmt.Sprintf("after %d trials, the most that were allowed", h.MaxTrials)
		return false, false, nil
	}
	if err := context.Cause(ctx); err != nil {
		return false, false, err
	}
	o, err := h.try(ctx, agents, length, len(h.result.Trials)+1)
	if err != nil {
		return false, false, err
	}
	h.result.Trials = append(h.result.Trials, Trial{agents, length.Seconds(), o})
	if o.GaveOut {
		h.result.Stopped, h.result.GaveOut = fmt.Sprintf("the generator gave out at %d agents, not the grid", agents), true
		return false, false, nil
	}
	return o.Held, true, nil
}

// bracket finds by short trials two loads between which the capacity seems to
// lie, doubling and halving, and brings them near to each other.
func (h *hunt) bracket(ctx context.Context) error {
	for n := h.First; n != 0; n = h.nextShort() {
		held, ok, err := h.trial(ctx, n, h.Short)
		if err != nil || !ok {
			return err
		}
		if held {
			h.low = n
		} else {
			h.high = n
		}
	}
	return nil
}

// nextShort is the next load to look at, 0 when the long trials may begin.
func (h *hunt) nextShort() int {
	switch {
	case h.high == 0 && h.low == h.Most, h.low == 0 && h.high == h.Least:
		return 0
	case h.high == 0:
		return min(2*h.low, h.Most)
	case h.low == 0:
		return max(h.high/2, h.Least)
	case narrow(h.low, h.high, 2*h.Width):
		return 0
	}
	return middle(h.low, h.high)
}

// decideAll makes long trials until the bounds are near to each other.
func (h *hunt) decideAll(ctx context.Context) error {
	if h.over() { // what held until then is confirmed, and nothing beyond
		if !h.result.GaveOut || h.low == 0 {
			return nil
		}
		_, err := h.decide(ctx, h.low)
		return err
	}
	for n := h.nextLong(); n != 0; n = h.nextLong() {
		if ok, err := h.decide(ctx, n); err != nil || !ok {
			return err
		}
	}
	return nil
}

// nextLong is the next load to decide about, 0 at the end of the search.
func (h *hunt) nextLong() int {
	lower, upper := h.bounds()
	switch {
	case upper == 0 && lower == h.Most, lower == 0 && upper == h.Least:
		return 0
	case upper == 0 && lower == 0:
		return max(h.low, h.Least)
	case upper == 0:
		return min(max(h.high, lower+max(1, int(2*h.Width*float64(lower)))), h.Most)
	case lower == 0 && h.low > 0 && h.low < upper:
		return h.low
	case lower == 0:
		return max(min(upper-1, int(float64(upper)*(1-2*h.Width))), h.Least)
	case narrow(lower, upper, h.Width):
		return 0
	case h.high > lower && h.high < upper:
		return h.high
	}
	return middle(lower, upper)
}

// decide makes long trials at a load until it is one bound or the other; ok is
// false when the search ends before that.
func (h *hunt) decide(ctx context.Context, n int) (ok bool, err error) {
	l := h.loads[n]
	if l == nil {
		l = &load{}
		h.loads[n] = l
	}
	for {
		if lower, upper := h.class(l); lower || upper {
			return true, nil
		}
		held, ok, err := h.trial(ctx, n, h.Long)
		if err != nil || !ok {
			return ok, err
		}
		if held {
			l.good++
		} else {
			l.bad++
		}
	}
}

// class tells whether a load is a lower bound, if all trials still due were bad,
// or an upper one, if all were good.
func (h *hunt) class(l *load) (lower, upper bool) {
	due := max(0, h.Trials-l.good-l.bad)
	allowed := h.Exceed * float64(l.good+l.bad+due)
	return float64(l.bad+due) <= allowed, float64(l.bad) > allowed
}

// bounds are the smallest upper bound, and the largest lower one below it.
func (h *hunt) bounds() (lower, upper int) {
	for n, l := range h.loads {
		if _, is := h.class(l); is && (upper == 0 || n < upper) {
			upper = n
		}
	}
	for n, l := range h.loads {
		if is, _ := h.class(l); is && (upper == 0 || n < upper) {
			lower = max(lower, n)
		}
	}
	return lower, upper
}

// narrow tells whether two bounds are as near as they shall be, or can be.
func narrow(lower, upper int, width float64) bool {
	return upper-lower <= 1 || float64(upper-lower) <= width*float64(upper)
}

// middle is between two loads, by ratio: capacities are told in percent.
func middle(lower, upper int) int {
	m := int(math.Round(math.Sqrt(float64(lower) * float64(upper))))
	return min(max(m, lower+1), upper-1)
}
