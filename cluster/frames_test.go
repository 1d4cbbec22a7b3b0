package cluster

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"pgregory.net/rapid"
)

var sameFrame = cmp.Options{cmp.AllowUnexported(frame{}), cmpopts.EquateEmpty()}

func TestFramesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z0-9 .:-]{0,30}`)
		f := &frame{
			key: key{rapid.IntRange(0, maxSegments-1).Draw(t, "segment"), rapid.IntRange(1, 1000).Draw(t, "epoch")},
			Run: name.Draw(t, "run"), Seq: rapid.Uint64Range(1, 1<<60).Draw(t, "seq"), Worker: name.Draw(t, "worker"),
			Kind: rapid.SampledFrom([]string{frameTick, framePhase, frameFinal, framePart}).Draw(t, "kind"),
			Step: rapid.IntRange(0, 100).Draw(t, "step"), Phase: name.Draw(t, "phase"),
			interval: rapid.SliceOf(rapid.Byte()).Draw(t, "interval"),
		}
		if f.Kind == framePhase {
			f.Next, f.NextPhase = f.Step+rapid.IntRange(0, 5).Draw(t, "next"), name.Draw(t, "next phase")
		}
		f.Sample.T = time.Duration(rapid.Int64Range(0, int64(maxTime)).Draw(t, "t"))
		f.Sample.Agents = results.Agents{InWorld: rapid.IntRange(0, 1e6).Draw(t, "in world"), Logins: 3}
		f.Sample.Simulators = []results.Simulator{{Region: name.Draw(t, "region"), FPS: 45}}
		f.Sample.Generator.CPUSeconds = 1.5
		data, err := appendFrame([]byte("before"), f)
		if err != nil {
			t.Fatal(err)
		}
		back, err := readFrame(bytes.TrimPrefix(data, []byte("before")))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, back, sameFrame); diff != "" {
			t.Fatalf("-was +is:\n%s", diff)
		}
	})
}

func TestFramesThatCantBe(t *testing.T) {
	t.Parallel()
	good := frame{key: key{1, 1}, Run: "r", Seq: 1, Kind: frameTick, Step: 1}
	for _, tt := range []struct {
		want   string
		change func(*frame)
	}{
		{"segment 1, epoch 0", func(f *frame) { f.Epoch = 0 }},
		{"segment 10000", func(f *frame) { f.Segment = maxSegments }},
		{"tick 1.1.0", func(f *frame) { f.Seq = 0 }},
		{`kind "dance"`, func(f *frame) { f.Kind = "dance" }},
		{"step 5 to 4", func(f *frame) { f.Kind, f.Step, f.Next = framePhase, 5, 4 }},
		{"-1ns", func(f *frame) { f.Sample.T = -1 }},
		{"87600h", func(f *frame) { f.Sample.T = maxTime + 1 }},
		{"a name that isn't text", func(f *frame) { f.Worker = "\x1b[2J" }},
		{"a region's name", func(f *frame) { f.Sample.Simulators = []results.Simulator{{Region: "\x07"}} }},
		{"a count of -1", func(f *frame) { f.Sample.Actions.Late = -1 }},
		{"a count of", func(f *frame) { f.Sample.Transport.BytesSent = 1 << 60 }},
	} {
		f := good
		tt.change(&f)
		data, err := appendFrame(nil, &f)
		if err == nil {
			_, err = readFrame(data)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
	data, err := appendFrame(nil, &good)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, {2}, data[:5], append([]byte{frameVersion}, 0xff, 0xff, 0xff, 0x7f), make([]byte, maxMessage+1)} {
		if _, err := readFrame(bad); err == nil {
			t.Errorf("%.10x of %d bytes is a frame", bad, len(bad))
		}
	}
}

// What doesn't fit into a message goes in parts, and is whole again where it is
// merged.
func TestLargeIntervalsGoInParts(t *testing.T) {
	t.Parallel()
	plan, err := profiles.NewPlan(parseProfile(t, testProfile), 1, profiles.Share{Index: 0, Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	l := newLineup(1)
	seg := l.add(key{0, 1}, "w", true)
	s := newSink(&assignment{Run: "r", Of: 1, Epoch: 1}, "w", plan, func() string { return "" }, func(f *frame) {
		data, err := appendFrame(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > maxMessage-1000 {
			t.Errorf("a message of %d bytes", len(data))
		}
		back, err := readFrame(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := seg.take(back); got != frameTaken {
			t.Fatalf("frame %d is %v", f.Seq, got)
		}
	})
	rec := results.NewRecorder()
	const ops, each = 40, 30_000
	for op := range ops {
		name := "op" + string(rune('a'+op/26)) + string(rune('a'+op%26))
		for i := range each {
			rec.Record(name, time.Duration(i)*time.Millisecond, time.Duration(i)*time.Microsecond, "")
		}
	}
	s.Merge(rec.Swap(nil))
	if err := s.Tick(results.Sample{T: time.Second}); err != nil {
		t.Fatal(err)
	}
	if seg.received < 3 {
		t.Errorf("it took %d frames: too small to try it", seg.received)
	}
	c := l.next()
	if c == nil || len(c.frames) != 1 {
		t.Fatalf("closed: %+v", c)
	}
	iv := results.NewInterval()
	if err := results.ReadInterval(c.frames[0].interval, iv); err != nil {
		t.Fatal(err)
	}
	want := results.AppendInterval(nil, iv)
	if !bytes.Equal(want, c.frames[0].interval) {
		t.Error("what came isn't what was sent")
	}
}

func FuzzReadFrame(f *testing.F) {
	for _, kind := range []string{frameTick, framePhase, frameFinal} {
		fr := &frame{key: key{1, 1}, Run: "r", Seq: 1, Kind: kind, Step: 1, Next: 2, interval: []byte{1, 0, 0, 0, 0}}
		if kind != framePhase {
			fr.Next = 0
		}
		data, err := appendFrame(nil, fr)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fr, err := readFrame(data)
		if err != nil {
			return
		}
		l := newLineup(1)
		seg := l.add(fr.key, fr.Worker, true)
		seg.take(fr)
		for c := l.next(); c != nil; c = l.next() {
			if c.at < 0 || c.at > maxTime {
				t.Fatalf("closed at %v", c.at)
			}
		}
		again, err := appendFrame(nil, fr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readFrame(again); err != nil {
			t.Fatalf("what was read can't be read again: %v", err)
		}
	})
}

// FuzzMessages reads all messages that are JSON.
func FuzzMessages(f *testing.F) {
	f.Add(encode(&joinRequest{ID: "12345678", Host: "h", Version: "1", Segment: -1}))
	f.Add(encode(&workerBeat{ID: "12345678", Segments: []segmentBeat{{key: key{1, 1}, State: stateReady}}}))
	f.Add(encode(&controllerBeat{Run: "r", Epochs: map[int]int{1: 2}}))
	f.Add(encode(&assignment{Run: "r", Of: 2, Epoch: 1, Profile: testProfile}))
	f.Add(encode(&joinReply{Run: "r"}))
	f.Add(encode(&clockReply{Run: "r", Now: 1}))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, into := range []checked{
			new(joinRequest), new(joinReply), new(workerBeat), new(controllerBeat), new(assignment), new(clockReply),
		} {
			if err := decode(data, into); err != nil {
				continue
			}
			if err := decode(encode(into), into); err != nil {
				t.Fatalf("%T: what was read can't be read again: %v", into, err)
			}
		}
	})
}

// fill sets everything in v, so that what a frame leaves out is seen.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("x")
	case reflect.Float64:
		v.SetFloat(1.5)
	default:
		v.SetInt(7)
	}
}

// All that a swarm tells of itself gets to the controller.
func TestSamplesAreWhole(t *testing.T) {
	t.Parallel()
	f := &frame{key: key{1, 1}, Run: "r", Seq: 1, Kind: frameTick, Step: 1}
	fill(reflect.ValueOf(&f.Sample).Elem())
	f.Sample.Workers = nil
	data, err := appendFrame(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	back, err := readFrame(data)
	if diff := cmp.Diff(f, back, sameFrame); diff != "" || err != nil {
		t.Errorf("(%v) -was +is:\n%s", err, diff)
	}
}
