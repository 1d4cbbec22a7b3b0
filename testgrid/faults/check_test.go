package faults

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func TestCheckFindsWhatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		fault Fault
		key   string // of the one problem; "ok" where there is none
		text  string
	}{
		{Fault{UDP: Loss, Percent: 20}, "ok", ""},
		{Fault{UDP: Loss, Percent: 100}, "ok", ""},
		{Fault{UDP: Delay, MS: 40, JitterMS: 10, From: Duration(time.Second), Until: Duration(time.Minute), Message: "X", Way: ToGrid}, "ok", ""},
		{Fault{UDP: Reorder}, "ok", ""},
		{Fault{Login: Refuse, Reason: "tos"}, "ok", ""},
		{Fault{Login: Presence}, "ok", ""},
		{Fault{Seed: Error, Status: 503}, "ok", ""},
		{Fault{EventQueue: WrongIDs}, "ok", ""},
		{Fault{Capability: Trickle, Name: "GetTexture", MS: 5}, "ok", ""},
		{Fault{UDP: Malformed, Percent: 5, Message: "X", Way: FromGrid}, "ok", ""},
		{Fault{UDP: Throttle, KBPS: 200, Way: FromGrid}, "ok", ""},
		{Fault{Teleport: Fail, Reason: "no", Percent: 50}, "ok", ""},
		{Fault{Teleport: Hang}, "ok", ""},
		{Fault{Region: Restart, Name: "Region 1", From: Duration(time.Minute), MS: 5000}, "ok", ""},

		{Fault{UDP: Throttle}, "[0].kbps", "out of range"},
		{Fault{UDP: Throttle, KBPS: math.NaN()}, "[0].kbps", "out of range"},
		{Fault{UDP: Throttle, KBPS: 1e-12}, "[0].kbps", "out of range"},
		{Fault{UDP: Loss, KBPS: 5}, "[0].kbps", "no meaning"},
		{Fault{Region: Crash, Percent: 5}, "[0].percent", "no meaning"},
		{Fault{Region: Crash, Until: Duration(time.Minute)}, "[0].until", "no meaning"},
		{Fault{Region: "burn"}, "[0].region", "crash, restart"},
		{Fault{Teleport: Fail, MS: 5}, "[0].ms", "no meaning"},
		{Fault{}, "[0]", "wants one of"},
		{Fault{UDP: Loss, Login: Refuse}, "[0]", "wants one of"},
		{Fault{UDP: "lost"}, "[0].udp", "corrupt, delay, duplicate, loss, malformed, reorder, throttle"},
		{Fault{Seed: Lose}, "[0].seed", "unknown"},
		{Fault{EventQueue: Presence}, "[0].event_queue", "unknown"},
		{Fault{UDP: Loss, MS: 5}, "[0].ms", "no meaning for udp: loss"},
		{Fault{UDP: Loss, Name: "GetTexture"}, "[0].name", "no meaning"},
		{Fault{Login: Slow, MS: 5, Message: "X"}, "[0].message", "no meaning"},
		{Fault{Seed: Garbage, Status: 500}, "[0].status", "no meaning"},
		{Fault{Capability: Error, Reason: "key"}, "[0].reason", "no meaning"},
		{Fault{UDP: Delay}, "[0]", "ms is missing"},
		{Fault{Login: Slow}, "[0]", "ms is missing"},
		{Fault{UDP: Loss, Percent: -1}, "[0].percent", "out of range"},
		{Fault{UDP: Loss, Percent: 100.5}, "[0].percent", "out of range"},
		{Fault{UDP: Loss, Percent: math.NaN()}, "[0].percent", "out of range"},
		{Fault{UDP: Delay, MS: math.Inf(1)}, "[0].ms", "out of range"},
		{Fault{UDP: Delay, MS: 5, JitterMS: 6}, "[0].jitter_ms", "no more than ms"},
		{Fault{UDP: Loss, Way: "up"}, "[0].way", "to_grid or from_grid"},
		{Fault{UDP: Loss, From: Duration(2), Until: Duration(1)}, "[0].until", "before it begins"},
		{Fault{Seed: Error, Status: 200}, "[0].status", "no error"},
	} {
		got := Check([]Fault{tt.fault})
		switch {
		case tt.key == "ok" && len(got) > 0:
			t.Errorf("%+v: %v", tt.fault, got)
		case tt.key != "ok" && (len(got) != 1 || got[0].Key != tt.key || !strings.Contains(got[0].Text, tt.text)):
			t.Errorf("%+v: %v, want one problem at %s: %s", tt.fault, got, tt.key, tt.text)
		}
	}
	if got := Check(make([]Fault, mostFaults+1)); len(got) != 1 || got[0].Key != "" {
		t.Errorf("too many faults: %v", got)
	}
	if got := Check([]Fault{{UDP: Loss}, {}}); len(got) != 1 || got[0].Key != "[1]" {
		t.Errorf("the second fault: %v", got)
	}
}

// Every word has a case that carries it out elsewhere; here, each has a String.
func TestWhereTellsPlaceAndKind(t *testing.T) {
	for _, tt := range []struct {
		fault Fault
		want  string
	}{
		{Fault{UDP: Loss}, "udp loss"}, {Fault{Login: Refuse}, "login refuse"}, {Fault{Seed: Cut}, "seed cut"},
		{Fault{EventQueue: Lose}, "event_queue lose"}, {Fault{Capability: Hang}, "capability hang"},
		{Fault{Teleport: Fail}, "teleport fail"}, {Fault{Region: Crash}, "region crash"},
	} {
		if got := tt.fault.String(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"30s": 30 * time.Second, " 1h30m": 90 * time.Minute, "0s": 0, "-1s": -1, "soon": -1, "9000h": -1, "5": -1} {
		var d Duration
		err := d.UnmarshalText([]byte(text))
		if (err != nil) != (want < 0) || err == nil && time.Duration(d) != want {
			t.Errorf("%q gives %v, %v", text, time.Duration(d), err)
		}
	}
	text, err := Duration(90 * time.Second).MarshalText()
	if err != nil || string(text) != "1m30s" {
		t.Errorf("%q, %v", text, err)
	}
}

// The page that tells what becomes of each fault has them all.
func TestEveryFaultIsInTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	for place, kinds := range Kinds {
		for kind := range kinds {
			told := false
			for line := range strings.Lines(string(page)) {
				cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
				told = told || strings.Contains(cell, "`"+place+": ") && (strings.Contains(cell, "`"+place+": "+kind) || strings.Contains(cell, "`"+kind+"`"))
			}
			if !told {
				t.Errorf("docs/reliability.md doesn't tell of %s: %s", place, kind)
			}
		}
	}
}
