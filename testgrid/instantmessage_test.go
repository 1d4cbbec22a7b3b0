package testgrid

import (
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

func TestInstantMessageReachesAnyRegion(t *testing.T) {
	for _, region := range []int{1, 2} {
		inWorld(t, Config{Regions: 2}, func(w *world) {
			ann := w.enter("Ann", inRegion(1, 60, 60, 0))
			bob := w.enter("Bob", inRegion(region, 200, 200, 0))
			ann.sendReliable(ann.writes(bob, "hello Bob"))
			m, flags := expectFlags[*message.ImprovedInstantMessage](bob)
			check(t, flags&message.FlagReliable != 0, "region %d: it came unreliably", region)
			block := &m.MessageBlock
			check(t, m.AgentData.AgentID == ann.Agent, "region %d: it came from %v", region, m.AgentData.AgentID)
			check(t, m.AgentData.SessionID == uuid.Nil, "region %d: the sender's session %v leaked", region, m.AgentData.SessionID)
			check(t, block.ToAgentID == bob.Agent && block.Dialog == dialogMessage, "region %d: to %v, dialog %d", region, block.ToAgentID, block.Dialog)
			check(t, message.String(block.Message) == "hello Bob", "region %d: it says %q", region, block.Message)
			check(t, block.ID == xor(ann.Agent, bob.Agent), "region %d: its id is %v", region, block.ID)
			check(t, block.Timestamp != 0, "region %d: it has no time", region)
		})
	}
}

func TestInstantMessageToNobodyComesBack(t *testing.T) {
	inWorld(t, Config{Regions: 2}, func(w *world) {
		ann := w.enter("Ann", inRegion(1, 60, 60, 0))
		gone := &viewer{loggedIn: loggedIn{Agent: agentID("Not", "There")}}
		ann.sendReliable(ann.writes(gone, "anybody?"))
		m := expect[*message.ImprovedInstantMessage](ann)
		block := &m.MessageBlock
		check(t, block.Dialog == dialogBusy && block.ToAgentID == gone.Agent && m.AgentData.AgentID == ann.Agent,
			"dialog %d from %v to %v", block.Dialog, m.AgentData.AgentID, block.ToAgentID)
		check(t, message.String(block.Message) == "Unable to send instant message. User is not logged in.", "it says %q", block.Message)
	})
}

func TestInstantMessagesThatGoNowhere(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		bob := w.enter("Bob", at(60, 60, 0))
		for name, spoil := range map[string]func(m *message.ImprovedInstantMessage){
			"another agent":   func(m *message.ImprovedInstantMessage) { m.AgentData.AgentID = bob.Agent },
			"another session": func(m *message.ImprovedInstantMessage) { m.AgentData.SessionID = bob.Session },
			"no receiver":     func(m *message.ImprovedInstantMessage) { m.MessageBlock.ToAgentID = uuid.Nil },
			"a group's":       func(m *message.ImprovedInstantMessage) { m.MessageBlock.Dialog = 17 },
			"typing to nobody": func(m *message.ImprovedInstantMessage) {
				m.MessageBlock.Dialog, m.MessageBlock.ToAgentID = dialogStartTyping, uuid.New()
			},
		} {
			m := ann.writes(bob, name).(*message.ImprovedInstantMessage)
			spoil(m)
			ann.sendReliable(m)
			for _, v := range []*viewer{ann, bob} {
				if got := of[*message.ImprovedInstantMessage](v.listen()); got != nil {
					t.Errorf("%s: %v came", name, got)
				}
			}
		}
	})
}
