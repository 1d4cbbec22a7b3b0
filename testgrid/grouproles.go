package testgrid

import (
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// What GroupRoleUpdate does.
const (
	roleUpdateData   = 1
	roleUpdatePowers = 2
	roleUpdateAll    = 3
	roleCreate       = 4
	roleDelete       = 5
)

func (g *Grid) dispatchGroupRoles(d *circuit.Dispatch) {
	d.On(message.IDGroupRoleDataRequest, g.onRoleData)
	d.On(message.IDGroupRoleMembersRequest, g.onRoleMembers)
	d.On(message.IDGroupRoleUpdate, g.onRoleUpdate)
	d.On(message.IDGroupRoleChanges, g.onRoleChanges)
	d.On(message.IDGroupTitlesRequest, g.onTitles)
	d.On(message.IDGroupTitleUpdate, g.onTitleUpdate)
}

func (g *Grid) onRoleData(ev *circuit.Event) {
	m := ev.Message.(*message.GroupRoleDataRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	reply := &message.GroupRoleDataReply{}
	reply.AgentData.AgentID = c.session.agentID
	reply.GroupData.GroupID, reply.GroupData.RequestID = m.GroupData.GroupID, m.GroupData.RequestID
	g.groups.with(m.GroupData.GroupID, func(gr *group) {
		for _, r := range gr.roles {
			reply.RoleData = append(reply.RoleData, message.GroupRoleDataReplyRoleData{
				RoleID: r.id, Name: message.Text(r.name), Title: message.Text(r.title), Description: message.Text(r.text),
				Powers: r.powers, Members: uint32(gr.having(r.id)),
			})
		}
	})
	reply.GroupData.RoleCount = int32(len(reply.RoleData))
	c.tell(ev.Now, reply)
}

// having counts the members with a role; all have everyone's.
func (g *group) having(role uuid.UUID) (n int) {
	for _, m := range g.members {
		if role == uuid.Nil || slices.Contains(m.roles, role) {
			n++
		}
	}
	return n
}

// pairsPerReply keeps GroupRoleMembersReply in one datagram.
const pairsPerReply = 32

func (g *Grid) onRoleMembers(ev *circuit.Event) {
	m := ev.Message.(*message.GroupRoleMembersRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	var pairs []message.GroupRoleMembersReplyMemberData
	g.groups.with(m.GroupData.GroupID, func(gr *group) {
		for _, who := range gr.order {
			for _, role := range gr.members[who].roles {
				pairs = append(pairs, message.GroupRoleMembersReplyMemberData{RoleID: role, MemberID: who})
			}
		}
	})
	for start := 0; start == 0 || start < len(pairs); start += pairsPerReply {
		reply := &message.GroupRoleMembersReply{MemberData: pairs[start:min(start+pairsPerReply, len(pairs))]}
		reply.AgentData.AgentID, reply.AgentData.GroupID = c.session.agentID, m.GroupData.GroupID
		reply.AgentData.RequestID, reply.AgentData.TotalPairs = m.GroupData.RequestID, uint32(len(pairs))
		c.tell(ev.Now, reply)
	}
}

// onRoleUpdate creates, changes and deletes roles: who may.
func (g *Grid) onRoleUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.GroupRoleUpdate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.RoleData {
		power := uint64(powerRole)
		switch d.UpdateType {
		case roleCreate:
			power = powerCreateRole
		case roleDelete:
			power = powerDeleteRole
		}
		if !g.groups.allowed(m.AgentData.GroupID, c.session.agentID, power, func(gr *group) { gr.changeRole(&d) }) {
			c.alert(ev.Now, "Unable to change role: insufficient permission")
		}
	}
	c.tell(ev.Now, c.agentData())
}

// changeRole does what one block of GroupRoleUpdate says. A new role gets an
// id of the grid's choice, as on OpenSim; everyone's and the owners' stay.
func (g *group) changeRole(d *message.GroupRoleUpdateRoleData) {
	if d.UpdateType == roleCreate {
		if len(g.roles) < mostRoles {
			g.roles = append(g.roles, &groupRole{
				uuid.New(), message.String(d.Name), message.String(d.Title), message.String(d.Description), d.Powers,
			})
		}
		return
	}
	r := g.role(d.RoleID)
	if r == nil {
		return
	}
	if d.UpdateType == roleUpdateData || d.UpdateType == roleUpdateAll {
		r.name, r.title, r.text = message.String(d.Name), message.String(d.Title), message.String(d.Description)
	}
	if (d.UpdateType == roleUpdatePowers || d.UpdateType == roleUpdateAll) && r.id != g.owners {
		r.powers = d.Powers
	}
	if d.UpdateType == roleDelete && r.id != uuid.Nil && r.id != g.owners {
		g.roles = slices.DeleteFunc(g.roles, func(other *groupRole) bool { return other == r })
		for _, m := range g.members {
			m.roles = slices.DeleteFunc(m.roles, func(id uuid.UUID) bool { return id == r.id })
		}
	}
}

func (g *Grid) onRoleChanges(ev *circuit.Event) {
	m := ev.Message.(*message.GroupRoleChanges)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, change := range m.RoleChange {
		power := uint64(powerAssign)
		if change.Change != 0 {
			power = powerUnassign
		}
		g.groups.allowed(m.AgentData.GroupID, c.session.agentID, power, func(gr *group) { gr.assign(&change) })
	}
	c.tell(ev.Now, c.agentData())
}

func (g *group) assign(d *message.GroupRoleChangesRoleChange) {
	m := g.members[d.MemberID]
	if m == nil || g.role(d.RoleID) == nil || d.RoleID == uuid.Nil {
		return
	}
	m.roles = slices.DeleteFunc(m.roles, func(id uuid.UUID) bool { return id == d.RoleID })
	if d.Change == 0 {
		m.roles = append(m.roles, d.RoleID)
	}
}

func (g *Grid) onTitles(ev *circuit.Event) {
	m := &ev.Message.(*message.GroupTitlesRequest).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	reply := &message.GroupTitlesReply{}
	reply.AgentData.AgentID, reply.AgentData.GroupID, reply.AgentData.RequestID = m.AgentID, m.GroupID, m.RequestID
	g.groups.with(m.GroupID, func(gr *group) {
		member := gr.members[m.AgentID]
		for _, r := range gr.roles {
			if member != nil && (r.id == uuid.Nil || slices.Contains(member.roles, r.id)) {
				reply.GroupData = append(reply.GroupData, message.GroupTitlesReplyGroupData{
					Title: message.Text(r.title), RoleID: r.id, Selected: member.title == r.id,
				})
			}
		}
	})
	c.tell(ev.Now, reply)
}

func (g *Grid) onTitleUpdate(ev *circuit.Event) {
	m := &ev.Message.(*message.GroupTitleUpdate).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	g.groups.with(m.GroupID, func(gr *group) {
		member := gr.members[m.AgentID]
		if member != nil && (m.TitleRoleID == uuid.Nil || slices.Contains(member.roles, m.TitleRoleID)) {
			member.title = m.TitleRoleID
		}
	})
	c.tell(ev.Now, c.agentData())
}
