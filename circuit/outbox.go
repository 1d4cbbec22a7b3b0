package circuit

import (
	"fmt"
	"time"

	"github.com/slload/slload/internal/udp"
)

const (
	// writeGroup is how many packets are collected before they are written,
	// between two readings of the clock.
	writeGroup = 16

	// outboxSlots bounds what waits while the kernel takes nothing.
	outboxSlots = 256
)

// outbox collects encoded packets in its own memory and writes them in
// batches.
type outbox struct {
	conn    udp.Conn
	clock   func() reading
	tap     Tap
	arena   []byte // outboxSlots * MaxDatagram
	queue   []outgoing
	batch   [writeGroup]udp.Packet
	packets uint64 // written
	bytes   uint64
	drops   uint64 // because nothing was taken for outboxSlots packets
	err     error  // the Conn failed
}

type outgoing struct {
	data   []byte // in the arena
	to     key
	stamps stamps
}

// stamps are set to the time of the write, where they aren't nil: one is the
// sender's, the other the circuit's own.
type stamps [2]*Instant

func (s stamps) set(at Instant) {
	for _, stamp := range s {
		if stamp != nil {
			*stamp = at
		}
	}
}

func (o *outbox) init(conn udp.Conn, clock func() reading, tap Tap) {
	o.conn, o.clock, o.tap = conn, clock, tap
	o.arena = make([]byte, outboxSlots*MaxDatagram)
	o.queue = make([]outgoing, 0, outboxSlots)
}

// claim gives an empty slice with room for one datagram, to be given back by
// add or not at all. It gives nil when too much waits to be written: the
// packet is then lost, as from a full socket buffer.
func (o *outbox) claim() []byte {
	if len(o.queue) >= writeGroup {
		o.flush()
	}
	n := len(o.queue)
	if n == outboxSlots {
		o.drops++
		return nil
	}
	return o.arena[n*MaxDatagram : n*MaxDatagram : (n+1)*MaxDatagram]
}

// add queues data, which lies in the slot that claim gave last.
func (o *outbox) add(data []byte, to key, stamps stamps) {
	o.queue = append(o.queue, outgoing{data: data, to: to, stamps: stamps})
}

// flush writes what waits, as far as the Conn takes it.
func (o *outbox) flush() {
	taken := 0
	for taken < len(o.queue) && o.err == nil {
		group := o.queue[taken:min(taken+writeGroup, len(o.queue))]
		n, err := o.write(group)
		if err != nil {
			o.err = fmt.Errorf("write %d datagrams: %w", len(group), err)
		}
		taken += n
		if n < len(group) {
			break
		}
	}
	o.keep(taken)
}

// write writes one group and stamps what was taken. The kernel sends one after
// another before the call returns, so that the time between two readings of
// the clock is shared out evenly: a stamp is then a few microseconds off, where
// that of the call would be up to a group's time off.
func (o *outbox) write(group []outgoing) (int, error) {
	for i := range group {
		g := &group[i]
		o.batch[i] = udp.Packet{Data: g.data, Endpoint: g.to.endpoint, Peer: g.to.peer}
	}
	before := o.clock().now
	n, err := o.conn.WriteBatch(o.batch[:len(group)])
	took := o.clock().now.Sub(before)
	for i := range group[:n] {
		g := &group[i]
		at := before.Add(took * time.Duration(i+1) / time.Duration(n+1))
		g.stamps.set(at)
		o.packets++
		o.bytes += uint64(len(g.data))
		if o.tap != nil {
			o.tap(at, true, o.conn.Local(g.to.endpoint), g.to.peer.AddrPort(), g.data)
		}
	}
	return n, err
}

// keep moves what wasn't taken to the front.
func (o *outbox) keep(taken int) {
	if taken == 0 {
		return
	}
	left := o.queue[taken:]
	for i := range left {
		slot := o.arena[i*MaxDatagram : i*MaxDatagram : (i+1)*MaxDatagram]
		left[i].data = append(slot, left[i].data...)
	}
	n := copy(o.queue, left)
	clear(o.queue[n:])
	o.queue = o.queue[:n]
}
