package results

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// ReadInterval adds what AppendInterval made data of to iv, which need not be
// empty: names and events stay as bounded in it as if one loop had recorded all.
// It takes all of data or, where there is an error, nothing. Whatever data is,
// iv grows to no more than what the most operations have, some 100 MB.
func ReadInterval(data []byte, iv *Interval) error {
	if err := readInterval(data, nil); err != nil {
		return fmt.Errorf("read an interval: %w", err)
	}
	return readInterval(data, iv)
}

// readInterval reads data into iv; nil: only to see whether it can be read.
func readInterval(data []byte, iv *Interval) error {
	r := &wireReader{data: data}
	if v := r.uvarint(1 << 32); v != wireVersion && r.err == nil {
		return fmt.Errorf("its form is %d, want %d: the machines of a run need the same slload", v, wireVersion)
	}
	for range r.uvarint(maxWireNames) {
		r.op(iv)
	}
	var counters, suppressed counts
	if iv != nil {
		counters, suppressed = iv.counters, iv.suppressed
	}
	r.counts(counters, -maxWireCount)
	for range r.uvarint(maxWireEvents) {
		r.event(iv)
	}
	r.counts(suppressed, 1)
	if r.err == nil && len(r.data) > 0 {
		return fmt.Errorf("%d bytes stand behind its end", len(r.data))
	}
	return r.err
}

// wireReader reads from the front of data until there is an error, and zeros
// from then on. Where its methods are given nil to read into, they only look.
type wireReader struct {
	data []byte
	err  error
}

var errWireEnd = errors.New("it ends in the middle")

func (r *wireReader) fail(err error) {
	if r.err == nil {
		r.err, r.data = err, nil
	}
}

// uvarint reads an integer of up to most.
func (r *wireReader) uvarint(most uint64) uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.fail(errWireEnd)
		return 0
	}
	r.data = r.data[n:]
	if v > most {
		r.fail(fmt.Errorf("%d where it can be %d at most", v, most))
		return 0
	}
	return v
}

// varint reads an integer from -most to most.
func (r *wireReader) varint(most int64) int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.fail(errWireEnd)
		return 0
	}
	r.data = r.data[n:]
	if v > most || v < -most {
		r.fail(fmt.Errorf("%d where it can be %d at most", v, most))
		return 0
	}
	return v
}

// text reads a text, which is a part of data.
func (r *wireReader) text() []byte {
	n := r.uvarint(maxWireText)
	if n > uint64(len(r.data)) {
		r.fail(errWireEnd)
		return nil
	}
	s := r.data[:n]
	r.data = r.data[n:]
	return s
}

func (r *wireReader) op(iv *Interval) {
	name := r.text()
	if len(name) == 0 {
		r.fail(errors.New("an operation without a name"))
	}
	if r.err != nil {
		return
	}
	var o *opSamples
	var errors counts
	if iv != nil {
		if o = iv.ops[string(name)]; o == nil { // the lookup makes no string
			o = iv.op(string(name))
		}
		errors = o.errors
	}
	clamped := r.uvarint(maxWireSamples)
	if o != nil {
		o.clamped += int64(clamped)
	}
	r.samples(o)
	r.histograms(o)
	r.counts(errors, 1)
}

func (r *wireReader) samples(o *opSamples) {
	for range r.uvarint(samplesKept) {
		service := time.Duration(r.uvarint(uint64(maxValue)))
		response := service + time.Duration(r.varint(int64(maxValue)))
		if service < minValue || response < minValue || response > maxValue {
			r.fail(fmt.Errorf("a sample of %d and %d ns", response, service))
			return
		}
		if o != nil {
			o.keep(sample{response: response, service: service})
		}
	}
}

func (r *wireReader) histograms(o *opSamples) {
	n := r.uvarint(maxWireBuckets)
	if n == 0 {
		return
	}
	var response, service *hdr.Histogram
	if o != nil {
		response, service = o.dense()
	}
	responses := r.buckets(n, response)
	services := r.buckets(r.uvarint(maxWireBuckets), service)
	if responses != services {
		r.fail(fmt.Errorf("%d response times and %d service times", responses, services))
	}
}

// buckets reads n buckets into h and returns the sum of their counts.
func (r *wireReader) buckets(n uint64, h *hdr.Histogram) (total uint64) {
	return r.bucketsInto(n, func(value, count int64) error {
		if h == nil {
			return nil
		}
		return h.RecordValues(value, count)
	})
}

// bucketsInto has each take n buckets, and returns the sum of their counts.
func (r *wireReader) bucketsInto(n uint64, each func(value, count int64) error) (total uint64) {
	value := uint64(0)
	for i := range n {
		gap, count := r.uvarint(uint64(maxValue)/wireUnit), r.uvarint(maxWireSamples)
		value += gap * wireUnit
		total += count
		switch {
		case r.err != nil:
			return 0
		case i > 0 && gap == 0 || count == 0 || value > uint64(maxValue) || total > maxWireSamples:
			r.fail(fmt.Errorf("a bucket of %d at %d ns", count, value))
			return 0
		}
		if err := each(int64(value), int64(count)); err != nil {
			r.fail(err)
		}
	}
	return total
}

// counts reads counts, of which none is less than least.
func (r *wireReader) counts(c counts, least int64) {
	for range r.uvarint(maxWireNames) {
		name, n := r.text(), r.varint(maxWireCount)
		if n < least {
			r.fail(fmt.Errorf("a count of %d", n))
		}
		if r.err == nil && c != nil {
			c.add(string(name), n)
		}
	}
}

func (r *wireReader) event(iv *Interval) {
	t := time.Duration(r.varint(maxSeconds * int64(time.Second)))
	var texts [6][]byte
	for i := range texts {
		texts[i] = r.text()
	}
	if r.err != nil || iv == nil {
		return
	}
	iv.AddEvent(Event{
		T: t, Name: string(texts[0]), Agent: string(texts[1]), Region: string(texts[2]),
		Op: string(texts[3]), Reason: string(texts[4]), Detail: string(texts[5]),
	})
}
