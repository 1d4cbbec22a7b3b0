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
	clear  []time.Duration // until when what a throttle of list has let in takes to pass
	counts []uint64        // how many each of list has met
}

// Fate is what becomes of a datagram.
type Fate struct {
	// Copies are the delays of those to deliver: none where it is lost, a single
	// 0 where nothing happens to it.
	Copies  []time.Duration
	Corrupt bool // its bits are to be turned over
	Broken  bool // a broken one is to come besides it
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
	d.clear, d.counts = make([]time.Duration, len(d.list)), make([]uint64, len(d.list))
	return d
}

// reorderMS is how long a datagram waits that others are to overtake.
const reorderMS = 50

// mostQueued is how long datagrams wait at a throttle before it drops them.
const mostQueued = time.Second

// Fate draws what becomes of a datagram of size bytes. since is the time since
// the grid began.
func (d *Datagrams) Fate(way Way, message string, size int, since time.Duration) (fate Fate) {
	d.copies = append(d.copies[:0], 0)
	for i := range d.list {
		f := &d.list[i]
		if !f.active(since) || f.Way != "" && f.Way != way || f.Message != "" && f.Message != message || d.rng.Float64() >= f.chance() {
			continue
		}
		if f.UDP != Throttle {
			d.counts[i]++
		}
		switch f.UDP {
		case Loss:
			return Fate{Broken: fate.Broken}
		case Corrupt:
			fate.Corrupt = true
		case Malformed:
			fate.Broken = true
		case Throttle:
			if !d.pass(i, size, since) {
				return Fate{Broken: fate.Broken}
			}
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
	fate.Copies = d.copies
	return fate
}

// pass has a datagram wait its turn at the throttle i, and counts it if it must
// wait or is dropped, which false tells.
func (d *Datagrams) pass(i, size int, since time.Duration) bool {
	turn := max(d.clear[i], since)
	if turn > since {
		d.counts[i]++
	}
	if turn-since > mostQueued {
		return false
	}
	d.wait(turn - since)
	d.clear[i] = turn + time.Duration(float64(size)*8/d.list[i].KBPS*float64(time.Millisecond))
	return true
}

// Counts adds how many datagrams each fault has met to sums, by its name.
func (d *Datagrams) Counts(sums map[string]uint64) {
	for i, n := range d.counts {
		sums[d.list[i].String()] += n
	}
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

// mostNoise bounds what is made up in place of a datagram.
const mostNoise = 1200

// Break makes a datagram out of a good one that isn't one: cut short, with other
// bytes in it, with zeros that expand beyond all bounds, or noise altogether. It
// appends to dst. A broken datagram that claims to be reliable would take its
// number from a good one, which the receiver would then not read: none does.
func (d *Datagrams) Break(dst, data []byte) []byte {
	const reliable, zerocoded = 0x40, 0x80
	at := len(dst)
	switch kind := d.rng.IntN(4); {
	case kind == 0 || len(data) < 8:
		for range 1 + d.rng.IntN(mostNoise) {
			dst = append(dst, byte(d.rng.Uint32()))
		}
	case kind == 1:
		dst = append(dst, data[:1+d.rng.IntN(len(data)-1)]...)
	case kind == 2:
		dst = append(dst, data...)
		for range 1 + len(data)/4 {
			dst[at+6+d.rng.IntN(len(data)-6)] = byte(d.rng.Uint32())
		}
	default:
		dst = append(dst, data[:6]...)
		dst[at] |= zerocoded
		for range mostNoise / 2 {
			dst = append(dst, 0, 255)
		}
	}
	dst[at] &^= reliable
	return dst
}
