package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Dialogs of groups.
const (
	dialogGroupInvitation    = 3
	dialogGroupStart         = 15
	dialogSessionSend        = 17
	dialogSessionLeave       = 18
	dialogGroupNotice        = 32
	dialogGroupAccept        = 35
	dialogGroupDecline       = 36
	dialogGroupNoticeRequest = 37
)

// onGroupDialog takes an instant message that is a group's. It tells whether
// it was one.
func (r *region) onGroupDialog(now circuit.Instant, c *client, m *message.ImprovedInstantMessage) bool {
	switch m.MessageBlock.Dialog {
	case dialogGroupStart:
		r.startGroupChat(now, c, m.MessageBlock.ID)
	case dialogSessionSend:
		r.sayToGroup(now, c, m)
	case dialogSessionLeave:
		r.grid.groups.with(m.MessageBlock.ID, func(g *group) {
			if g.members[c.session.agentID] != nil {
				g.talking[c.session.agentID] = false
			}
		})
	case dialogGroupNotice:
		r.onGroupNotice(now, c, m)
	case dialogGroupAccept, dialogGroupDecline:
		if r.grid.groups.answer(m.MessageBlock.ID, c.session.agentID, m.MessageBlock.Dialog == dialogGroupAccept) {
			c.tellGroups(now)
		}
	default:
		return false
	}
	return true
}

// startGroupChat opens a group's conversation for a member; the answer comes
// by the event queue. A group that isn't there gets no answer, as on OpenSim.
func (r *region) startGroupChat(_ circuit.Instant, c *client, id uuid.UUID) {
	var there, admitted bool
	body := map[string]any{"session_id": id, "temp_session_id": id}
	r.grid.groups.with(id, func(g *group) {
		there = true
		if admitted = g.powers(c.session.agentID)&powerJoinChat != 0; !admitted {
			body["success"], body["error"] = false, "no_ability"
			return
		}
		g.talking[c.session.agentID] = true
		body["success"] = true
		body["session_info"] = map[string]any{
			"moderated_mode": map[string]any{"voice": false}, "session_name": g.name, "type": int32(0), "voice_enabled": false,
		}
	})
	if there {
		c.session.events.put("ChatterBoxSessionStartReply", body)
	}
	if admitted {
		c.session.events.put("ChatterBoxSessionAgentListUpdates", entersSession(id, c.session.agentID))
	}
}

func entersSession(session, agent uuid.UUID) map[string]any {
	return map[string]any{
		"session_id": session, "updates": map[string]any{},
		"agent_updates": map[string]any{agent.String(): map[string]any{
			"transition": "ENTER",
			"info":       map[string]any{"can_voice_chat": false, "is_moderator": false, "mutes": map[string]any{"text": false}},
		}},
	}
}

// sayToGroup brings a line to all members who are logged in and haven't left
// the conversation, the speaker too. Who isn't in it yet is invited with it.
func (r *region) sayToGroup(now circuit.Instant, c *client, m *message.ImprovedInstantMessage) {
	id, speaker := m.MessageBlock.ID, c.session.agentID
	var inIt, outside []uuid.UUID
	var name string
	r.grid.groups.allowed(id, speaker, powerJoinChat, func(g *group) {
		name = g.name
		g.talking[speaker] = true
		for _, who := range g.order {
			switch in, known := g.talking[who]; {
			case in:
				inIt = append(inIt, who)
			case !known && r.grid.directory.byAgent(who) != nil:
				g.talking[who] = true
				outside = append(outside, who)
			}
		}
	})
	for _, who := range inIt {
		out := copied(relayed(now, c, m))
		out.MessageBlock.FromGroup, out.MessageBlock.ToAgentID, out.MessageBlock.ID = true, who, id
		out.MessageBlock.FromAgentName, out.MessageBlock.BinaryBucket = message.Text(c.session.name()), message.Text(name)
		r.tellAnyone(now, who, out)
	}
	for _, who := range outside {
		if s := r.grid.directory.byAgent(who); s != nil {
			s.events.put("ChatterBoxInvitation", groupInvitation(now, c, m, who, name))
			s.events.put("ChatterBoxSessionAgentListUpdates", entersSession(id, who))
		}
	}
}

// groupInvitation is how somebody hears the first line of a conversation.
func groupInvitation(now circuit.Instant, c *client, m *message.ImprovedInstantMessage, to uuid.UUID, name string) map[string]any {
	id, from := m.MessageBlock.ID, c.session.agentID
	return map[string]any{
		"session_id": id, "session_name": name, "from_id": from, "from_name": c.session.name(),
		"instantmessage": map[string]any{
			"message_params": map[string]any{
				"type": int32(dialogSessionSend), "position": []any{0.0, 0.0, 0.0}, "region_id": uuid.Nil, "to_id": to, "source": int32(0),
				"data": map[string]any{"binary_bucket": []byte(name)}, "message": message.String(m.MessageBlock.Message), "id": id,
				"from_name": c.session.name(), "timestamp": int32(now.Time().Unix()), "offline": int32(0), "parent_estate_id": int32(0),
				"ttl": int32(1), "from_id": from, "from_group": true,
			},
			"agent_params": map[string]any{"agent_id": from, "check_estate": true, "god_level": int32(0), "limited_to_estate": true},
		},
	}
}

// hangUp forgets which conversations a resident was in, or had left.
func (s *groups) hangUp(who uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.ofResident(who) {
		delete(g.talking, who)
	}
}
