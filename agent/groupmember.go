package agent

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// GroupMember is a member as GroupMembersReply has it.
type GroupMember struct {
	ID           uuid.UUID
	Title        string
	Powers       GroupPowers
	Owner        bool
	Online       string // a day, or "Online", in the grid's words
	Contribution int32  // m² of land
}

// Members lists a group's members. Of a group that doesn't show them OpenSim
// says nothing at all.
func (g Groups) Members(ctx context.Context, id uuid.UUID) ([]GroupMember, error) {
	asked := uuid.New()
	ask := message.GroupMembersRequest{
		AgentData: message.GroupMembersRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.GroupMembersRequestGroupData{GroupID: id, RequestID: asked},
	}
	var list []GroupMember // the loop's, until all have come
	return request(ctx, g.a, "the group's members (GroupMembersReply)", message.IDGroupMembersReply, g.a.sending(&ask), func(m message.Message) ([]GroupMember, bool) {
		reply := m.(*message.GroupMembersReply)
		if reply.GroupData.RequestID != asked {
			return nil, false
		}
		for _, d := range reply.MemberData {
			list = append(list, GroupMember{
				ID: d.AgentID, Title: message.String(d.Title), Powers: GroupPowers(d.AgentPowers), Owner: d.IsOwner,
				Online: message.String(d.OnlineStatus), Contribution: d.Contribution,
			})
		}
		return list, len(list) >= int(reply.GroupData.MemberCount)
	})
}

// Join joins a group that is open, or that the agent was invited to.
func (g Groups) Join(ctx context.Context, id uuid.UUID) error {
	ask := message.JoinGroupRequest{
		AgentData: message.JoinGroupRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.JoinGroupRequestGroupData{GroupID: id},
	}
	success, err := request(ctx, g.a, "the answer to joining (JoinGroupReply)", message.IDJoinGroupReply, g.a.sending(&ask), func(m message.Message) (bool, bool) {
		d := &m.(*message.JoinGroupReply).GroupData
		return d.Success, d.GroupID == id
	})
	return refusedIf(err, success, "join group", id)
}

// Leave leaves a group.
func (g Groups) Leave(ctx context.Context, id uuid.UUID) error {
	ask := message.LeaveGroupRequest{
		AgentData: message.LeaveGroupRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.LeaveGroupRequestGroupData{GroupID: id},
	}
	success, err := request(ctx, g.a, "the answer to leaving (LeaveGroupReply)", message.IDLeaveGroupReply, g.a.sending(&ask), func(m message.Message) (bool, bool) {
		d := &m.(*message.LeaveGroupReply).GroupData
		return d.Success, d.GroupID == id
	})
	return refusedIf(err, success, "leave group", id)
}

// Eject throws members out, and waits for the answer for each.
func (g Groups) Eject(ctx context.Context, id uuid.UUID, members ...uuid.UUID) error {
	ask := message.EjectGroupMemberRequest{
		AgentData: message.EjectGroupMemberRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.EjectGroupMemberRequestGroupData{GroupID: id},
	}
	for _, who := range members {
		ask.EjectData = append(ask.EjectData, message.EjectGroupMemberRequestEjectData{EjecteeID: who})
	}
	answers := 0
	success, err := request(ctx, g.a, "the answer to ejecting (EjectGroupMemberReply)", message.IDEjectGroupMemberReply, g.a.sending(&ask), func(m message.Message) (bool, bool) {
		reply := m.(*message.EjectGroupMemberReply)
		if reply.GroupData.GroupID != id {
			return false, false
		}
		answers++
		return reply.EjectData.Success, !reply.EjectData.Success || answers == len(members)
	})
	return refusedIf(err, success, "eject from group", id)
}

func refusedIf(err error, success bool, do string, id uuid.UUID) error {
	if err == nil && !success {
		return &GroupError{fmt.Sprintf("%s %v", do, id), ""}
	}
	return err
}

// Invite invites residents into a role, uuid.Nil everyone's. Each gets an
// IMReceived with DialogGroupInvitation; who invites hears nothing of it.
func (g Groups) Invite(ctx context.Context, id, role uuid.UUID, who ...uuid.UUID) error {
	ask := message.InviteGroupRequest{
		AgentData: message.InviteGroupRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.InviteGroupRequestGroupData{GroupID: id},
	}
	for _, w := range who {
		ask.InviteData = append(ask.InviteData, message.InviteGroupRequestInviteData{InviteeID: w, RoleID: role})
	}
	return g.a.tellRegion(ctx, &ask)
}

// AcceptInvitation joins by an invitation, and waits until the simulator says
// that the agent is in more groups (AgentDataUpdate).
func (g Groups) AcceptInvitation(ctx context.Context, invitation IMReceived) error {
	send := func(now circuit.Instant) error { return g.a.sendDialog(now, answerTo(invitation, DialogGroupAccept)) }
	_, err := request(ctx, g.a, "to be in the group (AgentDataUpdate)", message.IDAgentDataUpdate, send, func(message.Message) (struct{}, bool) {
		return struct{}{}, true
	})
	return err
}

// DeclineInvitation refuses one.
func (g Groups) DeclineInvitation(ctx context.Context, invitation IMReceived) error {
	return g.a.tellDialog(ctx, answerTo(invitation, DialogGroupDecline))
}

func answerTo(invitation IMReceived, kind uint8) dialog {
	return dialog{kind: kind, to: invitation.From, id: invitation.SessionID, bucket: []byte{}}
}
