package agent

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// RegionChanged is an agent that has come from one region into another, by
// teleport or, where Crossed, over their border.
type RegionChanged struct {
	At       circuit.Instant // AgentMovementComplete came
	From, To RegionInfo
	Crossed  bool
}

// travels is what an agent has beyond the region that it stands in. The loop
// owns it.
type travels struct {
	near  []*region // neighbours, and regions that the agent left and still is told of
	way   *way      // into another region, under way; nil: none
	asked *teleport // that somebody waits for; nil: none
}

// way is one into another region: from the grid's word where that is to
// AgentMovementComplete.
type way struct {
	to      *region
	crossed bool            // over the border; else a teleport
	sent    circuit.Instant // of that word
	fresh   bool            // there was no circuit to that region before
	late    circuit.Timer
}

var (
	errSuperseded = &failure{"superseded", "the grid sent the agent somewhere else meanwhile"}
	errTravelling = &failure{"travelling", "the agent is on its way to another region already"}
)

// beyond gives the agent's travels, which most agents never have.
func (a *Agent) beyond() *travels {
	if a.travels == nil {
		a.travels = &travels{}
	}
	return a.travels
}

// goesTo tells whether the agent is on its way into r.
func (a *Agent) goesTo(r *region) bool {
	return a.travels != nil && a.travels.way != nil && a.travels.way.to == r
}

// regions are all to which the agent has a circuit, the root first.
func (a *Agent) regions() []*region {
	var all []*region
	if a.root != nil {
		all = append(all, a.root)
	}
	if a.travels != nil {
		all = append(all, a.travels.near...)
	}
	return all
}

// at is the region of that simulator; nil if the agent has no circuit to it.
func (a *Agent) at(simulator netip.AddrPort) *region {
	for _, r := range a.regions() {
		if r.circuit.Peer() == simulator {
			return r
		}
	}
	return nil
}

// forget takes r out of the regions nearby, and tells whether it was there.
func (t *travels) forget(r *region) bool {
	i := slices.Index(t.near, r)
	if i >= 0 {
		t.near = slices.Delete(t.near, i, i+1)
	}
	return i >= 0
}

// destination is where the grid sends an agent.
type destination struct {
	simulator    netip.AddrPort
	handle       uint64
	sizeX, sizeY uint32 // 0: not told
	seed         string
}

// setOff begins a way: to a region that is known already by its circuit (a
// UseCircuitCode from a second endpoint would end the agent), to another by a
// new one.
func (a *Agent) setOff(now circuit.Instant, to destination, w *way) {
	t := a.beyond()
	if t.way != nil {
		a.strand(now, errSuperseded)
	}
	if a.over { // there was no other region left to stand in
		return
	}
	r := a.at(to.simulator)
	if w.fresh = r == nil; w.fresh {
		var err error
		if r, err = a.meet(now, to); err != nil {
			w.end(a, now, err)
			return
		}
	}
	r.locate(to)
	w.to, t.way = r, w
	r.moved = 0
	a.patience(now, a.opt.EnterTimeout, "no answer")
	r.connect(to.seed)
	r.complete(now)
}

// orphanPatience is how long an agent is on its way whose old region has gone:
// it is nowhere. OpenSim keeps an arrival waiting for up to 10 s until the
// region that it comes from is done with it.
const orphanPatience = 20 * time.Second

// patience ends the way that the agent is on after d, if not sooner.
func (a *Agent) patience(now circuit.Instant, d time.Duration, why string) {
	w, at := a.travels.way, now.Add(d)
	if w.late.Scheduled() && w.late.At() <= at {
		return
	}
	w.late.Fire = func(now circuit.Instant) {
		a.strand(now, fmt.Errorf("enter %s: %s within %v: %w", w.to.circuit.Peer(), why, d, context.DeadlineExceeded))
	}
	a.loop.Schedule(&w.late, at)
}

// meet opens a circuit to a region in which the agent isn't.
func (a *Agent) meet(now circuit.Instant, at destination) (*region, error) {
	t := a.beyond()
	r := &region{agent: a}
	r.locate(at)
	if err := r.dial(at.simulator); err != nil {
		return nil, err
	}
	t.near = append(t.near, r)
	for _, s := range a.subs {
		if s.around {
			r.circuit.Want(s.raw, true)
		}
	}
	if err := r.use(now); err != nil {
		t.forget(r)
		r.leave(now, err)
		return nil, err
	}
	return r, nil
}

// locate takes what the grid told of where a region lies.
func (r *region) locate(at destination) {
	r.info.X, r.info.Y = uint32(at.handle>>32), uint32(at.handle)
	if at.sizeX != 0 && at.sizeY != 0 {
		r.info.SizeX, r.info.SizeY = at.sizeX, at.sizeY
	}
	orDefault(&r.info.SizeX, regionSize)
	orDefault(&r.info.SizeY, regionSize)
}

