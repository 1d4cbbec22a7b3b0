package results

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// The kinds of histogram that an operation has: its tag in histograms.hlog is
// the operation's name and the kind, such as login.response.
const (
	kindResponse = "response"
	kindService  = "service"
)

// cutForm is the comment that ends a cut: the number of histogram lines since
// the comment before, the stretch that they cover, the phase and when that
// began, in seconds since the run's start. Readers of the format skip it;
// Rebuild takes a cut only when it has come this far.
const cutForm = "[Cut: %d lines, %.3f to %.3f, of %q since %.3f]"

// hlogHead is the head of histograms.hlog: the lines' times count from started.
func hlogHead(started time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := hdr.NewHistogramLogWriter(&b)
	// The writer's own start and base time lines tell whole seconds only.
	stamp := fmt.Sprintf("%d.%03d (seconds since epoch)", started.Unix(), started.Nanosecond()/1e6)
	err := errors.Join(
		w.OutputComment("slload: response and service times in ns by operation; maxima in ms"),
		w.OutputLogFormatVersion(),
		w.OutputComment("[StartTime: "+stamp+", "+started.UTC().Format(time.RFC3339)+"]"),
		w.OutputComment("[BaseTime: "+stamp+"]"),
		w.OutputLegend(),
	)
	return b.Bytes(), err
}

// hlogCut is the block of one cut: a line per operation and kind that had
// samples, and the comment that ends it.
func hlogCut(started time.Time, p *phase, from, to time.Duration, ops tally) ([]byte, error) {
	var b bytes.Buffer
	w := hdr.NewHistogramLogWriter(&b)
	base := started.UnixMilli()
	w.SetBaseTime(base)
	lines := 0
	for _, op := range slices.Sorted(maps.Keys(ops)) {
		f := ops[op]
		if f.response.TotalCount() == 0 {
			continue
		}
		for kind, h := range f.kinds() {
			h.SetTag(op + "." + kind)
			h.SetStartTimeMs(base + from.Milliseconds())
			h.SetEndTimeMs(base + to.Milliseconds())
			if err := w.OutputIntervalPackedHistogram(h); err != nil {
				return nil, fmt.Errorf("log the histogram %s.%s: %w", op, kind, err)
			}
			lines++
		}
	}
	err := w.OutputComment(fmt.Sprintf(cutForm, lines, seconds(from), seconds(to), p.name, seconds(p.from)))
	return b.Bytes(), err
}

// kinds yields the histograms of an operation by kind.
func (f *figures) kinds() func(yield func(string, *hdr.PackedHistogram) bool) {
	return func(yield func(string, *hdr.PackedHistogram) bool) {
		_ = yield(kindResponse, f.response) && yield(kindService, f.service)
	}
}
