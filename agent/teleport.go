package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// OpTeleport is the operation that teleports report: from the request to
// AgentMovementComplete, or to TeleportLocal within a region.
const OpTeleport = "teleport"

// TeleportError is a teleport that the grid refused or gave up, with its words
// for it on one line of 200 characters at most.
type TeleportError struct{ Message string }

func (e *TeleportError) Error() string { return "the grid refused the teleport: " + e.Message }

// Reason is the word by which a run counts this failure.
func (e *TeleportError) Reason() string { return "refused" }

// errQueueless is a teleport whose end the agent would never hear of.
var errQueueless = &failure{"no_event_queue", "teleports to other regions end by the event queue, which Options.NoEventQueue leaves out"}

// Flags of TeleportLureRequest.
const viaLure = 1 << 2

// Teleport takes the agent to pos (metres from the south-west corner) in the
// region of that name, as FindRegion finds it; "" is the region that it
// stands in. It returns when the agent stands there, and the region's
// capabilities have been asked for. A refusal is a *TeleportError.
func (a *Agent) Teleport(ctx context.Context, region string, pos message.Vector3) error {
	var handle uint64
	if region != "" {
		found, err := a.FindRegion(ctx, region)
		if err != nil {
			return fmt.Errorf("teleport to %s: %w", region, err)
		}
		handle = found.Handle
	}
	return a.TeleportTo(ctx, handle, pos)
}

// TeleportTo is Teleport to the region with that handle (x metres << 32 | y
// metres of its corner); 0 is the region that the agent stands in.
func (a *Agent) TeleportTo(ctx context.Context, handle uint64, pos message.Vector3) error {
	return a.teleport(ctx, func() (message.Message, error) {
		here := a.root.info.handle()
		if handle == 0 {
			handle = here
		}
		if handle != here && a.opt.NoEventQueue {
			return nil, errQueueless
		}
		return &message.TeleportLocationRequest{
			AgentData: message.TeleportLocationRequestAgentData{AgentID: a.ID, SessionID: a.session},
			Info:      message.TeleportLocationRequestInfo{RegionHandle: handle, Position: pos, LookAt: message.Vector3{X: 1}},
		}, nil
	})
}

// TeleportLandmark is Teleport to where a landmark's asset says.
func (a *Agent) TeleportLandmark(ctx context.Context, asset uuid.UUID) error {
	return a.teleport(ctx, func() (message.Message, error) {
		return &message.TeleportLandmarkRequest{Info: message.TeleportLandmarkRequestInfo{
			AgentID: a.ID, SessionID: a.session, LandmarkID: asset,
		}}, nil
	})
}

// TeleportHome is Teleport to the resident's home, which the protocol asks for
// as the landmark that isn't one.
func (a *Agent) TeleportHome(ctx context.Context) error { return a.TeleportLandmark(ctx, uuid.Nil) }

// teleport is one that somebody waits for. The loop owns it.
type teleport struct {
	done chan entry // has room for one
	subs []*subscription
}

// teleport sends the request and waits until the agent is where it wants to
// be.
func (a *Agent) teleport(ctx context.Context, request func() (message.Message, error)) error {
	return a.travel(ctx, func(t *teleport, sent *circuit.Instant) error {
		return a.do(ctx, func(now circuit.Instant) error { return a.startTeleport(now, t, sent, request) })
	})
}

// travel begins a teleport as start does and waits for its end. It reports
// teleport, once, however it ends.
func (a *Agent) travel(ctx context.Context, start func(t *teleport, sent *circuit.Instant) error) error {
	planned := intended(ctx, a.loop.Now())
	t := &teleport{done: make(chan entry, 1)}
	var sent circuit.Instant // the loop's
	err := start(t, &sent)
	var arrived entry
	if err == nil {
		arrived = a.awaitTeleport(ctx, t)
		err = arrived.err
	}
	word := reason.Of(err)
	a.post(func(now circuit.Instant) {
		end := arrived.at
		if end == 0 {
			end = now
		}
		if sent == 0 {
			sent = end
		}
		a.opt.Observer.Done(OpTeleport, planned, sent, max(end, sent), word)
	})
	if err != nil {
		return fmt.Errorf("teleport: %w", err)
	}
	return a.settled(ctx)
}

