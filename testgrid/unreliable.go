package testgrid

import (
	"slices"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid/faults"
)

// unreliable is a region's connection on which datagrams get lost, late, twice
// or broken, as the grid's faults say. It belongs to the region's loop, as
// udp.Conn does; Wake and Close, which are for anybody, are the Conn's own.
type unreliable struct {
	udp.Conn
	fate    *faults.Datagrams
	began   time.Time
	scratch []byte // for zero-decoding

	deaf     bool // nothing comes or goes: the region is down
	arriving held // on their way to the grid
	leaving  held // and from it
	send     []udp.Packet
}

// disturb wraps the connection of a region by that name, where there are faults
// for it.
func (g *Grid) disturb(conn udp.Conn, index int, name string) udp.Conn {
	fate := faults.NewDatagrams(g.cfg.Faults, g.cfg.Seed, uint64(index))
	if fate == nil && len(faults.Outages(g.cfg.Faults, name)) == 0 {
		return conn
	}
	return &unreliable{Conn: conn, fate: fate, began: g.began}
}

// deafen drops what comes and goes from now on, and what was under way.
func (u *unreliable) deafen() { u.deaf, u.arriving, u.leaving = true, held{}, held{} }

// readTries bounds how often a batch is read in place of one that was lost
// altogether.
const readTries = 8

// ReadBatch gives what has waited for long enough, and what comes in and isn't
// lost. It also sends what has waited.
func (u *unreliable) ReadBatch(p []udp.Packet) (int, error) {
	if u.deaf {
		_, err := u.Conn.ReadBatch(p)
		return 0, err
	}
	now := time.Now()
	if err := u.sendDue(now); err != nil {
		return 0, err
	}
	n := u.arriving.take(now, p)
	for try := 0; n == 0 && try < readTries || n < len(p) && try == 0; try++ {
		came, err := u.Conn.ReadBatch(p[n:])
		if err != nil || came == 0 {
			return n, err
		}
		n += u.receive(now, p[n:n+came])
	}
	return n, nil
}

// receive leaves at p's front what comes through at once, and tells how many.
func (u *unreliable) receive(now time.Time, p []udp.Packet) (kept int) {
	for i := range p {
		packet := p[i]
		fate := u.meet(faults.ToGrid, packet.Data, now)
		if fate.Broken {
			broken := packet
			broken.Data = u.fate.Break(nil, packet.Data)
			u.arriving.add(now, 0, broken) // read in the next batch
		}
		if fate.Corrupt {
			u.fate.Corrupt(packet.Data) // the Conn's memory, which is read again by nobody else
		}
		here := false
		for _, wait := range fate.Copies {
			if wait <= 0 && !here {
				here = true
				continue
			}
			u.arriving.add(now, wait, packet)
		}
		if here {
			p[kept], p[i] = packet, p[kept]
			kept++
		}
	}
	return kept
}

// WriteBatch sends p but for what gets lost or waits. It takes all: what the
// Conn has no room for waits here.
func (u *unreliable) WriteBatch(p []udp.Packet) (int, error) {
	if u.deaf {
		return len(p), nil
	}
	now := time.Now()
	u.send = u.send[:0]
	for _, packet := range p {
		fate := u.meet(faults.FromGrid, packet.Data, now)
		if fate.Broken {
			broken := packet
			broken.Data = u.fate.Break(nil, packet.Data)
			u.send = append(u.send, broken)
		}
		if fate.Corrupt {
			packet.Data = slices.Clone(packet.Data) // the caller's may be sent again
			u.fate.Corrupt(packet.Data)
		}
		for _, wait := range fate.Copies {
			if wait <= 0 {
				u.send = append(u.send, packet)
				continue
			}
			u.leaving.add(now, wait, packet)
		}
	}
	return len(p), u.write(now)
}

// fullWait is when what the Conn had no room for is offered again.
const fullWait = time.Millisecond

func (u *unreliable) write(now time.Time) error {
	if len(u.send) == 0 {
		return nil
	}
	n, err := u.Conn.WriteBatch(u.send)
	for _, rest := range u.send[n:] {
		u.leaving.add(now, fullWait, rest)
	}
	clear(u.send)
	u.send = u.send[:0]
	return err
}

// sendBatch is how many datagrams that have waited are sent at once.
const sendBatch = 64

func (u *unreliable) sendDue(now time.Time) error {
	for u.leaving.due(now) {
		u.send = slices.Grow(u.send[:0], sendBatch)[:sendBatch]
		u.send = u.send[:u.leaving.take(now, u.send)]
		if err := u.write(now); err != nil {
			return err
		}
	}
	return nil
}

// Wait ends in time for what waits here.
func (u *unreliable) Wait(d time.Duration) error {
	for _, h := range []*held{&u.arriving, &u.leaving} {
		if at, ok := h.next(); ok {
			d = min(d, max(0, time.Until(at)))
		}
	}
	return u.Conn.Wait(d)
}

// meet draws what becomes of a datagram.
func (u *unreliable) meet(way faults.Way, data []byte, now time.Time) faults.Fate {
	if u.fate == nil {
		return faults.Fate{Copies: unharmed}
	}
	name := ""
	if u.fate.ByMessage {
		name = u.messageIn(data)
	}
	return u.fate.Fate(way, name, len(data), now.Sub(u.began))
}

// unharmed is one copy, at once.
var unharmed = []time.Duration{0}

// messageIn is the name of a datagram's message; empty where it has none. Acks
// that ride on it belong to it.
func (u *unreliable) messageIn(data []byte) string {
	p, err := message.ParsePacket(data)
	if err != nil {
		return ""
	}
	body, err := p.Decoded(u.scratch)
	if err != nil {
		return ""
	}
	if cap(body) > cap(u.scratch) && p.Flags&message.FlagZerocoded != 0 {
		u.scratch = body
	}
	number, _, err := message.ReadNumber(body)
	if err != nil {
		return ""
	}
	if m, ok := message.CompiledIn().Lookup(number); ok {
		return m.Name
	}
	return ""
}
