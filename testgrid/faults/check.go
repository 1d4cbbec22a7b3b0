package faults

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a fault: at which key, and what would
// be right.
type Problem struct{ Key, Text string }

// mostFaults bounds a list: each costs every datagram a look.
const mostFaults = 64

const (
	maxMS     = 600_000
	minKBPS   = 0.001 // less overflows what a datagram takes to pass
	maxKBPS   = 10_000_000
	minStatus = 400
	maxStatus = 599
)

// requestKinds are what can go wrong with every request, with the keys that
// each takes.
var requestKinds = map[string][]string{
	Error: {"status"}, Slow: {"ms", "jitter_ms"}, Hang: nil, Garbage: nil, Cut: nil, Endless: nil, Trickle: {"ms"},
}

// Kinds are the words for what can go wrong at each place, and the keys that
// each takes besides percent, from and until.
var Kinds = map[string]map[string][]string{
	UDP: {
		Loss: {"message", "way"}, Duplicate: {"message", "way"}, Corrupt: {"message", "way"},
		Reorder: {"ms", "message", "way"}, Delay: {"ms", "jitter_ms", "message", "way"},
		Malformed: {"message", "way"}, Throttle: {"kbps", "way"},
	},
	Login:      with(requestKinds, map[string][]string{Refuse: {"reason"}, Presence: nil, Indeterminate: {"ms"}}),
	Seed:       requestKinds,
	EventQueue: with(requestKinds, map[string][]string{Lose: nil, WrongIDs: nil}),
	Capability: named(requestKinds),
	Teleport:   {Fail: {"reason"}, Hang: nil, Lose: nil},
	Region:     {Restart: {"name", "ms"}, Crash: {"name", "ms"}},
}

func with(kinds, more map[string][]string) map[string][]string {
	all := map[string][]string{}
	for _, m := range []map[string][]string{kinds, more} {
		for kind, keys := range m {
			all[kind] = keys
		}
	}
	return all
}

func named(kinds map[string][]string) map[string][]string {
	all := map[string][]string{}
	for kind, keys := range kinds {
		all[kind] = append([]string{"name"}, keys...)
	}
	return all
}

// Check tells what is wrong with a list of faults; a problem's key begins with
// the fault's index, as in [2].percent.
func Check(list []Fault) []Problem {
	if len(list) > mostFaults {
		return []Problem{{"", fmt.Sprintf("has %d entries, at most %d are allowed", len(list), mostFaults)}}
	}
	var all []Problem
	for i := range list {
		for _, p := range list[i].problems() {
			key := fmt.Sprintf("[%d]", i)
			if p.Key != "" {
				key += "." + p.Key
			}
			all = append(all, Problem{key, p.Text})
		}
	}
	return all
}

func (f *Fault) problems() []Problem {
	var where []place
	for _, p := range f.places() {
		if p.kind != "" {
			where = append(where, p)
		}
	}
	if len(where) != 1 {
		return []Problem{{"", "wants one of udp, login, seed, event_queue, capability, teleport and region, which says what goes wrong"}}
	}
	keys, known := Kinds[where[0].name][where[0].kind]
	if !known {
		return []Problem{{where[0].name, fmt.Sprintf("unknown %q: want %s", where[0].kind, strings.Join(words(where[0].name), ", "))}}
	}
	list := f.checkKeys(where[0], keys)
	return append(list, f.checkValues(where[0].kind)...)
}

// words are the kinds of a place.
func words(place string) []string {
	var list []string
	for kind := range Kinds[place] {
		list = append(list, kind)
	}
	slices.Sort(list)
	return list
}

// checkKeys finds keys that the fault's kind has no use for.
func (f *Fault) checkKeys(where place, takes []string) (list []Problem) {
	if where.name == Region {
		takes = append([]string{"from"}, takes...)
	} else {
		takes = append([]string{"from", "until", "percent"}, takes...)
	}
	for _, set := range []struct {
		key string
		yes bool
	}{
		{"percent", f.Percent != 0}, {"until", f.Until != 0}, {"ms", f.MS != 0}, {"jitter_ms", f.JitterMS != 0}, {"message", f.Message != ""}, {"way", f.Way != ""},
		{"kbps", f.KBPS != 0}, {"name", f.Name != ""}, {"status", f.Status != 0}, {"reason", f.Reason != ""},
	} {
		if set.yes && !slices.Contains(takes, set.key) {
			list = append(list, Problem{set.key, fmt.Sprintf("has no meaning for %s: %s", where.name, where.kind)})
		}
	}
	return list
}

func (f *Fault) checkValues(kind string) (list []Problem) {
	add := func(bad bool, key, format string, args ...any) {
		if bad {
			list = append(list, Problem{key, fmt.Sprintf(format, args...)})
		}
	}
	add(!(f.Percent >= 0 && f.Percent <= 100), "percent", "%v is out of range: want more than 0, up to 100", f.Percent)
	add(f.Until != 0 && f.Until <= f.From, "until", "it ends before it begins: want a time after from")
	add(f.From < 0 || f.Until < 0, "from", "wants a duration from 0s on")
	add(!(f.MS >= 0 && f.MS <= maxMS), "ms", "%v is out of range: want up to %d milliseconds", f.MS, maxMS)
	add((kind == Delay || kind == Slow) && f.MS == 0, "", "ms is missing: want how many milliseconds it takes")
	add(kind == Throttle && !(f.KBPS >= minKBPS && f.KBPS <= maxKBPS), "kbps", "%v is out of range: want %v to %d kilobits a second", f.KBPS, minKBPS, maxKBPS)
	add(!(f.JitterMS >= 0 && f.JitterMS <= f.MS), "jitter_ms", "%v is out of range: want no more than ms", f.JitterMS)
	add(f.Way != "" && f.Way != ToGrid && f.Way != FromGrid, "way", "unknown %q: want %s or %s", string(f.Way), ToGrid, FromGrid)
	add(f.Status != 0 && (f.Status < minStatus || f.Status > maxStatus), "status", "%d is no error: want %d to %d", f.Status, minStatus, maxStatus)
	return list
}
