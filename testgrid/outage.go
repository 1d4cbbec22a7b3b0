package testgrid

import (
	"errors"
	"slices"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid/faults"
)

// noticeTime is how long a region that restarts still hears its clients'
// answers to their dismissal.
const noticeTime = time.Second

var errCrashed = errors.New("the region crashed")

// planOutages has the region go down when the grid's faults say so. Called
// before its loop runs.
func (r *region) planOutages() {
	for _, o := range faults.Outages(r.grid.cfg.Faults, r.name) {
		timer := &circuit.Timer{Fire: func(now circuit.Instant) { r.goDown(now, o) }}
		r.loop.Schedule(timer, circuit.Now().Add(o.From))
	}
}

// goDown takes the region out of the grid for a while. Logins go elsewhere
// meanwhile, as OpenSim sends them to a fallback region, and neither teleports
// nor steps over the border lead here.
func (r *region) goDown(now circuit.Instant, o faults.Outage) {
	r.counters.outages[o.Kind]++
	r.outages++
	r.grid.log.Info("region goes down", "region", r.name, "how", o.Kind, "for", o.For)
	r.down.Store(true)
	for _, at := range r.expected {
		r.loop.Stop(&at.late)
		at.late.Fire(now) // as if its client had not come
	}
	notice, dismissed := time.Duration(0), []*circuit.Circuit(nil)
	if o.Kind == faults.Restart {
		notice, dismissed = min(noticeTime, o.For), r.dismissAll(now)
	}
	r.after(now, notice, func(now circuit.Instant) {
		for _, c := range dismissed { // nor do those last who didn't acknowledge it
			c.Close(now, errCrashed)
		}
		r.crash(now)
		r.line.deafen()
	})
	r.after(now, o.For, func(circuit.Instant) {
		if r.outages--; r.outages == 0 { // else another has begun meanwhile
			r.comeBack()
		}
	})
}

// comeBack takes the region into the grid again. As on OpenSim, the regions
// around then tell their agents anew that they may look in.
func (r *region) comeBack() {
	r.grid.log.Info("region is back", "region", r.name)
	r.line.deaf = false
	r.down.Store(false)
	for _, other := range r.grid.regions {
		if !other.sees(r) {
			continue
		}
		_ = other.loop.Post(dontWait, func(circuit.Instant) {
			for _, c := range other.clients {
				c.enabled = false
			}
		})
	}
}

func (r *region) after(now circuit.Instant, d time.Duration, do func(now circuit.Instant)) {
	r.loop.Schedule(&circuit.Timer{Fire: do}, now.Add(d))
}

// dismissAll says to everybody that the region goes down: agents are kicked in
// OpenSim's words, and who looks in is told that there is nothing more to see.
func (r *region) dismissAll(now circuit.Instant) (circuits []*circuit.Circuit) {
	for _, c := range r.clients {
		circuits = append(circuits, c.circuit)
		if !c.arrived {
			r.dismiss(now, c, &message.DisableSimulator{})
			continue
		}
		kick := &message.KickUser{}
		kick.UserInfo.AgentID, kick.UserInfo.SessionID = c.session.agentID, c.session.id
		kick.UserInfo.Reason = message.Text("The simulator is going down.")
		r.dismiss(now, c, kick)
	}
	return circuits
}

// crash forgets all clients and tells nobody. By the grid's books its agents are
// still online: their next login is refused with presence, once.
func (r *region) crash(now circuit.Instant) {
	for id, c := range r.clients {
		delete(r.clients, id)
		if c.arrived {
			r.removeAvatar(c)
		}
		r.unwatch(c)
		c.circuit.Close(now, errCrashed)
	}
	r.grid.directory.crashed(r)
}

// crashed takes the sessions in a region that crashed out of all logins, and
// their capabilities with them: whoever was let in there and hasn't come yet
// finds a region that knows nothing of it. The logins themselves last, but take
// up no room in the region.
func (d *directory) crashed(r *region) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, root := range d.online {
		y := root.stay
		if s := y.in(r); s != nil {
			d.closeSession(s)
			y.sessions = slices.DeleteFunc(y.sessions, func(other *session) bool { return other == s })
		}
	}
	d.inRegion[r] = 0
}

// vacate counts the place of a login in the region where it stands as free. One
// whose region crashed has none.
func (d *directory) vacate(y *stay) {
	if slices.Contains(y.sessions, y.root) {
		d.inRegion[y.root.entry.region]--
	}
}

// standing gives r, or the first region that is there where r is down; nil where
// none is.
func (g *Grid) standing(r *region) *region {
	if !r.down.Load() {
		return r
	}
	for _, other := range g.regions {
		if !other.down.Load() {
			return other
		}
	}
	return nil
}
