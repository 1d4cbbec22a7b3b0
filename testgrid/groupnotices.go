package testgrid

import (
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// groupNotice is a notice of a group's list.
type groupNotice struct {
	id, group     uuid.UUID
	at            uint32
	from          string
	subject, text string
}

// onGroupNotice takes a notice in, an instant message of `subject|text` to the
// group, and brings it to the members who want notices.
func (r *region) onGroupNotice(now circuit.Instant, c *client, m *message.ImprovedInstantMessage) {
	subject, text, ok := strings.Cut(message.String(m.MessageBlock.Message), "|")
	if !ok {
		return
	}
	id := m.MessageBlock.ToAgentID
	notice := &groupNotice{uuid.New(), id, uint32(now.Time().Unix()), c.session.name(), subject, text}
	var readers []uuid.UUID
	ok = r.grid.groups.allowed(id, c.session.agentID, powerSendNotices, func(g *group) {
		g.notices = append(g.notices[max(0, len(g.notices)-mostNotices+1):], notice)
		for _, who := range g.order {
			if g.members[who].notices {
				readers = append(readers, who)
			}
		}
	})
	if !ok {
		c.alert(now, "No permission to send notice to group")
	}
	for _, who := range readers {
		r.tellAnyone(now, who, notice.message(who, dialogGroupNotice))
	}
}

// message is the notice as an instant message from the group, with a bucket
// that says that nothing is attached.
func (n *groupNotice) message(to uuid.UUID, dialog uint8) *message.ImprovedInstantMessage {
	m := &message.ImprovedInstantMessage{}
	m.AgentData.AgentID = n.group
	b := &m.MessageBlock
	b.FromGroup, b.Offline, b.ToAgentID, b.Dialog, b.ID, b.Timestamp = true, 1, to, dialog, n.id, n.at
	b.FromAgentName, b.Message = message.Text(n.from), message.Text(n.subject+"|"+n.text)
	b.BinaryBucket = append(append([]byte{0, 0}, n.group[:]...), 0)
	return m
}

func (g *Grid) onNoticesList(ev *circuit.Event) {
	m := ev.Message.(*message.GroupNoticesListRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	const perReply = 10 // with the longest subjects in one datagram
	reply := &message.GroupNoticesListReply{}
	reply.AgentData.AgentID, reply.AgentData.GroupID = c.session.agentID, m.Data.GroupID
	g.groups.allowed(m.Data.GroupID, c.session.agentID, 0, func(gr *group) {
		for _, n := range gr.notices[max(0, len(gr.notices)-perReply):] {
			reply.Data = append(reply.Data, message.GroupNoticesListReplyData{
				NoticeID: n.id, Timestamp: n.at, FromName: message.Text(n.from), Subject: message.Text(cut(n.subject, 80)),
			})
		}
	})
	c.tell(ev.Now, reply)
}

// onNoticeRequest brings one notice to a member who asks for it.
func (g *Grid) onNoticeRequest(ev *circuit.Event) {
	m := ev.Message.(*message.GroupNoticeRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	if n := g.groups.notice(m.Data.GroupNoticeID, c.session.agentID); n != nil {
		c.tell(ev.Now, n.message(c.session.agentID, dialogGroupNoticeRequest))
	}
}

func (s *groups) notice(id, reader uuid.UUID) *groupNotice {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.ofResident(reader) {
		for _, n := range g.notices {
			if n.id == id {
				return n
			}
		}
	}
	return nil
}

func (g *Grid) onAcceptNotices(ev *circuit.Event) {
	m := ev.Message.(*message.SetGroupAcceptNotices)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	g.groups.with(m.Data.GroupID, func(gr *group) {
		if member := gr.members[c.session.agentID]; member != nil {
			member.notices, member.inPublic = m.Data.AcceptNotices, m.NewData.ListInProfile
		}
	})
}
