package testgrid

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (g *Grid) dispatchGroups(d *circuit.Dispatch) {
	d.On(message.IDCreateGroupRequest, g.onCreateGroup)
	d.On(message.IDUpdateGroupInfo, g.onUpdateGroup)
	d.On(message.IDGroupProfileRequest, g.onGroupProfile)
	d.On(message.IDActivateGroup, g.onActivateGroup)
	d.On(message.IDAgentDataUpdateRequest, g.onAgentDataRequest)
	d.On(message.IDUUIDGroupNameRequest, g.onGroupNames)
	d.On(message.IDSetGroupAcceptNotices, g.onAcceptNotices)
	d.On(message.IDGroupNoticesListRequest, g.onNoticesList)
	d.On(message.IDGroupNoticeRequest, g.onNoticeRequest)
	g.dispatchGroupMembers(d)
	g.dispatchGroupRoles(d)
}

func (g *Grid) onCreateGroup(ev *circuit.Event) {
	m := ev.Message.(*message.CreateGroupRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	d := &m.GroupData
	id, refused := g.groups.found(c.session.agentID, message.String(d.Name), message.UpdateGroupInfoGroupData{
		Charter: d.Charter, ShowInList: d.ShowInList, InsigniaID: d.InsigniaID, MembershipFee: d.MembershipFee,
		OpenEnrollment: d.OpenEnrollment, AllowPublish: d.AllowPublish, MaturePublish: d.MaturePublish,
	})
	reply := &message.CreateGroupReply{}
	reply.AgentData.AgentID = c.session.agentID
	reply.ReplyData.GroupID, reply.ReplyData.Success = id, refused == ""
	reply.ReplyData.Message = message.Text(groupCreated)
	if refused != "" {
		reply.ReplyData.Message = message.Text(refused)
	}
	c.tell(ev.Now, reply)
	if refused == "" {
		c.tellGroups(ev.Now)
	}
}

func (g *Grid) onUpdateGroup(ev *circuit.Event) {
	m := ev.Message.(*message.UpdateGroupInfo)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	options := m.GroupData
	options.Charter = append([]byte(nil), options.Charter...)
	if !g.groups.allowed(options.GroupID, c.session.agentID, powerOptions, func(gr *group) { gr.options = options }) {
		c.alert(ev.Now, "Insufficient permission to change the group")
	}
}

// onGroupProfile answers for groups that aren't there with an empty profile,
// as OpenSim does.
func (g *Grid) onGroupProfile(ev *circuit.Event) {
	m := ev.Message.(*message.GroupProfileRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	reply := &message.GroupProfileReply{}
	reply.AgentData.AgentID = c.session.agentID
	d := &reply.GroupData
	d.GroupID = m.GroupData.GroupID
	g.groups.with(d.GroupID, func(gr *group) {
		o := &gr.options
		d.Name, d.Charter, d.FounderID, d.OwnerRole = message.Text(gr.name), o.Charter, gr.founder, gr.owners
		d.ShowInList, d.InsigniaID, d.MembershipFee = o.ShowInList, o.InsigniaID, o.MembershipFee
		d.OpenEnrollment, d.AllowPublish, d.MaturePublish = o.OpenEnrollment, o.AllowPublish, o.MaturePublish
		d.GroupMembershipCount, d.GroupRolesCount = int32(len(gr.members)), int32(len(gr.roles))
		d.MemberTitle, d.PowersMask = message.Text(gr.title(c.session.agentID)), gr.powers(c.session.agentID)
	})
	c.tell(ev.Now, reply)
}

func (g *Grid) onActivateGroup(ev *circuit.Event) {
	m := &ev.Message.(*message.ActivateGroup).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	g.groups.activate(c.session.agentID, m.GroupID)
	c.tellGroups(ev.Now)
}

// activate makes a group the active one of a resident who is in it; uuid.Nil
// none.
func (s *groups) activate(who, id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch g := s.all[id]; {
	case id == uuid.Nil:
		delete(s.active, who)
	case g != nil && g.members[who] != nil:
		s.active[who] = id
	}
}

func (g *Grid) onAgentDataRequest(ev *circuit.Event) {
	m := &ev.Message.(*message.AgentDataUpdateRequest).AgentData
	if c := present(ev, m.AgentID, m.SessionID); c != nil {
		c.tellGroups(ev.Now)
	}
}

// tellGroups tells a client its active group and all its groups: over the
// circuit and by the event queue.
func (c *client) tellGroups(now circuit.Instant) {
	c.tell(now, c.agentData())
	c.session.events.put("AgentGroupDataUpdate", c.region.grid.groups.update(c.session.agentID))
}

// describe fills the active group into an AgentDataUpdate.
func (s *groups) describe(m *message.AgentDataUpdate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &m.AgentData
	if g := s.all[s.active[d.AgentID]]; g != nil {
		d.ActiveGroupID, d.GroupName = g.id, message.Text(g.name)
		d.GroupTitle, d.GroupPowers = message.Text(g.title(d.AgentID)), g.powers(d.AgentID)
	}
}

// update is AgentGroupDataUpdate's body.
func (s *groups) update(agent uuid.UUID) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, more := []any{}, []any{}
	for _, g := range s.ofResident(agent) {
		m := g.members[agent]
		data = append(data, map[string]any{
			"GroupID": g.id, "GroupPowers": binary.BigEndian.AppendUint64(nil, g.powers(agent)), "AcceptNotices": m.notices,
			"GroupInsigniaID": g.options.InsigniaID, "Contribution": int32(0), "GroupName": g.name,
		})
		more = append(more, map[string]any{"ListInProfile": m.inPublic})
	}
	return map[string]any{
		"AgentData": []any{map[string]any{"AgentID": agent}}, "GroupData": data, "NewGroupData": more,
	}
}

// onGroupNames answers each id with a reply of its own; groups that aren't
// there are called Unknown, as on OpenSim.
func (g *Grid) onGroupNames(ev *circuit.Event) {
	c, ok := ev.Circuit.Owner.(*client)
	if !ok {
		return
	}
	for _, asked := range ev.Message.(*message.UUIDGroupNameRequest).UUIDNameBlock {
		name := "Unknown"
		g.groups.with(asked.ID, func(gr *group) { name = gr.name })
		c.tell(ev.Now, &message.UUIDGroupNameReply{UUIDNameBlock: []message.UUIDGroupNameReplyUUIDNameBlock{
			{ID: asked.ID, GroupName: message.Text(name)},
		}})
	}
}
