package faults

import "time"

// Outage is a time in which a region is down.
type Outage struct {
	Kind string        // Restart or Crash
	From time.Duration // since the grid began
	For  time.Duration
}

// outageMS is how long a region is down unless told otherwise.
const outageMS = 10_000

// Outages gives those of a region by its name.
func Outages(list []Fault, region string) (outages []Outage) {
	for _, f := range list {
		if f.Region == "" || f.Name != "" && f.Name != region {
			continue
		}
		ms := f.MS
		if ms == 0 {
			ms = outageMS
		}
		outages = append(outages, Outage{f.Region, time.Duration(f.From), time.Duration(ms * float64(time.Millisecond))})
	}
	return outages
}
