package results

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// drained is what an interval holds for one operation.
func drained(iv *Interval, op string) *figures {
	t := make(tally)
	t.drain(iv)
	return t.figures(op)
}

func TestRecorderKeepsResponseAndServiceApart(t *testing.T) {
	r := NewRecorder()
	r.Record("login", 100*ms, 40*ms, "")
	r.Record("login", time.Minute, time.Minute, "timeout")
	r.Record("login", time.Minute, time.Minute, "timeout")
	f := drained(r.Swap(nil), "login")
	op := f.op()
	if op.Count != 1 || op.Errors != 2 {
		t.Errorf("count %d, errors %d; want 1 success, 2 failures", op.Count, op.Errors)
	}
	// A failure's time is a timeout's patience: it must not be in a histogram.
	near(t, "response max", op.ResponseNS.Max, 100*ms)
	near(t, "service max", op.ServiceNS.Max, 40*ms)
	same(t, "reasons", f.errors, counts{"timeout": 2})
}

// near tells whether got is want as a histogram gives it: to three significant
// digits or half a microsecond.
func near(t *testing.T, what string, got int64, want time.Duration) {
	t.Helper()
	if slack := max(int64(want)/1000, 512); got < int64(want)-slack || got > int64(want)+slack {
		t.Errorf("%s is %v, want %v", what, time.Duration(got), want)
	}
}

func TestRecorderLosesNothingPastTheKeptSamples(t *testing.T) {
	for _, n := range []int{1, samplesKept - 1, samplesKept, samplesKept + 1, 3*samplesKept + 7} {
		r := NewRecorder()
		for i := range n {
			r.Record("msg.ack", time.Duration(i+1)*ms, ms, "")
		}
		op := drained(r.Swap(nil), "msg.ack").op()
		if op.Count != int64(n) {
			t.Errorf("%d samples came out of %d", op.Count, n)
		}
		near(t, fmt.Sprintf("the least of %d", n), op.ResponseNS.Min, ms)
		near(t, fmt.Sprintf("the most of %d", n), op.ResponseNS.Max, time.Duration(n)*ms)
	}
}

func TestRecorderClampsWhatHistogramsCannotHold(t *testing.T) {
	for _, test := range []struct {
		response, service time.Duration
		clamped           int64
	}{
		{time.Microsecond, time.Hour, 0},
		{time.Hour + 1, ms, 1},
		{ms, time.Microsecond - 1, 1},
		{-5 * time.Second, ms, 1}, // a clock that was set back
		{100 * time.Hour, -1, 1},  // one operation, counted once
	} {
		r := NewRecorder()
		r.Record("op", test.response, test.service, "")
		op := drained(r.Swap(nil), "op").op()
		if op.Count != 1 || op.Clamped != test.clamped {
			t.Errorf("%v, %v: count %d, clamped %d; want 1, %d",
				test.response, test.service, op.Count, op.Clamped, test.clamped)
		}
		near(t, "response", op.ResponseNS.Max, min(max(test.response, time.Microsecond), time.Hour))
		near(t, "service", op.ServiceNS.Max, min(max(test.service, time.Microsecond), time.Hour))
	}
}

func TestSwapHandsOverOnceAndGoesOnEmpty(t *testing.T) {
	r := NewRecorder()
	r.Record("login", ms, ms, "")
	r.Count("scene.objects", 3)
	r.Event(Event{Name: "agent.lost"})
	first := r.Swap(nil)
	r.Record("login", 2*ms, ms, "")
	second := r.Swap(nil)
	if n := drained(first, "login").op().Count; n != 1 {
		t.Errorf("the first interval has %d samples, want 1", n)
	}
	if n := drained(second, "login").op().Count; n != 1 {
		t.Errorf("the second interval has %d samples, want its own 1", n)
	}
	if first.counters["scene.objects"] != 3 || len(first.events) != 1 {
		t.Errorf("counters %v, %d events; want 3 objects, 1 event", first.counters, len(first.events))
	}
	if second.counters["scene.objects"] != 0 || len(second.events) != 0 {
		t.Error("the second interval repeats the first's counters or events")
	}
}

