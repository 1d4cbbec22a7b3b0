package testgrid

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid/faults"
)

// Config tells New what grid to make. The zero value is a grid of one region
// on loopback, any port, with the empty password.
type Config struct {
	// Regions is how many regions there are, 1 if 0. They lie in a square.
	Regions int

	// Listen is where HTTP (login, capabilities, event queues) listens, IPv4;
	// 127.0.0.1 and any port when it is the zero value. Regions take UDP ports of
	// the same address: the same port as HTTP and those that follow, as OpenSim's
	// do, or any when the port is 0.
	Listen netip.AddrPort

	// Password is every account's password.
	Password string

	// Capacity is how many agents a region admits; 0 is no limit.
	Capacity int

	// Interest is how many avatars an agent sees: its nearest; 30 if 0.
	Interest int

	// UpdateHz bounds how often in a second an agent hears of others' motion; 0
	// is once a frame of the region, some 11 times. Changes in between wait, and
	// only avatars that changed are sent.
	UpdateHz float64

	// PollHold is how long the event queue holds a poll when there is nothing to
	// say; 58 s if 0, as OpenSim does.
	PollHold time.Duration

	// RequestsPerConn is how many requests an HTTP connection may carry before it
	// is closed: 20 if 0, as OpenSim does; -1 is no limit.
	RequestsPerConn int

	// SilentAfter is when a client that says nothing is dropped; 60 s if 0.
	SilentAfter time.Duration

	// ServerBake has the grid bake avatars itself, as Second Life does (capability
	// UpdateAvatarAppearance). OpenSim doesn't.
	ServerBake bool

	// Voice has it give out voice accounts and channels, as an OpenSim with a
	// voice module does. There is no voice server.
	Voice bool

	// Faults are what goes wrong on purpose, drawn by Seed.
	Faults []faults.Fault
	Seed   uint64

	// Log gets what an operator wants to know; nothing is logged when it is nil.
	Log *slog.Logger

	// Where ports come from; tests have a network without sockets.
	openUDP  func(udp.Config) (udp.Conn, error)
	openHTTP func(at netip.AddrPort) (net.Listener, error)
}

// maxRegions bounds the square: coordinates of 256 m regions around 1000, 1000.
const maxRegions = 1024

func (c Config) withDefaults() (Config, error) {
	if !c.Listen.IsValid() {
		c.Listen = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	}
	c.Listen = netip.AddrPortFrom(c.Listen.Addr().Unmap(), c.Listen.Port())
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Regions = defaultTo(c.Regions, 1)
	c.Interest = defaultTo(c.Interest, 30)
	c.PollHold = defaultTo(c.PollHold, 58*time.Second)
	c.RequestsPerConn = defaultTo(c.RequestsPerConn, 20)
	c.SilentAfter = defaultTo(c.SilentAfter, time.Minute)
	if c.openUDP == nil {
		c.openUDP = udp.New
	}
	if c.openHTTP == nil {
		c.openHTTP = listenTCP
	}
	return c, c.check()
}

func (c Config) check() error {
	port := int(c.Listen.Port())
	switch {
	case !c.Listen.Addr().Is4():
		return fmt.Errorf("grid: listen on %s: the protocol carries IPv4 addresses only; give one", c.Listen)
	case c.Listen.Addr().IsUnspecified():
		return fmt.Errorf("grid: listen on %s: logins hand this address out; give one that clients can reach", c.Listen)
	case c.Regions < 1 || c.Regions > maxRegions:
		return fmt.Errorf("grid: %d regions: give 1 to %d", c.Regions, maxRegions)
	case port != 0 && port+c.Regions-1 > 65535:
		return fmt.Errorf("grid: %d regions from port %d on go past port 65535; start lower", c.Regions, port)
	case c.Capacity < 0:
		return fmt.Errorf("grid: capacity %d: give 0 for no limit, or more", c.Capacity)
	case c.Interest < 0:
		return fmt.Errorf("grid: interest %d: give how many neighbours an agent sees", c.Interest)
	case !(c.UpdateHz >= 0):
		return fmt.Errorf("grid: update rate %g/s: give 0 for every frame, or more", c.UpdateHz)
	case c.PollHold < 0 || c.SilentAfter < 0:
		return fmt.Errorf("grid: poll hold %v, silent after %v: neither can be negative", c.PollHold, c.SilentAfter)
	}
	return c.checkFaults()
}

// checkFaults checks also what package faults can't know: the messages.
func (c Config) checkFaults() error {
	for _, p := range faults.Check(c.Faults) {
		return fmt.Errorf("grid: faults%s: %s", p.Key, p.Text)
	}
	for i, f := range c.Faults {
		if _, ok := message.ByName(f.Message); f.Message != "" && !ok {
			return fmt.Errorf("grid: faults[%d].message: there is no message %q; give one such as ChatFromSimulator", i, f.Message)
		}
	}
	return nil
}

// defaultTo gives v, or d where v is the zero value.
func defaultTo[T comparable](v, d T) T {
	var zero T
	if v == zero {
		return d
	}
	return v
}
