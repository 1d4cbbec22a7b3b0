package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// Groups is the service of groups: what there is of them, and the agent's
// memberships. What concerns a group's talk stands at groupchat.go and
// groupnotice.go.
type Groups struct{ a *Agent }

// Groups gives the service. It costs nothing.
func (a *Agent) Groups() Groups { return Groups{a} }

// GroupPowers are what a role may do, as bits of the protocol.
type GroupPowers uint64

// Some of the powers.
const (
	PowerInvite         GroupPowers = 1 << 1
	PowerEject          GroupPowers = 1 << 2
	PowerChangeOptions  GroupPowers = 1 << 3
	PowerCreateRole     GroupPowers = 1 << 4
	PowerDeleteRole     GroupPowers = 1 << 5
	PowerRoleProperties GroupPowers = 1 << 6
	PowerAssignMember   GroupPowers = 1 << 8
	PowerRemoveMember   GroupPowers = 1 << 9
	PowerChangeActions  GroupPowers = 1 << 10
	PowerLandDeed       GroupPowers = 1 << 12
	PowerLandRelease    GroupPowers = 1 << 13
	PowerJoinChat       GroupPowers = 1 << 16
	PowerSendNotices    GroupPowers = 1 << 42
	PowerReceiveNotices GroupPowers = 1 << 43
)

// GroupOptions are what a group's owners decide.
type GroupOptions struct {
	Charter       string
	Insignia      uuid.UUID // a texture
	Fee           int32     // L$ to join
	Open          bool      // anybody may join
	ShowInSearch  bool
	AllowPublish  bool
	MaturePublish bool
}

// GroupProfile is a group as GroupProfileReply has it.
type GroupProfile struct {
	ID   uuid.UUID
	Name string
	GroupOptions
	Founder   uuid.UUID
	OwnerRole uuid.UUID
	Members   int
	Roles     int
	Title     string      // the agent's own; "" for one that is no member
	Powers    GroupPowers // likewise
}

// GroupError is what a grid refused to do with a group.
type GroupError struct {
	Do   string
	Text string // the grid's words, if it had some
}

func (e *GroupError) Error() string {
	if e.Text == "" {
		return e.Do + ": the grid refused"
	}
	return e.Do + ": " + e.Text
}

// Reason is the word by which a run counts this failure.
func (e *GroupError) Reason() string { return "group_refused" }

// Create founds a group, which costs L$ on most grids, and gives its id.
func (g Groups) Create(ctx context.Context, name string, o GroupOptions) (uuid.UUID, error) {
	ask := message.CreateGroupRequest{
		AgentData: message.CreateGroupRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.CreateGroupRequestGroupData{
			Name: message.Text(name), Charter: message.Text(o.Charter), ShowInList: o.ShowInSearch, InsigniaID: o.Insignia,
			MembershipFee: o.Fee, OpenEnrollment: o.Open, AllowPublish: o.AllowPublish, MaturePublish: o.MaturePublish,
		},
	}
	type reply struct {
		id      uuid.UUID
		success bool
		text    string
	}
	got, err := requestAlone(ctx, g.a, "the new group (CreateGroupReply)", message.IDCreateGroupReply, g.a.sending(&ask), func(m message.Message) (reply, bool) {
		d := &m.(*message.CreateGroupReply).ReplyData
		return reply{d.GroupID, d.Success, message.String(d.Message)}, true
	})
	if err == nil && !got.success {
		err = &GroupError{fmt.Sprintf("create group %q", name), reason.OneLine(got.text)}
	}
	return got.id, err
}

// Update sets a group's options. The protocol has no answer to it.
func (g Groups) Update(ctx context.Context, id uuid.UUID, o GroupOptions) error {
	return g.a.tellRegion(ctx, &message.UpdateGroupInfo{
		AgentData: message.UpdateGroupInfoAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.UpdateGroupInfoGroupData{
			GroupID: id, Charter: message.Text(o.Charter), ShowInList: o.ShowInSearch, InsigniaID: o.Insignia,
			MembershipFee: o.Fee, OpenEnrollment: o.Open, AllowPublish: o.AllowPublish, MaturePublish: o.MaturePublish,
		},
	})
}

