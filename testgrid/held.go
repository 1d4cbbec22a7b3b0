package testgrid

import (
	"container/heap"
	"slices"
	"time"

	"github.com/slload/slload/internal/udp"
)

// held is datagrams that wait, the one that is due first at the front.
type held struct {
	queue heldQueue
	added uint64
}

// mostHeld bounds what waits at once; what comes after is lost, as on a path
// whose buffers are full.
const mostHeld = 1 << 16

// add keeps a copy of packet for wait.
func (h *held) add(now time.Time, wait time.Duration, packet udp.Packet) {
	if len(h.queue) >= mostHeld {
		return
	}
	packet.Data = slices.Clone(packet.Data)
	if packet.Time != 0 {
		packet.Time += int64(wait) // it arrives only then
	}
	h.added++
	heap.Push(&h.queue, heldPacket{now.Add(wait), h.added, packet})
}

// take moves what is due into p, and tells how many.
func (h *held) take(now time.Time, p []udp.Packet) (n int) {
	for n < len(p) && h.due(now) {
		p[n] = heap.Pop(&h.queue).(heldPacket).packet
		n++
	}
	return n
}

func (h *held) due(now time.Time) bool {
	at, ok := h.next()
	return ok && !at.After(now)
}

// next gives when the first is due.
func (h *held) next() (at time.Time, ok bool) {
	if len(h.queue) == 0 {
		return time.Time{}, false
	}
	return h.queue[0].at, true
}

type heldPacket struct {
	at     time.Time
	order  uint64 // among those of one time
	packet udp.Packet
}

type heldQueue []heldPacket

func (q heldQueue) Len() int { return len(q) }
func (q heldQueue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].order < q[j].order
	}
	return q[i].at.Before(q[j].at)
}
func (q heldQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *heldQueue) Push(x any)   { *q = append(*q, x.(heldPacket)) }
func (q *heldQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = heldPacket{}
	*q = old[:len(old)-1]
	return last
}
