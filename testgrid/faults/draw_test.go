package faults

import (
	"bytes"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"testing"
	"time"
)

// fates tells what becomes of n datagrams, a word each.
func fates(d *Datagrams, n int, way Way, message string, since time.Duration) (words []string) {
	for range n {
		fate := d.Fate(way, message, 100, since)
		word := fmt.Sprint(fate.Copies)
		if fate.Corrupt {
			word += " corrupt"
		}
		if fate.Broken {
			word += " broken"
		}
		words = append(words, word)
	}
	return words
}

func share(words []string, of string) float64 {
	n := 0
	for _, w := range words {
		if w == of {
			n++
		}
	}
	return float64(n) / float64(len(words))
}

const whole = "[0s]"

func TestFaultsMeetWhatTheyName(t *testing.T) {
	const n = 10_000
	for _, tt := range []struct {
		fault   Fault
		way     Way
		message string
		since   time.Duration
		word    string
		share   float64
	}{
		{Fault{UDP: Loss, Percent: 20}, ToGrid, "", 0, "[]", 0.2},
		{Fault{UDP: Loss}, ToGrid, "", 0, "[]", 1},
		{Fault{UDP: Duplicate, Percent: 5}, ToGrid, "", 0, "[0s 0s]", 0.05},
		{Fault{UDP: Corrupt, Percent: 50}, FromGrid, "", 0, "[0s] corrupt", 0.5},
		{Fault{UDP: Delay, MS: 40}, FromGrid, "", 0, "[40ms]", 1},
		{Fault{UDP: Reorder, Percent: 10}, FromGrid, "", 0, "[50ms]", 0.1},
		{Fault{UDP: Malformed, Percent: 30}, FromGrid, "", 0, "[0s] broken", 0.3},
		{Fault{UDP: Loss, Way: FromGrid}, ToGrid, "", 0, whole, 1},
		{Fault{UDP: Loss, Way: ToGrid}, ToGrid, "", 0, "[]", 1},
		{Fault{UDP: Loss, Message: "UseCircuitCode"}, ToGrid, "AgentUpdate", 0, whole, 1},
		{Fault{UDP: Loss, Message: "UseCircuitCode"}, ToGrid, "UseCircuitCode", 0, "[]", 1},
		{Fault{UDP: Loss, From: Duration(30 * time.Second)}, ToGrid, "", 29 * time.Second, whole, 1},
		{Fault{UDP: Loss, From: Duration(30 * time.Second)}, ToGrid, "", 30 * time.Second, "[]", 1},
		{Fault{UDP: Loss, Until: Duration(30 * time.Second)}, ToGrid, "", 30 * time.Second, whole, 1},
	} {
		got := share(fates(NewDatagrams([]Fault{tt.fault}, 1, 0), n, tt.way, tt.message, tt.since), tt.word)
		if got < tt.share-0.015 || got > tt.share+0.015 {
			t.Errorf("%+v: %s for %.3f of %s %s after %v, want %.3f", tt.fault, tt.word, got, tt.way, tt.message, tt.since, tt.share)
		}
	}
}

func TestFaultsAddUp(t *testing.T) {
	d := NewDatagrams([]Fault{{UDP: Duplicate}, {UDP: Delay, MS: 10}, {UDP: Reorder, MS: 5}, {Login: Refuse}}, 1, 0)
	if fate := d.Fate(ToGrid, "", 100, 0); !slices.Equal(fate.Copies, []time.Duration{15 * time.Millisecond, 15 * time.Millisecond}) {
		t.Errorf("copies after %v", fate.Copies)
	}
	jitter := NewDatagrams([]Fault{{UDP: Delay, MS: 40, JitterMS: 10}}, 1, 0)
	least, most := time.Hour, time.Duration(0)
	for range 1000 {
		wait := jitter.Fate(ToGrid, "", 100, 0).Copies[0]
		least, most = min(least, wait), max(most, wait)
	}
	if least < 30*time.Millisecond || least > 31*time.Millisecond || most > 50*time.Millisecond || most < 49*time.Millisecond {
		t.Errorf("delays from %v to %v, want 30 to 50 ms", least, most)
	}
}

