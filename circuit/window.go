package circuit

// windowSize is how many sequence numbers back from the highest a duplicate is
// recognised; OpenSimulator remembers as many.
const windowSize = 1024

// wrap24 is where a viewer's sequence numbers start over; OpenSimulator's go
// on through the whole u32.
const wrap24 = 1 << 24

// verdict on an arriving reliable packet.
type verdict byte

const (
	fresh     verdict = iota // first seen: deliver
	duplicate                // seen before
	stale                    // a resend from before the window: was seen, or is past telling
)

// window remembers which reliable packets arrived: one bit for each of the
// windowSize sequence numbers up to the highest. Sequence numbers compare in
// serial arithmetic.
type window struct {
	seen    [windowSize / 64]uint64 // bit seq % windowSize
	highest uint32
	started bool
	viewer  bool // the peer wrapped at wrap24
}

// arrive notes an arrived reliable packet and judges it.
func (w *window) arrive(seq uint32, resent bool) verdict {
	ahead := w.ahead(seq)
	switch {
	case !w.started, ahead >= windowSize:
		w.restart(seq)
		return fresh
	case ahead > 0:
		w.clear(w.highest+1, ahead)
		w.highest = seq
		w.mark(seq)
		return fresh
	case ahead > -windowSize:
		if w.has(seq) {
			return duplicate
		}
		w.mark(seq)
		return fresh
	case resent:
		return stale
	}
	// Far behind and sent for the first time: the peer starts over.
	w.restart(seq)
	return fresh
}

// ahead gives how far seq lies ahead of the highest so far, negative if
// behind.
func (w *window) ahead(seq uint32) int {
	if seq >= wrap24 || w.highest >= wrap24 {
		w.viewer = false
	} else if seq < windowSize && w.highest >= wrap24-windowSize {
		w.viewer = true
	}
	if w.viewer {
		return int(int32((seq-w.highest)<<8) >> 8)
	}
	return int(int32(seq - w.highest))
}

func (w *window) restart(seq uint32) {
	w.seen = [windowSize / 64]uint64{}
	w.highest, w.started = seq, true
	w.mark(seq)
}

func (w *window) has(seq uint32) bool {
	return w.seen[seq%windowSize/64]&(1<<(seq%64)) != 0
}

func (w *window) mark(seq uint32) { w.seen[seq%windowSize/64] |= 1 << (seq % 64) }

// clear forgets n numbers from seq on.
func (w *window) clear(seq uint32, n int) {
	for ; n > 0; n, seq = n-1, seq+1 {
		w.seen[seq%windowSize/64] &^= 1 << (seq % 64)
	}
}
