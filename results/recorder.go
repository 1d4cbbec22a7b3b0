package results

import "time"

// Recorder takes the observations of one loop. It belongs to that loop's
// goroutine, which alone may call its methods.
type Recorder struct {
	interval *Interval
}

// NewRecorder returns a Recorder with an empty interval.
func NewRecorder() *Recorder { return &Recorder{interval: NewInterval()} }

// Record takes one finished operation: response is counted from its intended
// start, service from when it was really sent. A reason other than "" says that
// it failed: it then counts as an error of that reason and its times, which
// would only be the patience of a timeout, stay out of the histograms.
//
// op and reason come from short lists: both are bounded in number, and what does
// not fit any more goes under "other". A reason that is a grid's own word is cut
// and made printable.
func (r *Recorder) Record(op string, response, service time.Duration, reason string) {
	o := r.interval.op(op)
	if reason != "" {
		o.fail(reason)
		return
	}
	o.record(sample{response: response, service: service})
}

// Count adds n to the counter called name.
func (r *Recorder) Count(name string, n int) { r.interval.counters.add(name, int64(n)) }

// Event notes a named event. Of one name, an interval keeps the first 32 and
// counts the rest.
func (r *Recorder) Event(e Event) { r.interval.AddEvent(e) }

// Swap hands over what was recorded since the last call and goes on with spare,
// which must be empty (the Collector's Merge leaves it so) and is the Recorder's
// from then on. A nil spare makes a new one.
func (r *Recorder) Swap(spare *Interval) *Interval {
	if spare == nil {
		spare = NewInterval()
	}
	full := r.interval
	r.interval = spare
	return full
}
