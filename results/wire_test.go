package results

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// drawInterval records what a loop might.
func drawInterval(t *rapid.T) *Interval {
	r := NewRecorder()
	word := rapid.SampledFrom([]string{"login", "msg.chat", "caps.Seed,x", "é \n", strings.Repeat("long", 80), "\xff\xfe"})
	duration := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(-5, int64(2*maxValue)).Draw(t, "ns")) >> rapid.IntRange(0, 40).Draw(t, "shift")
	})
	for range rapid.IntRange(0, 3).Draw(t, "ops") {
		op := word.Draw(t, "op")
		for range rapid.IntRange(0, 6).Draw(t, "samples") {
			r.Record(op, duration.Draw(t, "response"), duration.Draw(t, "service"), "")
		}
		if rapid.IntRange(0, 5).Draw(t, "spill") == 5 {
			for i := range 2*samplesKept + 7 {
				r.Record(op, time.Duration(i)*ms, time.Duration(i)*ms/3, "")
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "errors") {
			r.Record(op, 0, 0, word.Draw(t, "reason"))
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "counts") {
		r.Count(word.Draw(t, "counter"), rapid.Int().Draw(t, "n")>>11)
	}
	name := word.Draw(t, "name")
	for i := range rapid.SampledFrom([]int{0, 1, 2, 80}).Draw(t, "events") {
		r.Event(Event{
			T: time.Duration(i-2) * ms, Name: name, Agent: name, Region: "Plaza",
			Op: "login", Reason: "key", Detail: fmt.Sprint(i),
		})
	}
	return r.Swap(nil)
}

// plainly is what a collector would make of iv, as values that compare.
func plainly(iv *Interval) any {
	type op struct {
		Op
		Errors              counts
		Responses, Services string
	}
	t := make(tally)
	t.drain(iv)
	ops := map[string]op{}
	for name, f := range t {
		if !f.empty() {
			ops[name] = op{f.op(), f.errors, string(appendBuckets(nil, f.response)), string(appendBuckets(nil, f.service))}
		}
	}
	events, err := eventLines(iv.events, iv.suppressed, 0)
	if err != nil {
		panic(err)
	}
	counters := make(counts)
	for name, n := range iv.counters {
		counters.add(cutText(name), n)
	}
	return []any{ops, string(events), counters}
}

func TestAnIntervalComesThroughTheWireAsItIs(t *testing.T) {
	fewerChecks(t)
	rapid.Check(t, func(t *rapid.T) {
		iv := drawInterval(t)
		data := AppendInterval([]byte("head"), iv)
		if !bytes.Equal(data, AppendInterval([]byte("head"), iv)) {
			t.Fatal("one interval has two forms")
		}
		got := NewInterval()
		if err := ReadInterval(data[4:], got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plainly(iv), plainly(got), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-sent +read):\n%s", diff)
		}
	})
}

// Frames of many machines, read into one interval, come to what one loop would
// have had that recorded all of it; so do intervals merged before they are sent.
func TestIntervalsAddUpOverTheWire(t *testing.T) {
	fewerChecks(t)
	rapid.Check(t, func(t *rapid.T) {
		read, merged := NewInterval(), NewInterval()
		for range rapid.IntRange(1, 4).Draw(t, "machines") {
			iv := drawInterval(t)
			data := AppendInterval(nil, iv)
			if err := ReadInterval(data, read); err != nil {
				t.Fatal(err)
			}
			merged.Merge(iv)
			if diff := cmp.Diff(plainly(NewInterval()), plainly(iv), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("after Merge there is left:\n%s", diff)
			}
		}
		if diff := cmp.Diff(plainly(merged), plainly(read), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-merged +read):\n%s", diff)
		}
		sent := NewInterval()
		if err := ReadInterval(AppendInterval(nil, merged), sent); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plainly(merged), plainly(sent), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-merged +sent):\n%s", diff)
		}
	})
}

// The percentiles of many machines are those that one histogram would have given.
func TestPercentilesOfManyMachinesAreThoseOfOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	one, many := begin(t, Manifest{}), begin(t, Manifest{})
	for range 3 {
		alone, sum := NewRecorder(), NewInterval()
		for range 5 {
			worker := NewRecorder()
			for range rng.IntN(4 * samplesKept) {
				d := time.Duration(rng.ExpFloat64() * float64(200*ms))
				for _, r := range []*Recorder{alone, worker} {
					r.Record("msg.chat", d, d/3, "")
				}
			}
			if err := ReadInterval(AppendInterval(nil, worker.Swap(nil)), sum); err != nil {
				t.Fatal(err)
			}
		}
		one.Merge(alone.Swap(nil))
		many.Merge(sum)
		one.tick(s)
		many.tick(s)
	}
	same(t, "the summary", many.finish(), one.finish())
}

