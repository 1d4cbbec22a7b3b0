package circuit

import (
	"math/bits"
	"time"
)

// Timer calls Fire on the loop's goroutine when its time has come. It is
// embedded in its owner: scheduling allocates nothing.
type Timer struct {
	Fire func(now Instant)

	at         Instant
	next, prev *Timer
	list       *timerList // nil: not scheduled
}

// Scheduled tells whether the timer waits to fire.
func (t *Timer) Scheduled() bool { return t.list != nil }

// At gives the time the timer was last scheduled for.
func (t *Timer) At() Instant { return t.at }

const (
	tick        = Instant(time.Millisecond)
	wheelBits   = 8
	wheelSlots  = 1 << wheelBits
	wheelLevels = 4
	wheelSpan   = 1 << (wheelBits * wheelLevels) // ticks: 49 days
	dueList     = -1                             // timerList.index of the due list
)

// wheel is a hierarchy of timer wheels with ticks of 1 ms: a slot of level k
// holds the timers of 256^k ticks and is dealt out to the levels below when
// its time begins. Schedule and stop are O(1).
type wheel struct {
	tick  uint64 // the last tick that was dealt out
	due   timerList
	slots [wheelLevels * wheelSlots]timerList
	used  [wheelLevels][wheelSlots / 64]uint64 // which slots hold timers
}

// timerList is a FIFO of timers, linked through them.
type timerList struct {
	head, tail *Timer
	wheel      *wheel
	index      int // in wheel.slots, or dueList
}

func (w *wheel) init(now Instant) {
	w.tick = uint64(now / tick)
	w.due.wheel, w.due.index = w, dueList
	for i := range w.slots {
		w.slots[i].wheel, w.slots[i].index = w, i
	}
}

// schedule (re)schedules t, which may be in another wheel. It fires at the first
// tick that is not before at, and never in the tick that is being worked on. A
// time in the past is the caller's word for "soon" and doesn't make the timer
// late.
func (w *wheel) schedule(t *Timer, at Instant) {
	t.stop()
	t.at = max(at, Instant(w.tick)*tick)
	w.place(t)
}

func (w *wheel) place(t *Timer) {
	due := max(w.tick+1, uint64((t.at+tick-1)/tick))
	due = min(due, w.tick+wheelSpan-1) // later ones are placed again at the horizon
	level := (bits.Len64(due-w.tick) - 1) / wheelBits
	slot := int(due>>(level*wheelBits)) % wheelSlots
	w.used[level][slot/64] |= 1 << (slot % 64)
	w.slots[level*wheelSlots+slot].push(t)
}

// stop takes t out of its wheel; it may not be scheduled at all.
func (t *Timer) stop() {
	list := t.list
	if list == nil {
		return
	}
	w := list.wheel
	list.remove(t)
	if list.head == nil && list.index != dueList {
		w.used[list.index/wheelSlots][list.index%wheelSlots/64] &^= 1 << (list.index % 64)
	}
}

// advance moves what became due by now onto the due list, in order. It jumps
// from one tick with work to the next.
func (w *wheel) advance(now Instant) {
	target := uint64(now / tick)
	for {
		next := w.nextTick()
		if next > target {
			w.tick = max(w.tick, target)
			return
		}
		w.tick = next
		for level := wheelLevels - 1; level >= 0; level-- {
			if w.tick%(1<<(level*wheelBits)) == 0 {
				w.deal(level)
			}
		}
	}
}

// deal hands the timers of a level's current slot to the due list, or to the
// levels below.
func (w *wheel) deal(level int) {
	slot := int(w.tick>>(level*wheelBits)) % wheelSlots
	list := &w.slots[level*wheelSlots+slot]
	t := list.head
	list.head, list.tail = nil, nil
	w.used[level][slot/64] &^= 1 << (slot % 64)
	for t != nil {
		next := t.next
		if t.at <= Instant(w.tick)*tick {
			w.due.push(t)
		} else {
			w.place(t)
		}
		t = next
	}
}

// pop takes the next due timer, nil if there is none.
func (w *wheel) pop() *Timer {
	t := w.due.head
	if t != nil {
		t.stop()
	}
	return t
}

// next gives the time at which advance has something to do, or timers are due
// already; false if no timer is scheduled.
func (w *wheel) next() (Instant, bool) {
	if w.due.head != nil {
		return Instant(w.tick) * tick, true
	}
	next := w.nextTick()
	return Instant(next) * tick, next != noTick
}

// noTick is nextTick's answer when the slots are empty.
const noTick = 1<<63 - 1

// nextTick gives the first tick after the current one whose slot on some level
// holds timers.
func (w *wheel) nextTick() uint64 {
	first := uint64(noTick)
	for level := range wheelLevels {
		current := w.tick >> (level * wheelBits)
		if d := distance(&w.used[level], int(current+1)%wheelSlots); d >= 0 {
			first = min(first, (current+1+uint64(d))<<(level*wheelBits))
		}
	}
	return first
}

// distance counts the slots from `from` on, round the wheel, to the first
// used one; -1 if none is.
func distance(used *[wheelSlots / 64]uint64, from int) int {
	word, bit := from/64, from%64
	if w := used[word] >> bit; w != 0 {
		return bits.TrailingZeros64(w)
	}
	for i := 1; i <= len(used); i++ {
		if w := used[(word+i)%len(used)]; w != 0 {
			return i*64 - bit + bits.TrailingZeros64(w)
		}
	}
	return -1
}

func (l *timerList) push(t *Timer) {
	t.list, t.prev, t.next = l, l.tail, nil
	if l.tail == nil {
		l.head = t
	} else {
		l.tail.next = t
	}
	l.tail = t
}

func (l *timerList) remove(t *Timer) {
	if t.prev == nil {
		l.head = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.tail = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.next, t.prev, t.list = nil, nil, nil
}