// arrive makes the way's end the region that the agent stands in. The region
// that it left stays known until its simulator ends that.
func (a *Agent) arrive(now circuit.Instant) {
	t, w, old := a.travels, a.travels.way, a.root
	t.way = nil
	a.loop.Stop(&w.late)
	r := w.to
	at := max(r.moved, r.handshaken)
	if old != r {
		a.root = r
		t.forget(r)
		a.leaveBehind(old)
		for _, s := range a.subs {
			a.want(s.raw)
		}
	}
	if w.crossed {
		a.opt.Observer.Done(OpCrossing, w.sent, w.sent, max(at, w.sent), "")
	} else if t.asked != nil {
		t.asked.end(a, entry{at: at})
	}
	a.control(now, 0, 0) // the new simulator knows nothing of what the agent is about
	if listens[RegionChanged](a) {
		emit(a, RegionChanged{At: at, From: old.info, To: r.info, Crossed: w.crossed})
	}
}

// leaveBehind keeps a region that the agent stands in no more. Without
// neighbours its event queue is of no use.
func (a *Agent) leaveBehind(old *region) {
	if old.circuit.Closed() {
		old.leave(0, nil)
		return
	}
	old.scene.self, old.scene.seat = 0, 0
	a.travels.near = append(a.travels.near, old)
	if old.queue != nil && (!a.opt.Neighbours || a.opt.NoNeighbourQueues) {
		old.queue.stop()
	}
}

// strand ends a way that leads nowhere: the agent stays where it is, if that
// is still there.
func (a *Agent) strand(now circuit.Instant, err error) {
	t, w := a.travels, a.travels.way
	t.way = nil
	w.end(a, now, err)
	if w.fresh && t.forget(w.to) {
		w.to.leave(now, err)
	}
	if a.root.circuit.Closed() {
		a.leave(now, err)
	}
}

// end reports a way that failed to whom it matters.
func (w *way) end(a *Agent, now circuit.Instant, err error) {
	a.loop.Stop(&w.late)
	if w.to != nil {
		a.loop.Stop(&w.to.retry)
	}
	if w.crossed {
		a.opt.Observer.Done(OpCrossing, w.sent, w.sent, max(now, w.sent), reason.Of(err))
	} else if t := a.travels; t.asked != nil {
		t.asked.end(a, entry{err: err})
	}
}

// lost is the end of a region's circuit, or of the use of it.
func (r *region) lost(now circuit.Instant, err error) {
	a := r.agent
	t := a.travels
	switch {
	case a.over:
	case a.root == r && t != nil && t.way != nil && t.way.to != r:
		// The simulator that the agent leaves may be quicker with its goodbye
		// than the next one with its welcome.
		r.leave(now, err)
		a.loop.Stop(&a.tick) // arriving starts it again
		a.patience(now, orphanPatience, "the old region has gone, and no answer")
	case a.root == r || t == nil:
		a.leave(now, err)
	case a.goesTo(r):
		t.forget(r)
		a.strand(now, err)
		r.leave(now, err)
	case t.forget(r):
		r.leave(now, err)
		if listens[NeighbourLost](a) {
			emit(a, NeighbourLost{At: now, Region: r.info})
		}
	}
}

// leaveTravels gives up all that is beyond the root region.
func (a *Agent) leaveTravels(now circuit.Instant, cause error) {
	t := a.travels
	if t.way != nil {
		if cause == nil {
			cause = ErrLoggedOut
		}
		w := t.way
		t.way = nil
		w.end(a, now, cause)
	}
	for _, r := range t.near {
		r.leave(now, cause)
	}
}

// handle is the region's place as messages carry it.
func (i RegionInfo) handle() uint64 { return uint64(i.X)<<32 | uint64(i.Y) }

// raw hands a message that the circuit was asked for to who subscribed to it
// by its id.
func (r *region) raw(ev *circuit.Event) {
	emit(r.agent, MessageReceived{
		At: ev.At, ID: ev.ID, Message: ev.Message, Region: r.info.handle(), Neighbour: r.agent.root != r,
	})
}

// OnMessageAround is OnMessage for the neighbours' circuits, too: Region and
// Neighbour of the event tell whose message it is.
func (a *Agent) OnMessageAround(id message.ID, on func(MessageReceived)) (cancel func()) {
	filtered := func(e MessageReceived) {
		if e.ID == id {
			on(e)
		}
	}
	return a.subscribe(subscriber{filtered, &subscription{raw: id, around: true}})
}