func (a *Agent) startTeleport(now circuit.Instant, t *teleport, sent *circuit.Instant, request func() (message.Message, error)) error {
	m, err := request()
	if err != nil {
		return err
	}
	if err := a.begin(t); err != nil {
		return err
	}
	err = a.root.circuit.SendWith(now, m, circuit.SendOptions{Reliable: true, Sent: sent})
	if err != nil {
		t.end(a, entry{err: err})
	}
	return err
}

// begin makes t what the agent is about, and listens for its end.
func (a *Agent) begin(t *teleport) error {
	trip := a.beyond()
	if trip.asked != nil || trip.way != nil {
		return errTravelling
	}
	trip.asked = t
	t.hear(a, message.IDTeleportFailed, func(e MessageReceived) { t.failed(a, e) })
	t.hear(a, message.IDTeleportLocal, func(e MessageReceived) { t.local(a, e) })
	return nil
}

// hear subscribes to a message for as long as the teleport takes.
func (t *teleport) hear(a *Agent, id message.ID, on func(MessageReceived)) {
	s := subscriber{func(e MessageReceived) {
		if e.ID == id && !e.Neighbour {
			on(e)
		}
	}, &subscription{raw: id}}
	t.subs = append(t.subs, s.subscription)
	a.addSubscription(s)
}

func (t *teleport) failed(a *Agent, e MessageReceived) {
	m, ok := e.Message.(*message.TeleportFailed)
	if !ok || m.Info.AgentID != a.ID {
		return
	}
	err := &TeleportError{reason.OneLine(message.String(m.Info.Reason))}
	if trip := a.travels; trip.way != nil && !trip.way.crossed {
		a.strand(e.At, err) // ends t, too
		return
	}
	t.end(a, entry{err: err})
}

// local is the end of a teleport within the region.
func (t *teleport) local(a *Agent, e MessageReceived) {
	if m, ok := e.Message.(*message.TeleportLocal); ok && m.Info.AgentID == a.ID {
		a.root.scene.moveTo(m.Info.Position)
		t.end(a, entry{at: e.At})
	}
}

// end ends the wait, once.
func (t *teleport) end(a *Agent, e entry) {
	for _, s := range t.subs {
		s.cancelled.Store(true)
		a.unsubscribe(s)
	}
	t.subs = nil
	if a.travels.asked == t {
		a.travels.asked = nil
		t.done <- e
	}
}

// awaitTeleport waits for the end. A wait that ctx ends is called off at the
// grid, too, as far as it can be.
func (a *Agent) awaitTeleport(ctx context.Context, t *teleport) entry {
	var err error
	select {
	case e := <-t.done:
		return e
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-a.done:
		err = a.gone()
	}
	a.post(func(now circuit.Instant) { a.cancelTeleport(now, t) })
	select {
	case e := <-t.done:
		if !errors.Is(e.err, context.Canceled) { // both at once: it happened
			return e
		}
	default:
	}
	return entry{err: fmt.Errorf("wait for TeleportFinish: %w", err)}
}

func (a *Agent) cancelTeleport(now circuit.Instant, t *teleport) {
	if a.over || a.travels.asked != t {
		return
	}
	onWay := a.travels.way != nil // too late: the agent will arrive or be stranded
	t.end(a, entry{err: context.Canceled})
	if !onWay {
		cancel := message.TeleportCancel{Info: message.TeleportCancelInfo{AgentID: a.ID, SessionID: a.session}}
		a.root.tell(now, &cancel)
	}
}

// teleportFinish is the grid's word where a teleport leads, whoever asked for
// it.
func (a *Agent) teleportFinish(now, at circuit.Instant, m *message.TeleportFinish, e *eq.Event) {
	i := &m.Info
	if i.AgentID == a.ID {
		a.setOff(now, place(e, "Info", i.SimIP, i.SimPort, i.RegionHandle, i.SeedCapability), &way{sent: at})
	}
}

// settled waits until the region's seed has answered, so that its capabilities
// can be called. A seed that fails is reported as caps.seed and is no failure
// of the teleport.
func (a *Agent) settled(ctx context.Context) error {
	ready, err := ask(ctx, a, func(circuit.Instant) (chan struct{}, error) {
		if q := a.root.queue; q != nil {
			return q.ready, nil
		}
		return nil, nil
	})
	if err != nil || ready == nil {
		return err
	}
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the region's capabilities: %w", context.Cause(ctx))
	case <-a.done:
		return a.gone()
	}
}
