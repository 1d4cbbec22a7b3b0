package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// enough is the part of the floor's packets that a run must have delivered.
const enough = 0.99

// run is one process's run.
type run struct {
	Round  int    `json:"round"`
	Name   string `json:"run"`    // floor pkt, floor epoll, shared, epoll or agent
	Counts bool   `json:"counts"` // towards a ratio
	Note   string `json:"note,omitempty"`
	figures
}

// judge tells whether the run delivered what its floor did. Acks and pings are
// no part of that: they aren't what was asked for.
func (r *run) judge(floor *run) {
	sent, received := r.load()
	out, in := sent/floor.Sent, received/floor.Received
	if !(out >= enough && in >= enough) {
		r.Counts = false
		r.Note = fmt.Sprintf("doesn't count: %.1f %% of the floor's packets out, %.1f %% in (%.0f %% needed)", out*100, in*100, enough*100)
		if r.Waited >= 1 {
			r.Note += fmt.Sprintf("; its threads waited for the CPU for %.0f %% of the window", r.Waited)
		}
	}
}

// noteShortfall tells of a floor that itself couldn't do what was asked for.
func (r *run) noteShortfall(asked float64) {
	if r.Sent < enough*asked || r.Received < enough*asked {
		r.Note = fmt.Sprintf("less than the %.0f/s each way that were asked for: is the machine busy?", asked)
	}
}

// result is what the bench prints, as JSON in these words.
type result struct {
	Ratio ratios `json:"ratio"`
	Runs  []run  `json:"runs"`
}

// ratios of CPU time for a million packets, slload's to the floor's; nil where
// none was asked for, or no run counts.
type ratios struct {
	Shared *float64 `json:"shared"`
	Epoll  *float64 `json:"epoll"`
	Agent  *float64 `json:"agent"`
}

func (r *ratios) of(name string) **float64 {
	switch name {
	case "shared":
		return &r.Shared
	case "epoll":
		return &r.Epoll
	case "agent":
		return &r.Agent
	}
	panic("bench: no ratio of " + name)
}

// conclude fills in the ratios: median of what counts over median of the
// floor, to three decimals.
func (res *result) conclude(kinds []kind) {
	for _, k := range kinds {
		ours, floor := res.costs(k.name), res.costs(floorName(k.floor))
		if len(ours) > 0 && len(floor) > 0 {
			ratio := math.Round(median(ours)/median(floor)*1000) / 1000
			*res.Ratio.of(k.name) = &ratio
		}
	}
}

// costs of the runs of that name that count.
func (res *result) costs(name string) []float64 {
	var costs []float64
	for _, r := range res.Runs {
		if r.Name == name && r.Counts {
			costs = append(costs, r.Cost)
		}
	}
	return costs
}

// median of one number at least.
func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// missing is the error of ratios that were asked for and can't be given.
func (res *result) missing(kinds []kind) error {
	var none []string
	for _, k := range kinds {
		if *res.Ratio.of(k.name) == nil {
			none = append(none, k.name)
		}
	}
	if none == nil {
		return nil
	}
	return fmt.Errorf("no ratio for %s: no run delivered %.0f %% of the floor's packets; is the machine busy?",
		strings.Join(none, ", "), enough*100)
}