func TestResetIntervalIsEmpty(t *testing.T) {
	r := NewRecorder()
	for range 2*samplesKept + 1 { // spilled, too
		r.Record("op", -1, ms, "")
	}
	r.Record("op", ms, ms, "timeout")
	r.Count("n", 1)
	for range 2 * maxEventsPerName {
		r.Event(Event{Name: "agent.lost"})
	}
	iv := r.Swap(nil)
	iv.Reset()
	if f := drained(iv, "op"); !f.empty() || f.clamped != 0 {
		t.Errorf("a reset interval still holds %+v", f.op())
	}
	if len(iv.counters)+len(iv.events)+len(iv.perName)+len(iv.suppressed) != 0 {
		t.Error("a reset interval still holds counters or events")
	}
}

func TestNamesAreBounded(t *testing.T) {
	r := NewRecorder()
	for i := range 10 * maxNames {
		name := fmt.Sprint("made of what a peer sent ", i)
		r.Record(name, ms, ms, "")
		r.Record("op", ms, ms, name)
		r.Count(name, 1)
		r.Event(Event{Name: name})
	}
	iv := r.Swap(nil)
	for what, n := range map[string]int{
		"operations": len(iv.ops), "reasons": len(iv.ops["other"].errors) + len(iv.counters),
		"events": len(iv.events), "suppressed": len(iv.suppressed),
	} {
		if n > 2*(maxNames+1) {
			t.Errorf("an interval keeps %d %s", n, what)
		}
	}
	total := make(tally)
	total.drain(iv)
	var count int64
	for _, f := range total {
		count += f.response.TotalCount()
	}
	if count != 10*maxNames {
		t.Errorf("%d of %d samples were kept", count, 10*maxNames)
	}
}

// The code by which a grid refuses a login is a reason, whatever it holds.
func TestReasonsOfAGridAreOneShortWord(t *testing.T) {
	r := begin(t, Manifest{})
	r.fail("login", "\x1b[2J\x1b]0;a title\a", 2)
	r.fail("login", strings.Repeat("k", 5000), 1)
	r.tick(s)
	summary := r.finish()
	want := []ErrorCount{{"login", "_[2J_]0;a_title_", 2}, {"login", strings.Repeat("k", maxEventText), 1}}
	same(t, "errors", summary.Errors, want)
	same(t, "rebuilt", rebuilt(t, r.Dir()).Errors, want)
}

func TestEventsOfOneNameDontHideOthers(t *testing.T) {
	r := NewRecorder()
	for range 1000 {
		r.Event(Event{Name: "login.failed"})
	}
	r.Event(Event{Name: "agent.lost"})
	iv := r.Swap(nil)
	if len(iv.events) != maxEventsPerName+1 {
		t.Errorf("%d events are kept, want %d of the flood and the one after", len(iv.events), maxEventsPerName)
	}
	same(t, "suppressed", iv.suppressed, counts{"login.failed": 1000 - maxEventsPerName})
}

func TestRecordDoesNotAllocateAfterWarmUp(t *testing.T) {
	r := NewRecorder()
	var spare *Interval
	second := func() {
		for i := range 3 * samplesKept { // past the spill
			r.Record("msg.ping", time.Duration(i)*µs, time.Duration(i)*µs, "")
			r.Record("login", ms, ms, "presence")
			r.Count("scene.objects", 1)
		}
		r.Event(Event{Name: "agent.lost"})
		iv := r.Swap(spare)
		iv.Reset()
		spare = iv
	}
	second()
	second()
	if n := testing.AllocsPerRun(5, second); n != 0 {
		t.Errorf("a second of recording allocates %v times after warm-up", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	ops := []string{"login", "caps.seed", "eq.poll", "msg.ping", "msg.ack", "msg.chat", "msg.im", "teleport"}
	for _, perSwap := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("%d per interval", perSwap), func(b *testing.B) {
			r := NewRecorder()
			spare := NewInterval()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Record(ops[i%len(ops)], time.Duration(i%1000)*37*µs, 30*µs, "")
				if i%perSwap == 0 {
					iv := r.Swap(spare)
					iv.Reset()
					spare = iv
				}
			}
		})
	}
}
