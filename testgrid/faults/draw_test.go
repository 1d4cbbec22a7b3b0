package faults

import (
	"bytes"
	"fmt"
	"math/bits"
	"slices"
	"testing"
	"time"
)

// fates tells what becomes of n datagrams, a word each.
func fates(d *Datagrams, n int, way Way, message string, since time.Duration) (words []string) {
	for range n {
		copies, corrupt := d.Fate(way, message, since)
		words = append(words, fmt.Sprint(copies, corrupt))
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

const whole = "[0s] false"

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
		{Fault{UDP: Loss, Percent: 20}, ToGrid, "", 0, "[] false", 0.2},
		{Fault{UDP: Loss}, ToGrid, "", 0, "[] false", 1},
		{Fault{UDP: Duplicate, Percent: 5}, ToGrid, "", 0, "[0s 0s] false", 0.05},
		{Fault{UDP: Corrupt, Percent: 50}, FromGrid, "", 0, "[0s] true", 0.5},
		{Fault{UDP: Delay, MS: 40}, FromGrid, "", 0, "[40ms] false", 1},
		{Fault{UDP: Reorder, Percent: 10}, FromGrid, "", 0, "[50ms] false", 0.1},
		{Fault{UDP: Loss, Way: FromGrid}, ToGrid, "", 0, whole, 1},
		{Fault{UDP: Loss, Way: ToGrid}, ToGrid, "", 0, "[] false", 1},
		{Fault{UDP: Loss, Message: "UseCircuitCode"}, ToGrid, "AgentUpdate", 0, whole, 1},
		{Fault{UDP: Loss, Message: "UseCircuitCode"}, ToGrid, "UseCircuitCode", 0, "[] false", 1},
		{Fault{UDP: Loss, From: Duration(30 * time.Second)}, ToGrid, "", 29 * time.Second, whole, 1},
		{Fault{UDP: Loss, From: Duration(30 * time.Second)}, ToGrid, "", 30 * time.Second, "[] false", 1},
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
	if copies, _ := d.Fate(ToGrid, "", 0); !slices.Equal(copies, []time.Duration{15 * time.Millisecond, 15 * time.Millisecond}) {
		t.Errorf("copies after %v", copies)
	}
	jitter := NewDatagrams([]Fault{{UDP: Delay, MS: 40, JitterMS: 10}}, 1, 0)
	least, most := time.Hour, time.Duration(0)
	for range 1000 {
		copies, _ := jitter.Fate(ToGrid, "", 0)
		least, most = min(least, copies[0]), max(most, copies[0])
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
