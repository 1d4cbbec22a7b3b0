package testgrid

import (
	"slices"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// mostAnimations bounds what an avatar plays at once beside its motion.
const mostAnimations = 32

// onAgentAnimation starts and stops animations of an avatar. Others hear of a
// change with the next frame, as of the motion's own.
func (g *Grid) onAgentAnimation(ev *circuit.Event) {
	m := ev.Message.(*message.AgentAnimation)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	changed := false
	for _, a := range m.AnimationList {
		at := slices.Index(c.plays, a.AnimID)
		switch {
		case a.StartAnim && at < 0 && len(c.plays) < mostAnimations:
			c.plays = append(c.plays, a.AnimID)
			changed = true
		case !a.StartAnim && at >= 0:
			c.plays = slices.Delete(c.plays, at, at+1)
			changed = true
		}
	}
	if changed {
		c.region.changes++
		c.region.states[c.slot].animAt = c.region.changes
	}
}