// The same seed draws the same, another one, and another simulator, others.
func TestTheSeedDecides(t *testing.T) {
	draw := func(seed, stream uint64) []string {
		list := []Fault{{UDP: Loss, Percent: 50}, {UDP: Delay, MS: 40, JitterMS: 10}}
		return fates(NewDatagrams(list, seed, stream), 100, ToGrid, "", 0)
	}
	if !slices.Equal(draw(1, 0), draw(1, 0)) {
		t.Error("one seed draws two fates")
	}
	if slices.Equal(draw(1, 0), draw(2, 0)) || slices.Equal(draw(1, 0), draw(1, 1)) {
		t.Error("two seeds, or simulators, draw one fate")
	}
	if NewDatagrams([]Fault{{Login: Refuse}}, 1, 0) != nil || NewRequests([]Fault{{UDP: Loss}}, 1) != nil {
		t.Error("faults of others are taken for one's own")
	}
}

func TestCorruptTurnsAFewBits(t *testing.T) {
	d := NewDatagrams([]Fault{{UDP: Corrupt}}, 1, 0)
	for range 1000 {
		data := bytes.Repeat([]byte{0x55}, 40)
		d.Corrupt(data)
		turned := 0
		for _, b := range data {
			turned += bits.OnesCount8(b ^ 0x55)
		}
		if turned > mostFlips {
			t.Fatalf("%d bits are turned over", turned)
		}
	}
	d.Corrupt(nil)
}

// A throttle of 80 kbit/s takes 10 ms for 100 bytes. Those that come at once
// wait in turn, a second at most; then there is room again.
func TestAThrottleHasDatagramsWaitInTurn(t *testing.T) {
	d := NewDatagrams([]Fault{{UDP: Throttle, KBPS: 80, Way: FromGrid}}, 1, 0)
	at := func(since time.Duration) string { return fmt.Sprint(d.Fate(FromGrid, "", 100, since).Copies) }
	for i, want := range []string{"[0s]", "[10ms]", "[20ms]"} {
		if got := at(0); got != want {
			t.Errorf("datagram %d: %s, want %s", i, got, want)
		}
	}
	if got := fmt.Sprint(d.Fate(ToGrid, "", 100, 0).Copies); got != "[0s]" {
		t.Errorf("the other way: %s", got)
	}
	if got := at(25 * time.Millisecond); got != "[5ms]" {
		t.Errorf("after 25 ms: %s, want what is left of the one before", got)
	}
	if got := at(time.Minute); got != "[0s]" {
		t.Errorf("after a minute: %s", got)
	}
	lost := 0
	for range 200 {
		if at(time.Minute) == "[]" {
			lost++
		}
	}
	if lost != 100 { // 1 is on its way, 100 wait for up to a second
		t.Errorf("%d of 200 got lost, want 100", lost)
	}
	sums := map[string]uint64{}
	d.Counts(sums)
	if sums["udp throttle"] != 2+1+200 {
		t.Errorf("counted %v; want those that had to wait or were dropped", sums)
	}
}

func TestCountsAreByName(t *testing.T) {
	d := NewDatagrams([]Fault{{UDP: Loss, Message: "X"}, {UDP: Loss, Message: "Y"}, {UDP: Duplicate}}, 1, 0)
	for _, message := range []string{"X", "Y", "Z", "Z", "Z"} {
		d.Fate(ToGrid, message, 100, 0)
	}
	r := NewRequests([]Fault{{Login: Refuse}, {Teleport: Fail}}, 1)
	r.Fate(Login, "", 0)
	r.Fate(Seed, "", 0)
	r.Fate(Teleport, "", 0)
	sums := map[string]uint64{}
	d.Counts(sums)
	r.Counts(sums)
	(*Requests)(nil).Counts(sums)
	want := map[string]uint64{"udp loss": 2, "udp duplicate": 3, "login refuse": 1, "teleport fail": 1}
	if !maps.Equal(sums, want) {
		t.Errorf("counted %v, want %v", sums, want)
	}
}

