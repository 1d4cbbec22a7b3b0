package agent

import (
	"context"
	"net/netip"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// NeighbourConnected is a region around the agent's own that it has begun to
// see: RegionHandshake came on a circuit to it. Options.Neighbours must be
// set.
type NeighbourConnected struct {
	At     circuit.Instant
	Region RegionInfo
}

// NeighbourLost is the end of that.
type NeighbourLost struct {
	At     circuit.Instant
	Region RegionInfo
}

// Neighbours are the regions that the agent sees without being there: those
// around its own, if Options.Neighbours is set, and those that it came from
// as long as their simulators keep it in mind.
func (a *Agent) Neighbours(ctx context.Context) ([]RegionInfo, error) {
	return ask(ctx, a, func(circuit.Instant) ([]RegionInfo, error) {
		var list []RegionInfo
		for _, r := range a.regions() {
			if r != a.root && r.handshaken != 0 {
				list = append(list, r.info)
			}
		}
		return list, nil
	})
}

// maxNear bounds the regions around an agent: a viewer that sees 512 m far
// has 25.
const maxNear = 32

// queueEvent acts on what the event queues tell of other regions. Their end
// of it came by UDP before the queues were; OpenSim and Second Life use these
// alone.
func (a *Agent) queueEvent(now circuit.Instant, e *eq.Event) {
	if a.farewell != nil {
		return
	}
	switch e.Name {
	case "TeleportFinish", "CrossedRegion":
		a.fill(e)
	case "EnableSimulator", "EstablishAgentCommunication":
		if !a.opt.Neighbours {
			return
		}
		a.fill(e)
	case "ChatterBoxSessionStartReply", "ChatterBoxInvitation", "ChatterBoxSessionAgentListUpdates":
		a.groupSession(instant(e.At), e)
		return
	}
	switch m := e.Message.(type) {
	case *message.EnableSimulator:
		info := &m.SimulatorInfo
		a.enable(now, place(e, "SimulatorInfo", info.IP, info.Port, info.Handle, nil))
	case *message.TeleportFinish:
		a.teleportFinish(now, instant(e.At), m, e)
	case *message.CrossedRegion:
		a.crossedRegion(now, instant(e.At), m, e)
	case nil:
		if e.Name == "EstablishAgentCommunication" {
			a.establish(e.Body)
		}
	}
}

// fill makes an event's body and message. One that can't be read is lost for
// the agent: it is counted, as a datagram is that can't be.
func (a *Agent) fill(e *eq.Event) {
	if err := e.Fill(); err != nil {
		a.opt.Observer.Count(countUnread, 1)
		a.log.Debug("event not read", "agent", a.String(), "error", err)
	}
}

// countUnread counts events of the event queue that somebody wanted and that
// could not be read.
const countUnread = "agent.events_unread"

// place reads where an event says that a region is. Its size is OpenSim's
// addition, which the catalogue's messages don't have.
func place(e *eq.Event, block string, ip [4]byte, port uint16, handle uint64, seed []byte) destination {
	d := destination{
		simulator: netip.AddrPortFrom(netip.AddrFrom4(ip), port), handle: handle, seed: message.String(seed),
	}
	var size []struct {
		X uint32 `llsd:"RegionSizeX"`
		Y uint32 `llsd:"RegionSizeY"`
	}
	if llsd.Convert(e.Body[block], &size) == nil && len(size) > 0 {
		d.sizeX, d.sizeY = size[0].X, size[0].Y
	}
	return d
}

// enable opens a circuit to a neighbour, if there is none that lives.
func (a *Agent) enable(now circuit.Instant, at destination) {
	if !a.opt.Neighbours {
		return
	}
	if r := a.at(at.simulator); r != nil {
		r.suspect(now, at)
		return
	}
	if len(a.beyond().near) >= maxNear {
		a.opt.Observer.Count(countUnmet, 1)
		return
	}
	if _, err := a.meet(now, at); err != nil {
		a.opt.Observer.Count(countUnmet, 1)
		a.log.Info("neighbour not connected", "agent", a.String(), "simulator", at.simulator, "error", err)
	}
}

// countUnmet counts the neighbours to which no circuit could be opened.
const countUnmet = "agent.neighbours_unmet"

// establish gets a neighbour's capabilities: a simulator sends its scene only
// after that.
func (a *Agent) establish(body map[string]any) {
	var to struct {
		Simulator netip.AddrPort `llsd:"sim-ip-and-port"`
		Seed      string         `llsd:"seed-capability"`
	}
	if !a.opt.Neighbours || a.opt.NoNeighbourQueues {
		return
	}
	if llsd.Convert(body, &to) != nil {
		a.opt.Observer.Count(countUnread, 1)
		return
	}
	r := a.at(to.Simulator)
	switch {
	case r == nil || r == a.root:
	case r.doubt != nil:
		r.doubt.at.seed = to.Seed // whose it is shows soon
	default:
		r.connect(to.Seed)
	}
}

// seen is a neighbour's first RegionHandshake.
func (r *region) seen(ev *circuit.Event) {
	a := r.agent
	if a.goesTo(r) {
		return
	}
	throttle := r.throttle()
	r.tell(ev.Now, &throttle)
	if listens[NeighbourConnected](a) {
		emit(a, NeighbourConnected{At: ev.At, Region: r.info})
	}
}
