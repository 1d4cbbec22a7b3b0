package results

import (
	"encoding/binary"
	"maps"
	"slices"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// The form in which intervals travel between the machines of a run. Integers
// are varints of encoding/binary, signed ones zigzagged; a text and a list
// begin with their length.
//
//	interval    wireVersion, operations, counters, events, suppressed
//	operation   name, clamped, samples, response, service, errors
//	sample      service in ns, response - service in ns (signed)
//	response    buckets; where there are none, service is left out
//	bucket      how far its lowest value is above that of the one before, in
//	            units of wireUnit; its count
//	counters, errors, suppressed: name, count (signed)
//	event       time in ns (signed), name, agent, region, op, reason, detail
//
// Names are in order, so equal intervals have one form.
const (
	wireVersion = 1
	// wireUnit is the width of the histograms' narrowest bucket in ns, of which
	// all others begin at a multiple: the greatest power of two up to minValue.
	wireUnit = 512
)

// What a reader takes. Lists of names have the room of the maps that they were,
// and one more for nameOther.
const (
	maxWireNames  = maxNames + 1
	maxWireEvents = maxNames * maxEventsPerName
	// maxWireText is more than a cut text has when each byte that is no UTF-8
	// has become U+FFFD.
	maxWireText    = 3 * maxEventText
	maxWireBuckets = 24576 // of a dense histogram
	// maxWireSamples is far more than an operation has in a second, and so few
	// that no number of frames makes a total wrap.
	maxWireSamples = 1 << 32
	maxWireCount   = 1 << 53
)

// AppendInterval appends iv to dst in a form of its own: exact, and some bytes
// for each sample. Texts longer than an event's are cut. iv stays as it is.
func AppendInterval(dst []byte, iv *Interval) []byte {
	dst = append(dst, wireVersion)
	dst = appendOps(dst, iv.ops)
	dst = appendCounts(dst, iv.counters, cutText)
	dst = binary.AppendUvarint(dst, uint64(len(iv.events)))
	for i := range iv.events {
		dst = appendEvent(dst, &iv.events[i])
	}
	return appendCounts(dst, iv.suppressed, cutText)
}

func appendOps(dst []byte, ops map[string]*opSamples) []byte {
	names := make([]string, 0, len(ops))
	for name, o := range ops {
		if !o.empty() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	dst = binary.AppendUvarint(dst, uint64(len(names)))
	sparse := lazyPacked{}
	for _, name := range names {
		dst = appendOp(appendText(dst, cleanName(name)), ops[name], &sparse)
	}
	return dst
}

func appendOp(dst []byte, o *opSamples, sparse *lazyPacked) []byte {
	dst = binary.AppendUvarint(dst, uint64(o.clamped))
	dst = binary.AppendUvarint(dst, uint64(len(o.samples)))
	for _, s := range o.samples {
		dst = binary.AppendUvarint(dst, uint64(s.service))
		dst = binary.AppendVarint(dst, int64(s.response-s.service))
	}
	if o.spilled() {
		dst = appendBuckets(dst, sparse.of(o.response))
		dst = appendBuckets(dst, sparse.of(o.service))
	} else {
		dst = append(dst, 0)
	}
	return appendCounts(dst, o.errors, cleanName)
}

// lazyPacked is a packed histogram that is made when it is first needed, and
// used again.
type lazyPacked struct{ h *hdr.PackedHistogram }

// of is dense, packed, until it is called again.
func (l *lazyPacked) of(dense *hdr.Histogram) *hdr.PackedHistogram {
	if l.h == nil {
		l.h = newPacked()
	}
	l.h.Reset()
	l.h.MergeFrom(dense)
	return l.h
}

func appendBuckets(dst []byte, h *hdr.PackedHistogram) []byte {
	dst = binary.AppendUvarint(dst, uint64(h.Populated()))
	before := int64(0)
	for value, n := range h.ForEachBucket {
		dst = binary.AppendUvarint(dst, uint64(value-before)/wireUnit)
		dst = binary.AppendUvarint(dst, uint64(n))
		before = value
	}
	return dst
}

func appendCounts(dst []byte, c counts, clean func(string) string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(c)))
	if len(c) == 0 {
		return dst
	}
	for _, name := range slices.Sorted(maps.Keys(c)) {
		dst = binary.AppendVarint(appendText(dst, clean(name)), c[name])
	}
	return dst
}

func appendEvent(dst []byte, e *Event) []byte {
	dst = binary.AppendVarint(dst, int64(e.T))
	for _, text := range [...]string{e.Name, e.Agent, e.Region, e.Op, e.Reason, e.Detail} {
		dst = appendText(dst, cutText(text))
	}
	return dst
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}
