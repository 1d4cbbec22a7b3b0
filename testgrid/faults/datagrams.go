package faults

import (
	"math/rand/v2"
	"time"
)

// Datagrams draws what becomes of the datagrams of one simulator, from a seed:
// the same datagrams meet the same fate. It is for one goroutine, and the
// result of Fate is good until the next call.
type Datagrams struct {
	// ByMessage tells whether a fault meets some messages only, so that their
	// names are needed.
	ByMessage bool

	list   []Fault
	rng    *rand.Rand
	copies []time.Duration
}

// NewDatagrams takes the faults of UDP out of list; nil where there are none.
// stream tells simulators of one seed apart.
func NewDatagrams(list []Fault, seed, stream uint64) *Datagrams {
	d := &Datagrams{rng: rand.New(rand.NewPCG(seed, stream))}
	for _, f := range list {
		if f.UDP != "" {
			d.list = append(d.list, f)
			d.ByMessage = d.ByMessage || f.Message != ""
		}
	}
	if len(d.list) == 0 {
		return nil
	}
	return d
}

// reorderMS is how long a datagram waits that others are to overtake.
const reorderMS = 50

// Fate gives the delay of each copy of a datagram to deliver: none where it is
// lost, a single 0 where nothing happens to it. since is the time since the
// grid began. corrupt tells that its bits are to be turned over.
func (d *Datagrams) Fate(way Way, message string, since time.Duration) (copies []time.Duration, corrupt bool) {
	d.copies = append(d.copies[:0], 0)
	for i := range d.list {
		f := &d.list[i]
		if !f.active(since) || f.Way != "" && f.Way != way || f.Message != "" && f.Message != message || d.rng.Float64() >= f.chance() {
			continue
		}
		switch f.UDP {
		case Loss:
			return nil, false
		case Corrupt:
			corrupt = true
		case Duplicate:
			d.copies = append(d.copies, d.copies[0])
		case Delay:
			d.wait(delay(d.rng, f.MS, f.JitterMS))
		case Reorder:
			ms := f.MS
			if ms == 0 {
				ms = reorderMS
			}
			d.wait(delay(d.rng, ms, 0))
		}
	}
	return d.copies, corrupt
}

func (d *Datagrams) wait(t time.Duration) {
	for i := range d.copies {
		d.copies[i] += t
	}
}

// delay draws one, even between ms - jitter and ms + jitter.
func delay(rng *rand.Rand, ms, jitter float64) time.Duration {
	if jitter > 0 {
		ms += (2*rng.Float64() - 1) * jitter
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// mostFlips bounds the bits that Corrupt turns over in one datagram.
const mostFlips = 4

// Corrupt turns over one to four bits of data.
func (d *Datagrams) Corrupt(data []byte) {
	if len(data) == 0 {
		return
	}
	for range 1 + d.rng.IntN(mostFlips) {
		data[d.rng.IntN(len(data))] ^= 1 << d.rng.IntN(8)
	}
}
