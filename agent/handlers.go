package agent

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// RegisterHandlers makes d, which agents' loops share, deliver what agents
// understand. It is called once, before the loops run.
func RegisterHandlers(d *circuit.Dispatch) {
	on(d, message.IDAgentMovementComplete, (*region).movementComplete)
	on(d, message.IDRegionHandshake, (*region).handshake)
	on(d, message.IDDisableSimulator, (*region).disabled)
	on(d, message.IDKickUser, (*region).kicked)
	on(d, message.IDLogoutReply, (*region).loggedOut)
	on(d, message.IDChatFromSimulator, (*region).chat)
	on(d, message.IDImprovedInstantMessage, (*region).instantMessage)
	on(d, message.IDObjectUpdate, (*region).objectUpdate)
	on(d, message.IDObjectUpdateCompressed, (*region).objectUpdateCompressed)
	on(d, message.IDObjectUpdateCached, (*region).objectUpdateCached)
	on(d, message.IDImprovedTerseObjectUpdate, (*region).terseUpdate)
	on(d, message.IDKillObject, (*region).killObject)
	on(d, message.IDSimStats, (*region).simStats)
	on(d, message.IDAvatarSitResponse, (*region).seated)
	d.Other = func(ev *circuit.Event) {
		if r := owner(ev); r != nil {
			r.raw(ev)
		}
	}
}

// on registers one handler: the message goes to the region whose circuit
// brought it.
func on[M message.Message](d *circuit.Dispatch, id message.ID, handle func(*region, *circuit.Event, M)) {
	d.On(id, func(ev *circuit.Event) {
		r := owner(ev)
		if r == nil {
			return
		}
		if m, ok := ev.Message.(M); ok {
			handle(r, ev, m)
		}
	})
}

// owner is the region of the event's circuit; nil for one that isn't an
// agent's.
func owner(ev *circuit.Event) *region {
	r, _ := ev.Circuit.Owner.(*region)
	return r
}

func (r *region) disabled(ev *circuit.Event, _ *message.DisableSimulator) {
	r.lost(ev.Now, errDisabled)
}

func (r *region) kicked(ev *circuit.Event, m *message.KickUser) {
	r.agent.leave(ev.Now, &KickedError{reason.OneLine(message.String(m.UserInfo.Reason))})
}

// Stats of SimStats, by their protocol ids.
const (
	statTimeDilation = 0
	statSimFPS       = 1
	statPrims        = 11
	statAgents       = 13
	statChildAgents  = 14
	statScripts      = 15
)

// mostCounted is more than any region holds of anything.
const mostCounted = 1e6

// count reads a number of things out of a statistic.
func count(v float32) int { return int(min(max(v, 0), mostCounted)) }

func (r *region) simStats(ev *circuit.Event, m *message.SimStats) {
	if !listens[RegionStats](r.agent) {
		return
	}
	s := RegionStats{At: ev.At, Region: r.info.Name}
	for _, stat := range m.Stat {
		if !finite(stat.StatValue) {
			continue // results are JSON, which has no such numbers
		}
		switch stat.StatID {
		case statTimeDilation:
			s.TimeDilation = stat.StatValue
		case statSimFPS:
			s.FPS = stat.StatValue
		case statAgents:
			s.Agents = count(stat.StatValue)
		case statChildAgents:
			s.Neighbours = count(stat.StatValue)
		case statPrims:
			s.Prims = count(stat.StatValue)
		case statScripts:
			s.Scripts = count(stat.StatValue)
		}
	}
	emit(r.agent, s)
}

// finite tells numbers from what a simulator may send in their place.
func finite(f float32) bool { return f-f == 0 }