func TestTheFormOfAnInterval(t *testing.T) {
	r := NewRecorder()
	r.Record("login", 80*ms, 79*ms, "")
	r.Record("login", 0, 0, "key")
	r.Count("objects", 3)
	r.Event(Event{T: s, Name: "agent.lost", Agent: "Load Bot1"})
	want := "01" + // version
		"01" + "056c6f67696e" + "00" + // one operation, login, none clamped
		"01" + "c0e3d525" + "80897a" + // one sample: 79,000,000 ns, and 1,000,000 more
		"00" + // no buckets
		"01" + "036b6579" + "02" + // one reason, key, once
		"01" + "076f626a65637473" + "06" + // one counter, objects, 3
		"01" + "80a8d6b907" + "0a6167656e742e6c6f7374" + "094c6f616420426f7431" + "00000000" + // an event
		"00" // none suppressed
	if got := hex.EncodeToString(AppendInterval(nil, r.Swap(nil))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatIsNoInterval(t *testing.T) {
	for hexed, want := range map[string]string{
		"":                                  "it ends in the middle",
		"02":                                "its form is 2, want 1",
		"0100000000" + "00":                 "1 bytes stand behind its end",
		"01ff07":                            "1023 where it can be 257 at most",
		"0101" + "00":                       "an operation without a name",
		"010101" + "61" + "00" + "8108":     "1025 where it can be 1024 at most",
		"0101016100" + "01" + "01" + "00":   "a sample of 1 and 1 ns",
		"0101016100" + "01" + "e807" + "01": "a sample of 999 and 1000 ns",
		"0101016100" + "00" + "01" + "0201" + "01" + "0202": "1 response times and 2 service times",
		"0101016100" + "00" + "02" + "0201" + "0001":        "a bucket of 1 at 1024 ns",
		"0101016100" + "00" + "01" + "0200":                 "a bucket of 0 at 1024 ns",
		"0101016100" + "00" + "00" + "01" + "0161" + "01":   "a count of -1",
		"0100" + "00" + "01" + "00" + "d904":                "601 where it can be 600 at most",
	} {
		data, err := hex.DecodeString(hexed)
		if err != nil {
			t.Fatal(err)
		}
		iv := NewInterval()
		if err := ReadInterval(data, iv); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", hexed, err, want)
		}
		if len(iv.ops)+len(iv.events)+len(iv.counters) > 0 {
			t.Errorf("%s: an interval that is none left something", hexed)
		}
	}
}

func TestReadIntervalIsBoundedAcrossFrames(t *testing.T) {
	sum := NewInterval()
	for frame := range 3 {
		r := NewRecorder()
		for i := range 200 {
			r.Record(fmt.Sprintf("op.%d.%d", frame, i), ms, ms, "")
			r.Count(fmt.Sprintf("counter.%d.%d", frame, i), 1)
			r.Event(Event{Name: "agent.lost"})
		}
		if err := ReadInterval(AppendInterval(nil, r.Swap(nil)), sum); err != nil {
			t.Fatal(err)
		}
	}
	if len(sum.ops) != maxNames+1 || len(sum.counters) != maxNames+1 || len(sum.events) != maxEventsPerName {
		t.Errorf("%d operations, %d counters, %d events", len(sum.ops), len(sum.counters), len(sum.events))
	}
	if n := int64(len(sum.events)) + sum.suppressed["agent.lost"]; n != 600 {
		t.Errorf("%d of 600 events are kept or counted", n)
	}
}

func FuzzReadInterval(f *testing.F) {
	r := NewRecorder()
	for i := range 3 {
		r.Record("login", time.Duration(i+1)*ms, ms, "")
	}
	r.interval.op("login").spill()
	r.Record("login", 5*ms, 4*ms, "")
	r.Record("login", 0, 0, "key")
	r.Count("objects", 3)
	r.Event(Event{T: s, Name: "agent.lost"})
	whole := AppendInterval(nil, r.Swap(nil))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		iv := NewInterval()
		if ReadInterval(data, iv) != nil {
			if len(iv.ops)+len(iv.events)+len(iv.counters) > 0 {
				t.Error("an interval that can't be read left something")
			}
			return
		}
		// What was read is an interval like any other.
		again := NewInterval()
		if err := ReadInterval(AppendInterval(nil, iv), again); err != nil {
			t.Errorf("it was read, and can't be sent on: %v", err)
		}
		if diff := cmp.Diff(plainly(iv), plainly(again), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("sent on, it is another (-read +again):\n%s", diff)
		}
	})
}

func TestShiftMovesEvents(t *testing.T) {
	t.Parallel()
	iv := NewInterval()
	iv.AddEvent(Event{T: time.Second, Name: "a"})
	iv.Shift(2 * time.Second)
	if got := iv.events[0].T; got != 3*time.Second {
		t.Errorf("it is at %v", got)
	}
}
