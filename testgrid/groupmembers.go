package testgrid

import (
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (g *Grid) dispatchGroupMembers(d *circuit.Dispatch) {
	d.On(message.IDGroupMembersRequest, g.onGroupMembers)
	d.On(message.IDJoinGroupRequest, g.onJoinGroup)
	d.On(message.IDLeaveGroupRequest, g.onLeaveGroup)
	d.On(message.IDEjectGroupMemberRequest, g.onEject)
	d.On(message.IDInviteGroupRequest, g.onInvite)
}

// membersPerReply is how many OpenSim puts into one GroupMembersReply.
const membersPerReply = 25

// onGroupMembers lists members; of a group without any, or that isn't there,
// nothing is said.
func (g *Grid) onGroupMembers(ev *circuit.Event) {
	m := ev.Message.(*message.GroupMembersRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	var all []message.GroupMembersReplyMemberData
	g.groups.with(m.GroupData.GroupID, func(gr *group) {
		for _, who := range gr.order {
			all = append(all, message.GroupMembersReplyMemberData{
				AgentID: who, OnlineStatus: message.Text("1/1/2024"), AgentPowers: gr.powers(who),
				Title: message.Text(gr.title(who)), IsOwner: slices.Contains(gr.members[who].roles, gr.owners),
			})
		}
	})
	for part := range slices.Chunk(all, membersPerReply) {
		reply := &message.GroupMembersReply{MemberData: part}
		for i := range part {
			if g.directory.byAgent(part[i].AgentID) != nil {
				part[i].OnlineStatus = message.Text("Online")
			}
		}
		reply.AgentData.AgentID = c.session.agentID
		reply.GroupData.GroupID, reply.GroupData.RequestID = m.GroupData.GroupID, m.GroupData.RequestID
		reply.GroupData.MemberCount = int32(len(all))
		c.tell(ev.Now, reply)
	}
}

func (g *Grid) onJoinGroup(ev *circuit.Event) {
	m := ev.Message.(*message.JoinGroupRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	reply := &message.JoinGroupReply{}
	reply.AgentData.AgentID, reply.GroupData.GroupID = c.session.agentID, m.GroupData.GroupID
	reply.GroupData.Success = g.groups.join(m.GroupData.GroupID, c.session.agentID)
	c.tell(ev.Now, reply)
	if reply.GroupData.Success {
		c.tellGroups(ev.Now)
	}
}

func (g *Grid) onLeaveGroup(ev *circuit.Event) {
	m := ev.Message.(*message.LeaveGroupRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	id := m.GroupData.GroupID
	reply := &message.LeaveGroupReply{}
	reply.AgentData.AgentID, reply.GroupData.GroupID = c.session.agentID, id
	reply.GroupData.Success = g.groups.remove(id, c.session.agentID)
	c.tell(ev.Now, reply)
	c.tell(ev.Now, dropped(c.session.agentID, id))
	c.tellGroups(ev.Now)
}

func dropped(agent, group uuid.UUID) message.Message {
	m := &message.AgentDropGroup{}
	m.AgentData.AgentID, m.AgentData.GroupID = agent, group
	return m
}

// onEject takes members out, and tells each.
func (g *Grid) onEject(ev *circuit.Event) {
	m := ev.Message.(*message.EjectGroupMemberRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	id := m.GroupData.GroupID
	for _, e := range m.EjectData {
		who := e.EjecteeID
		ok := g.groups.allowed(id, c.session.agentID, powerEject, func(*group) {}) && g.groups.remove(id, who)
		reply := &message.EjectGroupMemberReply{}
		reply.AgentData.AgentID, reply.GroupData.GroupID, reply.EjectData.Success = c.session.agentID, id, ok
		c.tell(ev.Now, reply)
		if ok {
			c.region.tellAnyone(ev.Now, who, dropped(who, id))
			c.region.tellGroupsOf(ev.Now, who)
		}
	}
}

// tellGroupsOf is tellGroups for somebody who may be in another region.
func (r *region) tellGroupsOf(now circuit.Instant, who uuid.UUID) {
	s := r.grid.directory.byAgent(who)
	if s == nil {
		return
	}
	m := &message.AgentDataUpdate{}
	m.AgentData.AgentID = who
	m.AgentData.FirstName, m.AgentData.LastName = message.Text(s.first), message.Text(s.last)
	r.grid.groups.describe(m)
	r.tellAnyone(now, who, m)
	s.events.put("AgentGroupDataUpdate", r.grid.groups.update(who))
}

// onInvite sends invitations, which come from the group as on OpenSim.
func (g *Grid) onInvite(ev *circuit.Event) {
	m := ev.Message.(*message.InviteGroupRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	id := m.GroupData.GroupID
	for _, who := range m.InviteData {
		invitation, ok := g.groups.invite(id, c.session.agentID, who.InviteeID, who.RoleID)
		if !ok {
			c.alert(ev.Now, "You can't invite to this group.")
			continue
		}
		var name string
		g.groups.with(id, func(gr *group) { name = gr.name })
		out := &message.ImprovedInstantMessage{}
		out.AgentData.AgentID = id
		b := &out.MessageBlock
		b.FromGroup, b.ToAgentID, b.Dialog, b.ID = true, who.InviteeID, dialogGroupInvitation, invitation
		b.RegionID, b.FromAgentName, b.BinaryBucket = c.region.id, message.Text(c.session.name()), make([]byte, 20)
		b.Message = message.Text(fmt.Sprintf("%s has invited you to join a group called %s. There is no cost to join this group.", c.session.name(), name))
		c.region.tellAnyone(ev.Now, who.InviteeID, out)
	}
}

// mostInvites bounds those that nobody has answered.
const mostInvites = 10_000

// invite makes an invitation, in place of an earlier one of the same resident
// to the same group.
func (s *groups) invite(id, by, who, role uuid.UUID) (invitation uuid.UUID, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.all[id]
	if g == nil || g.powers(by)&powerInvite == 0 || g.role(role) == nil || g.members[who] != nil {
		return uuid.Nil, false
	}
	maps.DeleteFunc(s.invites, func(_ uuid.UUID, i groupInvite) bool {
		return i.group == id && i.invitee == who || s.all[i.group] == nil
	})
	if len(s.invites) >= mostInvites {
		return uuid.Nil, false
	}
	invitation = uuid.New()
	s.invites[invitation] = groupInvite{id, role, who}
	return invitation, true
}

// answer ends an invitation; joined tells that it was accepted.
func (s *groups) answer(invitation, who uuid.UUID, accept bool) (joined bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.invites[invitation]
	if !ok || i.invitee != who {
		return false
	}
	delete(s.invites, invitation)
	g := s.all[i.group]
	if !accept || g == nil || g.members[who] != nil || len(g.members) >= mostMembers {
		return false
	}
	g.add(who, i.role)
	return true
}
