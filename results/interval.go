package results

import (
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Interval holds what one loop recorded between two swaps, or several together.
// It has one owner at a time: the loop while it fills, the collector while it
// drains. On the way to another machine it is the bytes of [AppendInterval].
type Interval struct {
	ops        map[string]*opSamples
	counters   counts
	events     []Event
	perName    map[string]int
	suppressed counts
}

// NewInterval returns an empty interval.
func NewInterval() *Interval {
	return &Interval{
		ops:        make(map[string]*opSamples),
		counters:   make(counts),
		perName:    make(map[string]int),
		suppressed: make(counts),
	}
}

const (
	// maxNames bounds the operations, reasons and counters that one map keeps.
	// The names are ours and few; the bound is for the day when one slips through
	// that was made from a peer's text.
	maxNames  = 256
	nameOther = "other"
	// maxEventsPerName bounds what one name may take of an interval's events, so
	// that a flood of one kind cannot hide the others.
	maxEventsPerName = 32
	// samplesKept is how many samples of an operation an interval keeps as they
	// came. A loop seldom passes it in a second, and up to there a sample costs
	// an append and its merge is proportional to the load; a pair of dense
	// histograms would cost 394 KB per operation and two scans of 24,576 slots
	// each second however little was recorded.
	samplesKept = 1024
)

type sample struct{ response, service time.Duration }

// opSamples are the samples of one operation in one interval: as they came,
// and in a pair of histograms once there were more than samplesKept.
type opSamples struct {
	samples           []sample
	response, service *hdr.Histogram // nil until the first spill
	errors            counts         // by reason
	clamped           int64
}

func (iv *Interval) op(name string) *opSamples {
	if o := iv.ops[name]; o != nil {
		return o
	}
	if len(iv.ops) >= maxNames && name != nameOther {
		return iv.op(nameOther)
	}
	o := &opSamples{samples: make([]sample, 0, samplesKept), errors: make(counts)}
	iv.ops[name] = o
	return o
}

func (o *opSamples) record(s sample) {
	o.clamped += clamp(&s.response) | clamp(&s.service)
	o.keep(s)
}

// keep takes a sample that is clamped.
func (o *opSamples) keep(s sample) {
	if len(o.samples) == samplesKept {
		o.spill()
	}
	o.samples = append(o.samples, s)
}

// spill moves the kept samples into the histograms.
func (o *opSamples) spill() {
	response, service := o.dense()
	for _, s := range o.samples {
		recordValue(response, s.response)
		recordValue(service, s.service)
	}
	o.samples = o.samples[:0]
}

// dense are the histograms, made if there are none.
func (o *opSamples) dense() (response, service *hdr.Histogram) {
	if o.response == nil {
		o.response, o.service = newDense(), newDense()
	}
	return o.response, o.service
}

// spilled tells whether the histograms hold anything.
func (o *opSamples) spilled() bool { return o.response != nil && o.response.TotalCount() > 0 }

func (o *opSamples) empty() bool { return len(o.samples) == 0 && len(o.errors) == 0 && !o.spilled() }

// merge takes over what from holds.
func (o *opSamples) merge(from *opSamples) {
	for _, s := range from.samples {
		o.keep(s)
	}
	if from.spilled() {
		response, service := o.dense()
		response.Merge(from.response)
		service.Merge(from.service)
	}
	o.errors.merge(from.errors)
	o.clamped += from.clamped
}

func (o *opSamples) fail(reason string) { o.errors.add(reason, 1) }

func (o *opSamples) reset() {
	o.samples = o.samples[:0]
	if o.spilled() {
		o.response.Reset()
		o.service.Reset()
	}
	clear(o.errors)
	o.clamped = 0
}

// AddEvent notes an event. Of one name, an interval keeps the first 32 and counts
// the rest.
func (iv *Interval) AddEvent(e Event) {
	n, known := iv.perName[e.Name]
	if n >= maxEventsPerName || !known && len(iv.perName) >= maxNames {
		iv.suppressed.add(e.Name, 1)
		return
	}
	iv.perName[e.Name] = n + 1
	iv.events = append(iv.events, e)
}

// Merge takes over what from holds and leaves it empty, ready to be a spare.
func (iv *Interval) Merge(from *Interval) {
	for name, o := range from.ops {
		if !o.empty() {
			iv.op(name).merge(o)
		}
	}
	iv.counters.merge(from.counters)
	for _, e := range from.events {
		iv.AddEvent(e)
	}
	iv.suppressed.merge(from.suppressed)
	from.Reset()
}

// Shift moves the events by d, for who counts time from another instant.
func (iv *Interval) Shift(d time.Duration) {
	for i := range iv.events {
		iv.events[i].T += d
	}
}

// Reset empties the interval and keeps its memory for the next one.
func (iv *Interval) Reset() {
	for _, o := range iv.ops {
		o.reset()
	}
	clear(iv.counters)
	clear(iv.events) // lets go of the strings
	iv.events = iv.events[:0]
	clear(iv.perName)
	clear(iv.suppressed)
}

// counts are named counters, bounded in number.
type counts map[string]int64

func (c counts) add(name string, n int64) {
	if _, ok := c[name]; !ok && len(c) >= maxNames {
		name = nameOther
	}
	c[name] += n
}

func (c counts) merge(from counts) {
	for name, n := range from {
		c.add(name, n)
	}
}

func (c counts) sum() (total int64) {
	for _, n := range c {
		total += n
	}
	return total
}
