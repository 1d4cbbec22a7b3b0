package agent_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

// found makes a group that anybody may join.
func (m *meeting) found(a *agent.Agent, name string) uuid.UUID {
	m.Helper()
	return got[uuid.UUID](m)(a.Groups().Create(m.ctx(), name, agent.GroupOptions{Charter: "walks", Open: true, ShowInSearch: true}))
}

func TestGroupIsFoundedJoinedAndLeft(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := m.found(a, "Walkers")
	m.must(b.Groups().Join(m.ctx(), id))

	profile := got[agent.GroupProfile](m)(b.Groups().Profile(m.ctx(), id))
	if profile.Name != "Walkers" || profile.Charter != "walks" || profile.Founder != a.ID || !profile.Open || profile.Members != 2 || profile.Roles != 2 {
		t.Errorf("profile is %+v", profile)
	}
	members := got[[]agent.GroupMember](m)(b.Groups().Members(m.ctx(), id))
	if len(members) != 2 || members[0].ID != a.ID || !members[0].Owner || members[1].ID != b.ID || members[1].Owner || members[1].Online != "Online" {
		t.Errorf("members are %+v", members)
	}
	mine := got[[]agent.Membership](m)(b.Groups().Mine(m.ctx()))
	for range 3 { // of its arrival and its joining it may hear as late
		if len(mine) == 0 {
			mine = got[[]agent.Membership](m)(b.Groups().Mine(m.ctx()))
		}
	}
	if len(mine) != 1 || mine[0].ID != id || mine[0].Name != "Walkers" || !mine[0].Notices || mine[0].Powers&agent.PowerJoinChat == 0 || mine[0].Powers&agent.PowerEject != 0 {
		t.Errorf("the joiner is in %+v", mine)
	}
	if names := got[map[uuid.UUID]string](m)(b.GroupNames(m.ctx(), id)); names[id] != "Walkers" {
		t.Errorf("the group is called %v", names)
	}
	m.must(b.Groups().Leave(m.ctx(), id))
	if members := got[[]agent.GroupMember](m)(a.Groups().Members(m.ctx(), id)); len(members) != 1 {
		t.Errorf("after leaving there are %+v", members)
	}
}

