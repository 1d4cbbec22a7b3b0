package testgrid

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// region is one simulator of the grid: a square of land with a UDP port. What
// stands under "the loop's" belongs to the goroutine of its loop.
type region struct {
	grid *Grid
	name string
	id   uuid.UUID
	x, y uint32 // metres, of its south-western corner
	addr netip.AddrPort
	loop *circuit.Loop
	// down is set while the region isn't there. Its loop sets it; logins and
	// other regions read it.
	down atomic.Bool

	// The loop's.
	line    *unreliable           // its connection; nil where nothing can happen to that
	outages int                   // that aren't over
	clients map[uuid.UUID]*client // by agent
	avatars []*client             // by slot; nil is a free one
	free    []int32
	states  []state // by slot
	cells   cells
	prims   prims
	land    land
	lastID  uint32 // the last local id that was given away
	moves   uint64 // counts changes of anybody's place, arrivals and departures
	changes uint64 // counts what those who see it must hear of

	watchers []*client               // those who look in from regions around
	expected map[uuid.UUID]*newcomer // avatars that other regions send; nil before the first
	bounds   bounds                  // how far avatars get

	frame    frame
	scratch  scratch
	rates    rates
	counters counters
}

// firstCorner is where the square of regions begins, in regions.
const firstCorner = 1000

// newRegion binds a region's port. Regions fill a square row by row.
func newRegion(g *Grid, index int) (*region, error) {
	across := int(math.Ceil(math.Sqrt(float64(g.cfg.Regions))))
	name := fmt.Sprintf("Region %d", index+1)
	r := &region{
		grid: g, name: name, id: derivedID(agentNamespace, name),
		x:       uint32(firstCorner+index%across) * regionSize,
		y:       uint32(firstCorner+index/across) * regionSize,
		clients: map[uuid.UUID]*client{}, counters: counters{outages: map[string]uint64{}},
	}
	listen := netip.AddrPortFrom(g.cfg.Listen.Addr(), 0)
	if port := g.cfg.Listen.Port(); port != 0 {
		listen = netip.AddrPortFrom(g.cfg.Listen.Addr(), port+uint16(index))
	}
	conn, err := g.cfg.openUDP(udp.Config{Listen: listen})
	if err != nil {
		return nil, fmt.Errorf("grid: open %s's UDP port at %s: %w", name, listen, err)
	}
	r.addr = conn.Local(0)
	conn = g.disturb(conn, index, name)
	r.line, _ = conn.(*unreliable)
	r.loop = circuit.NewLoop(circuit.Config{Conn: conn, Dispatch: g.dispatch, Accept: r.accept, Observer: &r.counters, Log: g.log})
	r.furnish()
	r.land.init()
	r.frame.init(r)
	r.planOutages()
	return r, nil
}

// handle is the region's place as messages carry it: x metres << 32 | y metres.
func (r *region) handle() uint64 { return uint64(r.x)<<32 | uint64(r.y) }

// accept opens a circuit for whoever says UseCircuitCode. Whether the code is
// right shows after that: OpenSim, too, acknowledges before it authorises.
func (r *region) accept(ev *circuit.Event) bool {
	m, ok := ev.Message.(*message.UseCircuitCode)
	if !ok {
		return false
	}
	_, err := r.loop.Open(circuit.CircuitConfig{
		Peer: ev.Peer.AddrPort(), Endpoint: ev.Endpoint, HasEndpoint: true,
		Code: m.CircuitCode.Code, Timeout: r.grid.cfg.SilentAfter, OnClose: r.closed, Owner: r,
	})
	if err != nil {
		r.grid.log.Warn("circuit refused", "region", r.name, "peer", ev.Peer.AddrPort(), "error", err)
	}
	return err == nil
}

// closed ends the presence of a client whose circuit has ended, whatever the
// reason.
func (r *region) closed(now circuit.Instant, closed *circuit.Circuit, err error) {
	c, ok := closed.Owner.(*client)
	if !ok {
		return
	}
	if errors.Is(err, circuit.ErrTimeout) {
		r.counters.timeouts++
		r.grid.log.Info("client dropped: silent for too long", "region", r.name, "agent", c.session.name())
	}
	r.depart(now, c)
}

// drop ends a session for another login's sake, from any goroutine. That the
// grid closes meanwhile is no matter.
func (r *region) drop(s *session) { r.kick(s, "You logged in from somewhere else.") }

// kick ends a session from any goroutine, and says why.
func (r *region) kick(s *session, why string) {
	_ = r.loop.Post(context.Background(), func(now circuit.Instant) {
		c := r.clients[s.agentID]
		switch {
		case c == nil || c.session != s:
		case !c.arrived:
			r.dismiss(now, c, &message.DisableSimulator{})
		default:
			kick := &message.KickUser{}
			kick.UserInfo.AgentID, kick.UserInfo.SessionID = s.agentID, s.id
			kick.UserInfo.Reason = message.Text(why)
			r.dismiss(now, c, kick)
		}
	})
}

// dismiss ends a client's presence with a last message, and its circuit when
// that has arrived.
func (r *region) dismiss(now circuit.Instant, c *client, last message.Message) {
	r.depart(now, c)
	err := c.circuit.SendReliable(now, last, func(now circuit.Instant, _ error) { c.circuit.Close(now, nil) })
	if err != nil {
		c.circuit.Close(now, err)
	}
}

// depart takes a client out of the region and logs it out; others see it go in
// their next frame. A client that has left already is no matter.
func (r *region) depart(now circuit.Instant, c *client) {
	if r.clients[c.session.agentID] != c {
		return
	}
	delete(r.clients, c.session.agentID)
	var at *spot
	if c.arrived {
		at = &spot{r, c.motion.pos, defaultLook}
		r.removeAvatar(c)
	}
	r.unwatch(c)
	others, ended := r.grid.directory.leave(c.session, at)
	for _, s := range others {
		s.entry.region.dropChild(s)
	}
	if !ended {
		return // it looked in, no more
	}
	r.grid.groups.hangUp(c.session.agentID)
	if c.session.stay.greeted.CompareAndSwap(true, false) {
		r.sayGone(now, c)
	}
}
