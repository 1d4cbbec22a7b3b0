//go:build unix

package cluster

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/results"
)

// books are what all workers booked.
type books struct {
	t     *testing.T
	parts map[key]*booked
}

// booked is what was booked of one handing out of a segment.
type booked struct {
	worker string
	made   []entry
	acked  uint64
	killed bool // its worker was, or what it couldn't deliver is still in a spool
}

func readBooks(t *testing.T, workers []*process, spool string) *books {
	b := &books{t: t, parts: map[key]*booked{}}
	for _, w := range workers {
		data, err := os.ReadFile(w.ledger)
		if err != nil && !w.killed {
			t.Error(err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
			var e entry
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				continue // it was killed while it wrote
			}
			b.take(w, &e)
		}
	}
	spools, err := findSpools(spool)
	if err != nil {
		t.Error(err)
	}
	for _, s := range spools {
		frames, err := s.read(subjects{name: DefaultName})
		if err != nil {
			t.Error(err)
		}
		for _, m := range frames {
			if f, err := readFrame(m.data); err == nil {
				b.parts[f.key].killed = true
			}
		}
		t.Logf("%d frames are left in a spool", len(frames))
	}
	return b
}

func (b *books) take(w *process, e *entry) {
	p := b.parts[e.key]
	if p == nil {
		p = &booked{worker: w.name, killed: w.killed}
		b.parts[e.key] = p
	}
	switch {
	case p.worker != w.name:
		b.t.Errorf("segment %s was made by %s and by %s", e.key, p.worker, w.name)
	case e.Acked:
		p.acked = max(p.acked, e.Seq)
	case e.Seq != uint64(len(p.made))+1:
		b.t.Errorf("%s made frame %d of segment %s after %d", w.name, e.Seq, e.key, len(p.made))
	default:
		p.made = append(p.made, *e)
	}
}

// check wants of each handing out some of the frames from the first on, and
// nothing else.
func (b *books) check(s *results.Summary, times map[string]results.Times) {
	all := newTally()
	var made, merged, acked int
	for k, p := range b.parts {
		n, sum := p.upTo(s.Ops[opOf(k)].Count)
		sum.check(b.t, opOf(k), s, times)
		all.add(sum)
		made, merged, acked = made+len(p.made), merged+n, acked+int(p.acked)
		switch {
		case n < int(p.acked):
			b.t.Errorf("segment %s of %s: %d frames are in the run's figures, though JetStream acked %d", k, p.worker, n, p.acked)
		case n != len(p.made) && !p.killed:
			b.t.Errorf("segment %s of %s, which wasn't killed: %d frames are in the run's figures, and it made %d", k, p.worker, n, len(p.made))
		}
	}
	all.check(b.t, opOfAll, s, times)
	if s.Actions.Started != all.started {
		b.t.Errorf("the run has %d actions, the frames %d", s.Actions.Started, all.started)
	}
	if got := len(s.Ops); got != len(b.parts)+1 {
		b.t.Errorf("the run has %d operations, want those of %d segments and of all", got, len(b.parts))
	}
	b.t.Logf("%d segments, %d frames made, %d acked, %d merged, %d actions", len(b.parts), made, acked, merged, all.started)
}

// tally is what some frames hold.
type tally struct {
	started, failed int64
	response        *hdr.PackedHistogram
	service         *hdr.PackedHistogram
}

// newTally has histograms such as results has.
func newTally() *tally {
	h := func() *hdr.PackedHistogram { return hdr.NewPacked(1e3, 3600e9, 3) }
	return &tally{response: h(), service: h()}
}

// upTo is how many frames from the first on have count actions that succeeded,
// and what they hold. Each frame has one at least.
func (p *booked) upTo(count int64) (n int, sum *tally) {
	sum = newTally()
	for n < len(p.made) && sum.response.TotalCount() < count {
		e := &p.made[n]
		for _, d := range e.Times {
			_ = sum.response.RecordValue(int64(d)) // within bounds, as is made sure of
			_ = sum.service.RecordValue(max(1e3, int64(d/2)))
		}
		sum.failed, sum.started = sum.failed+e.Failed, e.Started
		n++
	}
	return n, sum
}

func (s *tally) add(other *tally) {
	s.started, s.failed = s.started+other.started, s.failed+other.failed
	s.response.Merge(other.response)
	s.service.Merge(other.service)
}

// check wants an operation to have exactly that.
func (s *tally) check(t *testing.T, op string, sum *results.Summary, times map[string]results.Times) {
	got := sum.Ops[op]
	if got.Count != s.response.TotalCount() || got.Errors != s.failed {
		t.Errorf("%s: %d succeeded and %d failed, want %d and %d", op, got.Count, got.Errors, s.response.TotalCount(), s.failed)
	}
	have := times[op]
	if have.Response == nil {
		have.Response, have.Service = newTally().response, newTally().service
	}
	for _, h := range []struct{ got, want *hdr.PackedHistogram }{{have.Response, s.response}, {have.Service, s.service}} {
		if diff := cmp.Diff(buckets(h.want), buckets(h.got)); diff != "" {
			t.Errorf("%s: the histogram differs (-want +got):\n%s", op, diff)
		}
	}
}

func buckets(h *hdr.PackedHistogram) map[int64]int64 {
	m := map[int64]int64{}
	for value, n := range h.ForEachBucket {
		m[value] = n
	}
	return m
}
