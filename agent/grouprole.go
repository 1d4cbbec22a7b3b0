package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// GroupRole is a role of a group; uuid.Nil is everyone's.
type GroupRole struct {
	ID          uuid.UUID
	Name        string
	Title       string // what its members wear
	Description string
	Powers      GroupPowers
	Members     int // told, not set
}

// Roles lists a group's roles.
func (g Groups) Roles(ctx context.Context, id uuid.UUID) ([]GroupRole, error) {
	asked := uuid.New()
	ask := message.GroupRoleDataRequest{
		AgentData: message.GroupRoleDataRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.GroupRoleDataRequestGroupData{GroupID: id, RequestID: asked},
	}
	var list []GroupRole // the loop's, until all have come
	return request(ctx, g.a, "the group's roles (GroupRoleDataReply)", message.IDGroupRoleDataReply, g.a.sending(&ask), func(m message.Message) ([]GroupRole, bool) {
		reply := m.(*message.GroupRoleDataReply)
		if reply.GroupData.RequestID != asked {
			return nil, false
		}
		for _, d := range reply.RoleData {
			list = append(list, GroupRole{
				ID: d.RoleID, Name: message.String(d.Name), Title: message.String(d.Title),
				Description: message.String(d.Description), Powers: GroupPowers(d.Powers), Members: int(d.Members),
			})
		}
		return list, len(list) >= int(reply.GroupData.RoleCount)
	})
}

// RoleMember says that a member has a role.
type RoleMember struct{ Role, Member uuid.UUID }

// RoleMembers lists which members have which roles, everyone's left out.
func (g Groups) RoleMembers(ctx context.Context, id uuid.UUID) ([]RoleMember, error) {
	asked := uuid.New()
	ask := message.GroupRoleMembersRequest{
		AgentData: message.GroupRoleMembersRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.GroupRoleMembersRequestGroupData{GroupID: id, RequestID: asked},
	}
	var list []RoleMember // the loop's, until all have come
	return request(ctx, g.a, "the roles' members (GroupRoleMembersReply)", message.IDGroupRoleMembersReply, g.a.sending(&ask), func(m message.Message) ([]RoleMember, bool) {
		reply := m.(*message.GroupRoleMembersReply)
		if reply.AgentData.RequestID != asked {
			return nil, false
		}
		for _, d := range reply.MemberData {
			list = append(list, RoleMember{d.RoleID, d.MemberID})
		}
		return list, len(list) >= int(reply.AgentData.TotalPairs)
	})
}

// What GroupRoleUpdate does to a role.
const (
	roleUpdateAll = 3
	roleCreate    = 4
	roleDelete    = 5
)

// CreateRole adds a role; the grid gives it an id of its own choice, which
// Roles tells. The protocol has no answer to it.
func (g Groups) CreateRole(ctx context.Context, id uuid.UUID, role GroupRole) error {
	role.ID = uuid.New()
	return g.changeRole(ctx, id, role, roleCreate)
}

// UpdateRole sets all of a role.
func (g Groups) UpdateRole(ctx context.Context, id uuid.UUID, role GroupRole) error {
	return g.changeRole(ctx, id, role, roleUpdateAll)
}

// DeleteRole removes a role.
func (g Groups) DeleteRole(ctx context.Context, id, role uuid.UUID) error {
	return g.changeRole(ctx, id, GroupRole{ID: role}, roleDelete)
}

func (g Groups) changeRole(ctx context.Context, id uuid.UUID, r GroupRole, how uint8) error {
	return g.a.tellRegion(ctx, &message.GroupRoleUpdate{
		AgentData: message.GroupRoleUpdateAgentData{AgentID: g.a.ID, SessionID: g.a.session, GroupID: id},
		RoleData: []message.GroupRoleUpdateRoleData{{
			RoleID: r.ID, Name: message.Text(r.Name), Title: message.Text(r.Title), Description: message.Text(r.Description),
			Powers: uint64(r.Powers), UpdateType: how,
		}},
	})
}

// AddToRole gives a member a role.
func (g Groups) AddToRole(ctx context.Context, id, role, member uuid.UUID) error {
	return g.assign(ctx, id, role, member, 0)
}

// RemoveFromRole takes a role from a member.
func (g Groups) RemoveFromRole(ctx context.Context, id, role, member uuid.UUID) error {
	return g.assign(ctx, id, role, member, 1)
}

func (g Groups) assign(ctx context.Context, id, role, member uuid.UUID, change uint32) error {
	return g.a.tellRegion(ctx, &message.GroupRoleChanges{
		AgentData:  message.GroupRoleChangesAgentData{AgentID: g.a.ID, SessionID: g.a.session, GroupID: id},
		RoleChange: []message.GroupRoleChangesRoleChange{{RoleID: role, MemberID: member, Change: change}},
	})
}

// GroupTitle is a title that the agent may wear: that of a role it has.
type GroupTitle struct {
	Role     uuid.UUID
	Title    string
	Selected bool
}

// Titles lists the titles that the agent may wear.
func (g Groups) Titles(ctx context.Context, id uuid.UUID) ([]GroupTitle, error) {
	asked := uuid.New()
	ask := message.GroupTitlesRequest{AgentData: message.GroupTitlesRequestAgentData{
		AgentID: g.a.ID, SessionID: g.a.session, GroupID: id, RequestID: asked,
	}}
	return request(ctx, g.a, "the titles (GroupTitlesReply)", message.IDGroupTitlesReply, g.a.sending(&ask), func(m message.Message) ([]GroupTitle, bool) {
		reply := m.(*message.GroupTitlesReply)
		if reply.AgentData.RequestID != asked && reply.AgentData.GroupID != id {
			return nil, false
		}
		var list []GroupTitle
		for _, d := range reply.GroupData {
			list = append(list, GroupTitle{d.RoleID, message.String(d.Title), d.Selected})
		}
		return list, true
	})
}

// WearTitle wears the title of a role, and waits until the simulator says what
// the agent wears (AgentDataUpdate).
func (g Groups) WearTitle(ctx context.Context, id, role uuid.UUID) (ActiveGroup, error) {
	ask := message.GroupTitleUpdate{AgentData: message.GroupTitleUpdateAgentData{
		AgentID: g.a.ID, SessionID: g.a.session, GroupID: id, TitleRoleID: role,
	}}
	return request(ctx, g.a, "the title (AgentDataUpdate)", message.IDAgentDataUpdate, g.a.sending(&ask), func(m message.Message) (ActiveGroup, bool) {
		return activeGroup(m.(*message.AgentDataUpdate)), true
	})
}
