package faults

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Requests draws what becomes of HTTP requests, and of teleports, from a seed:
// the nth request of a place meets the same fate each time. It is for any number of goroutines.
type Requests struct {
	mu     sync.Mutex
	list   []Fault
	rng    *rand.Rand
	counts []uint64 // how many each of list has met
}

// NewRequests takes the faults of requests out of list; nil where there are
// none.
func NewRequests(list []Fault, seed uint64) *Requests {
	r := &Requests{rng: rand.New(rand.NewPCG(seed, httpStream))}
	for _, f := range list {
		if place, _ := f.Where(); place != UDP && place != Region && place != "" {
			r.list = append(r.list, f)
		}
	}
	if len(r.list) == 0 {
		return nil
	}
	r.counts = make([]uint64, len(r.list))
	return r
}

// Counts adds how many requests each fault has met to sums, by its name. r may
// be nil.
func (r *Requests) Counts(sums map[string]uint64) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, n := range r.counts {
		sums[r.list[i].String()] += n
	}
}

// httpStream is no simulator's.
const httpStream = 1 << 63

// Met is a fault that meets a request.
type Met struct {
	Kind   string
	Wait   time.Duration // before the answer, or for each byte of it
	Status int
	Reason string
	Noise  uint64 // for what is made up
}

// trickleMS is the time for a byte.
const trickleMS = 100

// Fate gives the first fault that meets a request to a place; false where it
// is to be answered as it should. name is the capability's. A slow answer
// doesn't keep other faults from meeting it: its wait is theirs, too. r may be
// nil.
func (r *Requests) Fate(place, name string, since time.Duration) (Met, bool) {
	if r == nil {
		return Met{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	slow := Met{Kind: Slow}
	for i := range r.list {
		f := &r.list[i]
		where, kind := f.Where()
		if where != place || !f.active(since) || f.Name != "" && f.Name != name || r.rng.Float64() >= f.chance() {
			continue
		}
		r.counts[i]++
		wait := delay(r.rng, f.MS, f.JitterMS)
		if kind == Slow {
			slow.Wait += wait
			continue
		}
		met := Met{Kind: kind, Wait: slow.Wait, Status: f.Status, Reason: f.Reason, Noise: r.rng.Uint64()}
		switch {
		case kind == Trickle && f.MS == 0:
			met.Wait = trickleMS * time.Millisecond
		case kind == Trickle, kind == Indeterminate:
			met.Wait = wait
		}
		if met.Status == 0 {
			met.Status = Statuses[place]
		}
		return met, true
	}
	return slow, slow.Wait > 0
}
