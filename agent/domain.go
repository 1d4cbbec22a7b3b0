package agent

import (
	"context"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
	"github.com/slload/slload/ogp"
)

// domain is the agent domain that an agent has logged in to, which outlives
// the regions that it is in.
type domain struct {
	*ogp.Domain
	queue *queue // the loop's; nil without one
}

// errNoDomain is what asks for an agent domain where there is none.
var errNoDomain = &failure{"no_agent_domain", "the agent didn't log in by an agent domain; set Options.Protocol to OGP"}

// Domain is the agent domain that the agent has logged in by. The error says
// that it did by another protocol.
func (a *Agent) Domain() (*ogp.Domain, error) {
	if a.domain == nil {
		return nil, errNoDomain
	}
	return a.domain.Domain, nil
}

// startDomainQueue begins to poll the event queue of the agent's domain, if it
// has one. What it brings is a QueueEvent as any other, and is acted on alike.
func (a *Agent) startDomainQueue(ctx context.Context) error {
	if a.domain == nil || a.opt.NoEventQueue {
		return nil
	}
	url, err := a.domain.URL(ogp.CapEventQueue)
	if err != nil {
		a.log.Debug("the agent domain has no event queue", "agent", a.String())
		return nil
	}
	polling, stop := context.WithCancel(context.Background())
	q := &queue{stop: stop, ended: make(chan struct{})}
	if err := a.do(ctx, func(circuit.Instant) error { a.domain.queue = q; return nil }); err != nil {
		stop()
		return err
	}
	go func() {
		defer close(q.ended)
		a.poll(polling, q, url)
	}()
	return nil
}

// stop ends the poll of the domain's event queue.
func (d *domain) stop() {
	if d != nil && d.queue != nil {
		d.queue.stop()
	}
}

// PlaceAvatar has the agent's domain take the avatar to pos (metres from the
// south-west corner) in the region of that public seed: OGP's teleport. It
// returns when the agent stands there, as Teleport does, and reports teleport.
// Errors wrap *ogp.PlaceError where the domain refuses.
func (a *Agent) PlaceAvatar(ctx context.Context, seed string, pos message.Vector3) error {
	d, err := a.Domain()
	if err != nil {
		return err
	}
	return a.travel(ctx, func(t *teleport, sent *circuit.Instant) error {
		err := a.do(ctx, func(now circuit.Instant) error {
			*sent = now
			return a.begin(t)
		})
		if err != nil {
			return err
		}
		p, err := d.Place(ctx, ogp.Place{Seed: seed, Position: &[3]float32{pos.X, pos.Y, pos.Z}})
		a.post(func(now circuit.Instant) { a.placed(now, t, p, err) })
		return nil // how it ends t is told
	})
}

// placed goes on where the domain has put the avatar. What ended in the
// agent's own region TeleportLocal tells.
func (a *Agent) placed(now circuit.Instant, t *teleport, p *ogp.Placement, err error) {
	switch {
	case a.over || a.travels.asked != t:
	case err != nil:
		t.end(a, entry{err: err})
	case a.root.circuit.Peer() != p.Simulator:
		a.setOff(now, arrival(p), &way{sent: now})
	}
}

// arrival is where a placement leads.
func arrival(p *ogp.Placement) destination {
	return destination{
		simulator: p.Simulator, seed: p.Seed, handle: uint64(p.RegionX)<<32 | uint64(p.RegionY),
		sizeX: p.RegionSizeX, sizeY: p.RegionSizeY,
	}
}
