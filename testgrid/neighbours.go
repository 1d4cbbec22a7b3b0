package testgrid

import (
	"slices"

	"github.com/slload/slload/circuit"
)

// enableNeighbours tells a client of the regions around, that it may look in:
// EnableSimulator and EstablishAgentCommunication for each that it doesn't
// know. Only clients that poll can hear of it.
func (r *region) enableNeighbours(c *client) {
	if !c.session.seeded.Load() {
		return
	}
	for _, other := range r.grid.regions {
		if !r.sees(other) || other.down.Load() {
			continue
		}
		child, fresh := r.grid.directory.lookIn(c.session, spot{other, r.from(other, c.motion.pos), c.look})
		if child == nil || !fresh {
			continue
		}
		c.session.events.put("EnableSimulator", map[string]any{"SimulatorInfo": []any{map[string]any{
			"Handle": other.handle(), "IP": ip(other), "Port": int32(other.addr.Port()),
			"RegionSizeX": uint32(regionSize), "RegionSizeY": uint32(regionSize),
		}}})
		c.session.events.put("EstablishAgentCommunication", map[string]any{
			"agent-id": c.session.agentID, "sim-ip-and-port": other.addr.String(), "seed-capability": r.grid.seedURL(child),
		})
	}
	c.enabled = true
}

// lookAround keeps what a client sees of the regions around up to date: it is
// told of them once it has asked its seed.
func (r *region) lookAround(c *client) {
	c.held = false // it may try again
	if !c.enabled {
		r.enableNeighbours(c)
	}
	if c.session.stay.spread.Load() {
		r.tellWatching(c)
	}
}

// watch begins to show a client the region that it isn't in.
func (r *region) watch(c *client) {
	if !slices.Contains(r.watchers, c) {
		r.watchers = append(r.watchers, c)
	}
}

func (r *region) unwatch(c *client) {
	if i := slices.Index(r.watchers, c); i >= 0 {
		r.watchers = slices.Delete(r.watchers, i, i+1)
	}
}

// serveWatchers serves the slice's part of those who look in.
func (r *region) serveWatchers(now circuit.Instant, slice int) {
	for i := slice; i < len(r.watchers); i += sliceCount {
		r.serve(now, r.watchers[i])
	}
}

// tellWatching tells the regions into which a client looks where it stands,
// so that it is shown what is nearest.
func (r *region) tellWatching(c *client) {
	const worthTelling = 4 // metres
	if distance2(c.toldPos, c.motion.pos) < worthTelling*worthTelling {
		return
	}
	c.toldPos = c.motion.pos
	for _, s := range r.grid.directory.sessionsOf(c.session) {
		other := s.entry.region
		if other == r {
			continue
		}
		pos := r.from(other, c.motion.pos)
		_ = other.loop.Post(dontWait, func(circuit.Instant) {
			if child := other.clients[s.agentID]; child != nil && child.session == s && !child.arrived {
				child.motion.pos = pos
				child.view.moves = 0 // look again
			}
		})
	}
}
