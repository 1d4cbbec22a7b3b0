package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/slload/slload/internal/udp"
)

const (
	slot      = time.Millisecond // of the pacing: what is due in it goes out together
	batch     = 64               // datagrams moved by one call
	floorSize = 100              // bytes of the floor's datagrams
)

// paced is a load generator's traffic with nothing above the transport: every
// endpoint sends at a steady rate, spread evenly over time, and what an echo
// sends back is read. Endpoint i's datagram number k is due at
// start + (k + i/n) * period.
type paced struct {
	conn           udp.Conn
	in, out        []udp.Packet
	perSecond      int
	start          time.Time
	sent, received int
}

// runTransport measures the bare transport as the floor measures itself.
func runTransport(o load, mode, peer string) (figures, error) {
	to, err := netip.ParseAddrPort(peer)
	if err != nil {
		return figures{}, fmt.Errorf("the echo's address: %w", err)
	}
	conn, err := udp.New(udp.Config{Mode: udp.Mode(mode), Target: to.Addr()})
	if err != nil {
		return figures{}, err
	}
	f, err := measureTransport(conn, o, udp.AddrFrom(to))
	return f, errors.Join(err, conn.Close())
}

func measureTransport(conn udp.Conn, o load, to udp.Addr) (figures, error) {
	g, err := newPaced(conn, o, to)
	if err != nil {
		return figures{}, err
	}
	if err := g.run(o.warmUp); err != nil {
		return figures{}, err
	}
	stop, err := startProfile(o.profile)
	if err != nil {
		return figures{}, err
	}
	before := g.sample()
	err = g.run(o.window)
	f := before.until(g.sample())
	return f, errors.Join(err, stop())
}

func newPaced(conn udp.Conn, o load, to udp.Addr) (*paced, error) {
	g := &paced{
		conn: conn, in: make([]udp.Packet, batch), out: make([]udp.Packet, o.endpoints),
		perSecond: o.endpoints * o.rate,
	}
	data := make([]byte, floorSize)
	for i := range g.out {
		e, err := conn.Open()
		if err != nil {
			return nil, fmt.Errorf("open endpoint %d of %d: %w", i+1, o.endpoints, err)
		}
		g.out[i] = udp.Packet{Data: data, Endpoint: e, Peer: to}
	}
	g.start = time.Now()
	return g, nil
}

func (g *paced) sample() sample { return takeSample(uint64(g.sent), uint64(g.received)) }

// run goes on with the traffic for d.
func (g *paced) run(d time.Duration) error {
	next := time.Since(g.start)
	for end := next + d; ; {
		now := time.Since(g.start)
		if now >= end {
			return nil
		}
		if err := g.read(); err != nil {
			return err
		}
		if err := g.write(due(now, g.perSecond)); err != nil {
			return err
		}
		for next <= now {
			next += slot
		}
		if err := g.conn.Wait(next - time.Since(g.start)); err != nil {
			return fmt.Errorf("wait: %w", err)
		}
	}
}

// read takes what has come.
func (g *paced) read() error {
	for {
		n, err := g.conn.ReadBatch(g.in)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if n == 0 {
			return nil
		}
		g.received += n
	}
}

// write sends until want datagrams went out since the start, or the kernel
// takes no more for now.
func (g *paced) write(want int) error {
	for g.sent < want {
		at := g.sent % len(g.out)
		n, err := g.conn.WriteBatch(g.out[at:min(at+want-g.sent, at+batch, len(g.out))])
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		if n == 0 {
			return nil
		}
		g.sent += n
	}
	return nil
}