// Whatever is made of a datagram, it takes no good one's number, and it is no
// longer than a datagram may be.
func TestBreakMakesOtherDatagrams(t *testing.T) {
	d := NewDatagrams([]Fault{{UDP: Malformed}}, 1, 0)
	good := append([]byte{0x40, 0, 0, 0, 7, 0, 0xFF, 0xFF, 0, 1}, bytes.Repeat([]byte{0x55}, 90)...)
	kinds := map[string]int{}
	for range 1000 {
		before := bytes.Clone(good)
		dst := d.Break([]byte("before"), good)
		got, kept := bytes.CutPrefix(dst, []byte("before"))
		if !kept || !bytes.Equal(good, before) {
			t.Fatal("what isn't its own was written to")
		}
		if len(got) == 0 || len(got) > 6+mostNoise || got[0]&0x40 != 0 || bytes.Equal(got, good) {
			t.Fatalf("%d bytes, %x", len(got), got)
		}
		switch {
		case len(got) < len(good) && bytes.Equal(got[1:], good[1:len(got)]):
			kinds["short"]++
		case len(got) == len(good) && bytes.Equal(got[1:6], good[1:6]):
			kinds["other bytes"]++
		case len(got) == 6+mostNoise && got[0]&0x80 != 0 && got[len(got)-1] == 255:
			kinds["expanding"]++
		default:
			kinds["noise"]++
		}
	}
	if len(kinds) != 4 {
		t.Errorf("made %v", kinds)
	}
	if got := d.Break(nil, nil); len(got) == 0 {
		t.Error("nothing was made of nothing")
	}
}

func TestOutages(t *testing.T) {
	list := []Fault{
		{Region: Restart, Name: "Region 1", From: Duration(30 * time.Second), MS: 5000}, {UDP: Loss},
		{Region: Crash}, {Region: Crash, Name: "Region 2", From: Duration(time.Minute)},
	}
	want := []Outage{{Restart, 30 * time.Second, 5 * time.Second}, {Crash, 0, 10 * time.Second}}
	if got := Outages(list, "Region 1"); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if NewRequests([]Fault{{Region: Crash}}, 1) != nil {
		t.Error("requests meet what a region does")
	}
}

func TestRequestsMeetTheFirstFault(t *testing.T) {
	r := NewRequests([]Fault{
		{Capability: Slow, MS: 20}, {Capability: Error, Name: "GetTexture", Status: 503}, {Capability: Error}, {Login: Refuse, Reason: "tos"},
		{EventQueue: Trickle}, {Seed: Slow, MS: 7, Until: Duration(time.Minute)},
	}, 1)
	for _, tt := range []struct {
		place, name string
		want        Met
		hit         bool
	}{
		{Capability, "GetTexture", Met{Kind: Error, Wait: 20 * time.Millisecond, Status: 503}, true},
		{Capability, "GetMesh", Met{Kind: Error, Wait: 20 * time.Millisecond, Status: 500}, true},
		{Login, "", Met{Kind: Refuse, Status: 503, Reason: "tos"}, true},
		{EventQueue, "", Met{Kind: Trickle, Wait: 100 * time.Millisecond, Status: 502}, true},
		{Seed, "", Met{Kind: Slow, Wait: 7 * time.Millisecond}, true},
		{"", "", Met{Kind: Slow}, false},
	} {
		got, hit := r.Fate(tt.place, tt.name, 0)
		got.Noise = 0
		if got != tt.want || hit != tt.hit {
			t.Errorf("%s %s: %+v, %t; want %+v, %t", tt.place, tt.name, got, hit, tt.want, tt.hit)
		}
	}
	if met, hit := r.Fate(Seed, "", time.Minute); hit {
		t.Errorf("a fault whose time is over: %+v", met)
	}
}
