package results

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// figures are what one operation came to over some stretch of the run.
type figures struct {
	response, service *hdr.PackedHistogram
	errors            counts // by reason
	clamped           int64
}

func newFigures() *figures {
	return &figures{response: newPacked(), service: newPacked(), errors: make(counts)}
}

func (f *figures) merge(from *figures) {
	mergePacked(f.response, from.response)
	mergePacked(f.service, from.service)
	f.errors.merge(from.errors)
	f.clamped += from.clamped
}

func (f *figures) reset() {
	f.response.Reset()
	f.service.Reset()
	clear(f.errors)
	f.clamped = 0
}

func (f *figures) empty() bool {
	return f.response.TotalCount() == 0 && len(f.errors) == 0
}

// drain moves the samples of one loop's interval in.
func (f *figures) drain(o *opSamples) {
	for _, s := range o.samples {
		recordValue(f.response, s.response)
		recordValue(f.service, s.service)
	}
	if o.spilled() {
		f.response.MergeFrom(o.response)
		f.service.MergeFrom(o.service)
	}
	for reason, n := range o.errors {
		f.errors.add(cleanName(reason), n)
	}
	f.clamped += o.clamped
}

func (f *figures) op() Op {
	return Op{
		Count:      f.response.TotalCount(),
		Errors:     f.errors.sum(),
		ResponseNS: quantilesOf(f.response),
		ServiceNS:  quantilesOf(f.service),
		Clamped:    f.clamped,
	}
}

func quantilesOf(h *hdr.PackedHistogram) Quantiles {
	if h.TotalCount() == 0 {
		return Quantiles{}
	}
	at := h.ValueAtPercentilesSlice([]float64{50, 90, 95, 99, 99.9})
	return Quantiles{
		Min: h.Min(), P50: at[0], P90: at[1], P95: at[2], P99: at[3], P999: at[4],
		Max: h.Max(), Mean: int64(h.Mean()),
	}
}

// tally holds figures by operation.
type tally map[string]*figures

func (t tally) figures(op string) *figures {
	f := t[op]
	if f == nil && len(t) >= maxNames && op != nameOther {
		return t.figures(nameOther)
	}
	if f == nil {
		f = newFigures()
		t[op] = f
	}
	return f
}

func (t tally) merge(from tally) {
	for op, f := range from {
		if !f.empty() {
			t.figures(op).merge(f)
		}
	}
}

func (t tally) empty() bool {
	for _, f := range t {
		if !f.empty() {
			return false
		}
	}
	return true
}

// reset empties the tally and keeps its memory.
func (t tally) reset() {
	for _, f := range t {
		f.reset()
	}
}

func (t tally) drain(iv *Interval) {
	for op, o := range iv.ops {
		if !o.empty() {
			t.figures(cleanName(op)).drain(o)
		}
	}
}

// cleanName makes the name of an operation fit for a tag of the log format,
// which ends at a comma and at white space, and a reason one short word. Most are
// ours, so it seldom has anything to do; but the code by which a grid refuses a
// login is a reason, too, and may be any text.
func cleanName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == ',' || unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, cutText(name))
}

// ops are the operations that had at least one outcome.
func (t tally) ops() map[string]Op {
	ops := make(map[string]Op, len(t))
	for op, f := range t {
		if !f.empty() {
			ops[op] = f.op()
		}
	}
	return ops
}

// errorCounts are the failures, by operation and reason in order of name.
func (t tally) errorCounts() []ErrorCount {
	list := []ErrorCount{}
	for _, op := range slices.Sorted(maps.Keys(t)) {
		for _, reason := range slices.Sorted(maps.Keys(t[op].errors)) {
			list = append(list, ErrorCount{Op: op, Reason: reason, Count: t[op].errors[reason]})
		}
	}
	return list
}
