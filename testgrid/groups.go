package testgrid

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// Powers of groups' roles, as bits.
const (
	powerInvite      = 1 << 1
	powerEject       = 1 << 2
	powerOptions     = 1 << 3
	powerCreateRole  = 1 << 4
	powerDeleteRole  = 1 << 5
	powerRole        = 1 << 6
	powerAssign      = 1 << 8
	powerUnassign    = 1 << 9
	powerLandDeed    = 1 << 12
	powerJoinChat    = 1 << 16
	powerSendNotices = 1 << 42
	powerReceive     = 1 << 43

	everyonePowers = powerJoinChat | powerReceive
	ownerPowers    = 1<<48 - 1
)

// Bounds of groups; those of names are OpenSim's.
const (
	shortestGroupName = 4
	longestGroupName  = 35
	mostMembers       = 1000
	mostRoles         = 10
	mostNotices       = 200
	mostMemberships   = 42 // of one resident
)

// What CreateGroupReply says.
const (
	groupCreated = "Group created successfully"
	badGroupName = "The group's name must have 4 to 35 letters."
	nameTaken    = "A group with the same name already exists."
	tooMany      = "You are in too many groups."
)

// groups knows all groups and who is in them. Regions' loops use it, so it has
// a lock; nothing is done under it but looking up and noting down. The
// directory's lock may be taken under it, never the other way round.
type groups struct {
	mu      sync.Mutex
	all     map[uuid.UUID]*group
	active  map[uuid.UUID]uuid.UUID // by resident
	invites map[uuid.UUID]groupInvite
}

type group struct {
	id, founder, owners uuid.UUID // owners is the owners' role
	name                string
	options             message.UpdateGroupInfoGroupData
	roles               []*groupRole
	members             map[uuid.UUID]*groupMember
	order               []uuid.UUID // of members, as they came
	notices             []*groupNotice
	talking             map[uuid.UUID]bool // false: has left the conversation
}

type groupRole struct {
	id                uuid.UUID // nil: everyone's
	name, title, text string
	powers            uint64
}

type groupMember struct {
	roles    []uuid.UUID // everyone's left out
	title    uuid.UUID   // the role whose title it wears
	notices  bool
	inPublic bool
}

type groupInvite struct{ group, role, invitee uuid.UUID }

func newGroups() *groups {
	return &groups{all: map[uuid.UUID]*group{}, active: map[uuid.UUID]uuid.UUID{}, invites: map[uuid.UUID]groupInvite{}}
}

// found makes a group, or gives the reason why not.
func (s *groups) found(founder uuid.UUID, name string, o message.UpdateGroupInfoGroupData) (uuid.UUID, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(name) < shortestGroupName || len(name) > longestGroupName {
		return uuid.Nil, badGroupName
	}
	if len(s.ofResident(founder)) >= mostMemberships {
		return uuid.Nil, tooMany
	}
	for _, g := range s.all {
		if strings.EqualFold(g.name, name) {
			return uuid.Nil, nameTaken
		}
	}
	o.GroupID, o.Charter = uuid.New(), bytes.Clone(o.Charter)
	g := &group{
		id: o.GroupID, founder: founder, owners: uuid.New(), name: name, options: o,
		members: map[uuid.UUID]*groupMember{}, talking: map[uuid.UUID]bool{},
	}
	g.roles = []*groupRole{
		{uuid.Nil, "Everyone", "Member of " + name, "Everyone in the group is in the everyone role.", everyonePowers},
		{g.owners, "Owners", "Owner of " + name, "Owners of the group", ownerPowers},
	}
	s.all[g.id] = g
	g.add(founder, g.owners)
	s.active[founder] = g.id
	return g.id, ""
}

func (g *group) add(who, role uuid.UUID) {
	m := &groupMember{notices: true, inPublic: true, title: role}
	if role != uuid.Nil {
		m.roles = []uuid.UUID{role}
	}
	g.members[who] = m
	g.order = append(g.order, who)
}

func (g *group) role(id uuid.UUID) *groupRole {
	for _, r := range g.roles {
		if r.id == id {
			return r
		}
	}
	return nil
}

// powers is what a resident may do in the group; 0 for one that is no member.
func (g *group) powers(who uuid.UUID) uint64 {
	m := g.members[who]
	if m == nil {
		return 0
	}
	all := g.roles[0].powers
	for _, id := range m.roles {
		if r := g.role(id); r != nil {
			all |= r.powers
		}
	}
	return all
}

func (g *group) title(who uuid.UUID) string {
	m := g.members[who]
	if m == nil {
		return ""
	}
	if r := g.role(m.title); r != nil {
		return r.title
	}
	return g.roles[0].title
}

// ofResident lists a resident's groups by name. The lock is held.
func (s *groups) ofResident(who uuid.UUID) []*group {
	var list []*group
	for _, g := range s.all {
		if g.members[who] != nil {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b *group) int { return strings.Compare(a.name, b.name) })
	return list
}

// with runs f on a group, under the lock, if there is one.
func (s *groups) with(id uuid.UUID, f func(g *group)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.all[id]; g != nil {
		f(g)
	}
}

// allowed runs f on a group if the resident has the power there.
func (s *groups) allowed(id, who uuid.UUID, power uint64, f func(g *group)) (ok bool) {
	s.with(id, func(g *group) {
		if ok = g.powers(who)&power == power && g.members[who] != nil; ok {
			f(g)
		}
	})
	return ok
}

// join adds a resident to a group that is open.
func (s *groups) join(id, who uuid.UUID) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.all[id]
	if g == nil || !g.options.OpenEnrollment || g.members[who] != nil || len(g.members) >= mostMembers ||
		len(s.ofResident(who)) >= mostMemberships {
		return false
	}
	g.add(who, uuid.Nil)
	return true
}

// remove takes a member out; it tells whether it was one. A group without
// members goes: OpenSim keeps it in its database, but here it would be in
// memory for as long as the grid runs.
func (s *groups) remove(id, who uuid.UUID) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.all[id]
	if g == nil || g.members[who] == nil {
		return false
	}
	delete(g.members, who)
	delete(g.talking, who)
	g.order = slices.DeleteFunc(g.order, func(m uuid.UUID) bool { return m == who })
	if s.active[who] == id {
		delete(s.active, who)
	}
	if len(g.members) == 0 {
		delete(s.all, id)
	}
	return true
}