// Profile fetches a group's profile.
func (g Groups) Profile(ctx context.Context, id uuid.UUID) (GroupProfile, error) {
	ask := message.GroupProfileRequest{
		AgentData: message.GroupProfileRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
		GroupData: message.GroupProfileRequestGroupData{GroupID: id},
	}
	return request(ctx, g.a, "the group's profile (GroupProfileReply)", message.IDGroupProfileReply, g.a.sending(&ask), func(m message.Message) (GroupProfile, bool) {
		d := &m.(*message.GroupProfileReply).GroupData
		return GroupProfile{
			ID: d.GroupID, Name: message.String(d.Name), Founder: d.FounderID, OwnerRole: d.OwnerRole,
			GroupOptions: GroupOptions{
				Charter: message.String(d.Charter), Insignia: d.InsigniaID, Fee: d.MembershipFee, Open: d.OpenEnrollment,
				ShowInSearch: d.ShowInList, AllowPublish: d.AllowPublish, MaturePublish: d.MaturePublish,
			},
			Members: int(d.GroupMembershipCount), Roles: int(d.GroupRolesCount),
			Title: message.String(d.MemberTitle), Powers: GroupPowers(d.PowersMask),
		}, d.GroupID == id
	})
}

// ActiveGroup is the group whose title an agent wears and whose rights it
// uses; a nil id is none.
type ActiveGroup struct {
	ID          uuid.UUID
	Name, Title string
	Powers      GroupPowers
}

// Activate makes a group the agent's active one, uuid.Nil none, and waits
// until the simulator says so (AgentDataUpdate).
func (g Groups) Activate(ctx context.Context, id uuid.UUID) (ActiveGroup, error) {
	ask := message.ActivateGroup{AgentData: message.ActivateGroupAgentData{AgentID: g.a.ID, SessionID: g.a.session, GroupID: id}}
	return request(ctx, g.a, "the active group (AgentDataUpdate)", message.IDAgentDataUpdate, g.a.sending(&ask), func(m message.Message) (ActiveGroup, bool) {
		active := activeGroup(m.(*message.AgentDataUpdate))
		return active, active.ID == id
	})
}

// Active asks which group is active. OpenSim without its groups module gives
// no answer.
func (g Groups) Active(ctx context.Context) (ActiveGroup, error) {
	ask := message.AgentDataUpdateRequest{AgentData: message.AgentDataUpdateRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session}}
	return request(ctx, g.a, "the active group (AgentDataUpdate)", message.IDAgentDataUpdate, g.a.sending(&ask), func(m message.Message) (ActiveGroup, bool) {
		return activeGroup(m.(*message.AgentDataUpdate)), true
	})
}

func activeGroup(m *message.AgentDataUpdate) ActiveGroup {
	d := &m.AgentData
	return ActiveGroup{ID: d.ActiveGroupID, Name: message.String(d.GroupName), Title: message.String(d.GroupTitle), Powers: GroupPowers(d.GroupPowers)}
}

// Membership is a group that the agent is in.
type Membership struct {
	ID      uuid.UUID
	Name    string
	Powers  GroupPowers
	Notices bool // the agent gets its notices
}

// Mine asks for the groups that the agent is in: AgentDataUpdateRequest, and
// AgentGroupDataUpdate by the event queue. One that is under way already, since
// the agent has just joined or left, is taken for the answer.
func (g Groups) Mine(ctx context.Context) ([]Membership, error) {
	came := Expect(g.a, func(e QueueEvent) bool { return e.Name == "AgentGroupDataUpdate" })
	err := g.a.tellRegion(ctx, &message.AgentDataUpdateRequest{
		AgentData: message.AgentDataUpdateRequestAgentData{AgentID: g.a.ID, SessionID: g.a.session},
	})
	if err != nil {
		came.Cancel()
		return nil, err
	}
	e, err := came.Wait(ctx, "the agent's groups (AgentGroupDataUpdate)")
	if err != nil {
		return nil, err
	}
	m, ok := e.Message.(*message.AgentGroupDataUpdate)
	if !ok {
		return nil, &GroupError{"list the agent's groups", "the AgentGroupDataUpdate can't be read"}
	}
	list := make([]Membership, len(m.GroupData))
	for i, d := range m.GroupData {
		list[i] = Membership{ID: d.GroupID, Name: message.String(d.GroupName), Powers: GroupPowers(d.GroupPowers), Notices: d.AcceptNotices}
	}
	return list, nil
}

// unix is a time as messages have it.
func unix(seconds uint32) time.Time { return time.Unix(int64(seconds), 0).UTC() }