func TestGroupRefusals(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := m.found(a, "Walkers")
	closed := got[uuid.UUID](m)(a.Groups().Create(m.ctx(), "Sitters", agent.GroupOptions{}))
	g := b.Groups()
	for name, err := range map[string]error{
		"a name that is taken": func() error { _, err := g.Create(m.ctx(), "walkers", agent.GroupOptions{}); return err }(),
		"a name too short":     func() error { _, err := g.Create(m.ctx(), "W", agent.GroupOptions{}); return err }(),
		"a closed group":       g.Join(m.ctx(), closed),
		"not in it":            g.Leave(m.ctx(), id),
		"no power":             g.Eject(m.ctx(), id, a.ID),
		"chat without it":      g.OpenChat(m.ctx(), id),
	} {
		if refused := new(agent.GroupError); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if members := got[[]agent.GroupMember](m)(a.Groups().Members(m.ctx(), id)); len(members) != 1 || members[0].ID != a.ID {
		t.Errorf("members are %+v", members)
	}
}

func TestGroupInvitationAndEjection(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := got[uuid.UUID](m)(a.Groups().Create(m.ctx(), "Sitters", agent.GroupOptions{}))
	isInvitation := func(e agent.IMReceived) bool { return e.Dialog == agent.DialogGroupInvitation }
	for _, accept := range []bool{false, true} {
		came := agent.Expect(b, isInvitation)
		m.must(a.Groups().Invite(m.ctx(), id, uuid.Nil, b.ID))
		invitation := got[agent.IMReceived](m)(came.Wait(m.ctx(), "the invitation"))
		if accept {
			m.must(b.Groups().AcceptInvitation(m.ctx(), invitation))
		} else {
			m.must(b.Groups().DeclineInvitation(m.ctx(), invitation))
		}
		if in := m.isIn(b, a, id); in != accept {
			t.Errorf("answered %v, and is in the group: %v", accept, in)
		}
	}
	m.must(a.Groups().Eject(m.ctx(), id, b.ID))
	if m.isIn(b, a, id) {
		t.Error("who was ejected is in the group")
	}
}

// isIn tells whether the group's members, as another sees them, have who among
// them. What who says before has been done by then.
func (m *meeting) isIn(who, other *agent.Agent, id uuid.UUID) bool {
	m.Helper()
	got[agent.GroupProfile](m)(who.Groups().Profile(m.ctx(), id))
	members := got[[]agent.GroupMember](m)(other.Groups().Members(m.ctx(), id))
	return slices.ContainsFunc(members, func(g agent.GroupMember) bool { return g.ID == who.ID })
}

func TestGroupRolesAndTitles(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := m.found(a, "Walkers")
	m.must(b.Groups().Join(m.ctx(), id))
	g := a.Groups()
	m.must(g.CreateRole(m.ctx(), id, agent.GroupRole{Name: "Scouts", Title: "Scout", Description: "go first", Powers: agent.PowerInvite}))
	roles := got[[]agent.GroupRole](m)(g.Roles(m.ctx(), id))
	at := slices.IndexFunc(roles, func(r agent.GroupRole) bool { return r.Name == "Scouts" })
	if len(roles) != 3 || at < 0 || roles[at].Powers != agent.PowerInvite || roles[at].Description != "go first" {
		t.Fatalf("roles are %+v", roles)
	}
	scouts := roles[at]
	m.must(g.AddToRole(m.ctx(), id, scouts.ID, b.ID))
	pairs := got[[]agent.RoleMember](m)(g.RoleMembers(m.ctx(), id))
	if !slices.Contains(pairs, agent.RoleMember{Role: scouts.ID, Member: b.ID}) || len(pairs) != 2 {
		t.Errorf("roles' members are %v", pairs)
	}
	got[agent.ActiveGroup](m)(b.Groups().Activate(m.ctx(), id))
	if worn := got[agent.ActiveGroup](m)(b.Groups().WearTitle(m.ctx(), id, scouts.ID)); worn.Title != "Scout" || worn.Powers&agent.PowerInvite == 0 {
		t.Errorf("wears %+v", worn)
	}
	want := []agent.GroupTitle{{Title: "Member of Walkers"}, {Role: scouts.ID, Title: "Scout", Selected: true}}
	if diff := cmp.Diff(want, got[[]agent.GroupTitle](m)(b.Groups().Titles(m.ctx(), id))); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
	scouts.Title = "Ranger"
	m.must(g.UpdateRole(m.ctx(), id, scouts))
	got[[]agent.GroupRole](m)(g.Roles(m.ctx(), id)) // comes after the update
	if active := got[agent.ActiveGroup](m)(b.Groups().Active(m.ctx())); active.Title != "Ranger" {
		t.Errorf("wears %+v", active)
	}
	m.must(g.RemoveFromRole(m.ctx(), id, scouts.ID, b.ID), g.DeleteRole(m.ctx(), id, scouts.ID))
	if roles := got[[]agent.GroupRole](m)(g.Roles(m.ctx(), id)); len(roles) != 2 {
		t.Errorf("after deleting there are %+v", roles)
	}
}

func TestGroupOptionsAreTheOwners(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := m.found(a, "Walkers")
	m.must(b.Groups().Join(m.ctx(), id))
	m.must(b.Groups().Update(m.ctx(), id, agent.GroupOptions{Charter: "mine now"}))
	if p := got[agent.GroupProfile](m)(b.Groups().Profile(m.ctx(), id)); p.Charter != "walks" {
		t.Errorf("a member could change the charter: %+v", p)
	}
	want := agent.GroupOptions{Charter: "sits", Insignia: uuid.New(), Fee: 3, AllowPublish: true}
	m.must(a.Groups().Update(m.ctx(), id, want))
	if p := got[agent.GroupProfile](m)(a.Groups().Profile(m.ctx(), id)); p.GroupOptions != want {
		t.Errorf("options are %+v, want %+v", p.GroupOptions, want)
	}
}

func TestGroupNotices(t *testing.T) {
	m := newMeeting(t)
	a, b, c := m.enter("Bot1"), m.enter("Bot2"), m.enter("Bot3")
	id := m.found(a, "Walkers")
	m.must(b.Groups().Join(m.ctx(), id), c.Groups().Join(m.ctx(), id))
	m.must(c.Groups().AcceptNotices(m.ctx(), id, false, true))
	got[agent.ActiveGroup](m)(c.Groups().Active(m.ctx())) // comes after it

	isNotice := func(e agent.IMReceived) bool { return e.Dialog == agent.DialogGroupNotice }
	came, unwanted := agent.Expect(b, isNotice), agent.Expect(c, isNotice)
	m.must(a.Groups().SendNotice(m.ctx(), id, "Tomorrow", "we walk"))
	if e := got[agent.IMReceived](m)(came.Wait(m.ctx(), "the notice")); e.Text != "Tomorrow|we walk" || e.From != id || e.FromName != "Load Bot1" {
		t.Errorf("notice is %+v", e)
	}
	list := got[[]agent.GroupNotice](m)(c.Groups().Notices(m.ctx(), id))
	if len(list) != 1 || list[0].Subject != "Tomorrow" || list[0].From != "Load Bot1" || list[0].At.IsZero() {
		t.Fatalf("notices are %+v", list)
	}
	subject, text, err := c.Groups().ReadNotice(m.ctx(), list[0].ID)
	if err != nil || subject != "Tomorrow" || text != "we walk" {
		t.Errorf("read %q, %q, %v", subject, text, err)
	}
	if _, err := unwanted.Wait(m.shortly(), "a notice"); err == nil {
		t.Error("who wants no notices got one")
	}
}

func TestGroupChat(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := m.found(a, "Walkers")
	m.must(b.Groups().Join(m.ctx(), id))
	heardA, heardB := make(chan agent.GroupLine, 8), make(chan agent.GroupLine, 8)
	defer a.Groups().OnChat(id, func(l agent.GroupLine) { heardA <- l })()
	defer b.Groups().OnChat(id, func(l agent.GroupLine) { heardB <- l })()
	hears := func(who string, heard <-chan agent.GroupLine, from *agent.Agent, text string, invitation bool) {
		t.Helper()
		select {
		case l := <-heard:
			if l.Text != text || l.From != from.ID || l.FromName != from.String() || l.Invitation != invitation || l.Group != id {
				t.Errorf("%s heard %+v; want %q of %s, invitation %v", who, l, text, from, invitation)
			}
		case <-m.ctx().Done():
			t.Fatalf("%s never heard %q", who, text)
		}
	}
	m.must(a.Groups().OpenChat(m.ctx(), id), a.Groups().Say(m.ctx(), id, "anybody?"))
	hears("the speaker", heardA, a, "anybody?", false)
	hears("the member", heardB, a, "anybody?", true)
	if in := got[[]uuid.UUID](m)(b.Groups().AcceptChat(m.ctx(), id)); len(in) != 2 || !slices.Contains(in, a.ID) || !slices.Contains(in, b.ID) {
		t.Errorf("in the conversation are %v", in)
	}
	m.must(b.Groups().Say(m.ctx(), id, "me"))
	hears("the opener", heardA, b, "me", false)
	hears("the answerer", heardB, b, "me", false)
	m.must(a.Groups().LeaveChat(m.ctx(), id))
	got[agent.ActiveGroup](m)(a.Groups().Active(m.ctx())) // comes after it
	m.must(b.Groups().Say(m.ctx(), id, "gone?"))
	hears("who is left", heardB, b, "gone?", false)
	got[agent.ActiveGroup](m)(a.Groups().Active(m.ctx()))
	if len(heardA) != 0 {
		t.Errorf("who left heard %+v", <-heardA)
	}
}

// Nothing in the answer says which group it is of.
func TestGroupsThatAreFoundedAtOnce(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	ctx := m.ctx()
	var all sync.WaitGroup
	for _, name := range []string{"Sitters", "Walkers", "Fliers"} {
		all.Go(func() {
			id, err := a.Groups().Create(ctx, name, agent.GroupOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			if p, err := a.Groups().Profile(ctx, id); err != nil || p.Name != name {
				t.Errorf("founded %q, got %q, %v", name, p.Name, err)
			}
		})
	}
	all.Wait()
}

func TestGroupChatIsDeclined(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := m.found(a, "Walkers")
	m.must(b.Groups().Join(m.ctx(), id))
	lines := make(chan agent.GroupLine, 8)
	defer b.Groups().OnChat(id, func(l agent.GroupLine) { lines <- l })()
	m.must(a.Groups().Say(m.ctx(), id, "anybody?"))
	if l := <-lines; !l.Invitation {
		t.Fatalf("heard %+v", l)
	}
	m.must(b.Groups().DeclineChat(m.ctx(), id))
	m.must(a.Groups().Say(m.ctx(), id, "nobody?"))
	got[agent.ActiveGroup](m)(a.Groups().Active(m.ctx())) // comes after it
	got[agent.ActiveGroup](m)(b.Groups().Active(m.ctx()))
	if len(lines) != 0 {
		t.Errorf("who declined heard %+v", <-lines)
	}
	if _, err := b.Groups().AcceptChat(m.ctx(), uuid.New()); err == nil {
		t.Error("a conversation that isn't there could be entered")
	}
}

// Who opens a conversation is told, and who is spoken to in it.
func TestGroupSessionsOpen(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	id := m.found(a, "Walkers")
	m.must(b.Groups().Join(m.ctx(), id))
	for _, tt := range []struct {
		hears      *agent.Agent
		act        func() error
		invitation bool
	}{
		{a, func() error { return a.Groups().OpenChat(m.ctx(), id) }, false},
		{b, func() error { return a.Groups().Say(m.ctx(), id, "anybody?") }, true},
	} {
		opened := agent.Expect(tt.hears, func(agent.GroupSessionOpened) bool { return true })
		entered := agent.Expect(tt.hears, func(agent.GroupSessionMembers) bool { return true })
		m.must(tt.act())
		o := got[agent.GroupSessionOpened](m)(opened.Wait(m.ctx(), "a conversation"))
		want := agent.GroupSessionOpened{At: o.At, Group: id, Name: "Walkers", By: a.ID, ByName: "Load Bot1", Invitation: tt.invitation}
		if diff := cmp.Diff(want, o); diff != "" || o.At == 0 {
			t.Errorf("%s was told (-want +got):\n%s", tt.hears, diff)
		}
		e := got[agent.GroupSessionMembers](m)(entered.Wait(m.ctx(), "who is in it"))
		if e.Group != id || !slices.Equal(e.Entered, []uuid.UUID{tt.hears.ID}) || e.Left != nil {
			t.Errorf("%s was told of members %+v", tt.hears, e)
		}
	}
}
