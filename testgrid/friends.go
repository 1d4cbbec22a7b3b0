package testgrid

import (
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Dialogs of friendship.
const (
	dialogFriendOffer    = 38
	dialogFriendAccepted = 39
	dialogFriendDeclined = 40
)

// friendship is what one resident's record says of another: what it gave, or
// an offer that it hasn't answered.
type friendship struct {
	given   int32 // rights
	offered bool  // by the other; no friendship yet
}

const rightSeeOnline = 1

func (g *Grid) dispatchFriends(d *circuit.Dispatch) {
	d.On(message.IDAcceptFriendship, g.onAcceptFriendship)
	d.On(message.IDDeclineFriendship, g.onDeclineFriendship)
	d.On(message.IDTerminateFriendship, g.onTerminateFriendship)
	d.On(message.IDGrantUserRights, g.onGrantUserRights)
}

// offerFriendship notes an offer and brings it. As on OpenSim the offer's id is
// the id of who made it, whatever the client sent, and an offer to somebody who
// is not logged in waits.
func (r *region) offerFriendship(now circuit.Instant, c *client, m *message.ImprovedInstantMessage) {
	from, to := c.session.agentID, m.MessageBlock.ToAgentID
	if _, _, known := r.grid.directory.name(to); !known {
		return
	}
	if !r.grid.records.offer(from, to) {
		c.alert(now, "This person is already your friend. Please delete it first if you want to reestablish the friendship.")
		return
	}
	out := copied(relayed(now, c, m))
	out.MessageBlock.ID = from
	out.MessageBlock.FromAgentName = message.Text(c.session.name())
	r.tellAnyone(now, to, out)
}

// offer tells whether they aren't friends yet.
func (s *records) offer(from, to uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.get(to).friends[from]; f != nil && !f.offered {
		return false
	}
	s.get(to).friends[from] = &friendship{offered: true}
	return true
}

// accept makes an offer a friendship; it tells whether there was one.
func (s *records) accept(who, from uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.get(who).friends[from]
	if f == nil || !f.offered {
		return false
	}
	s.get(who).friends[from] = &friendship{given: rightSeeOnline}
	s.get(from).friends[who] = &friendship{given: rightSeeOnline}
	return true
}

// part ends a friendship or an offer.
func (s *records) part(a, b uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for self, other := range map[uuid.UUID]uuid.UUID{a: b, b: a} {
		if r := s.of[self]; r != nil {
			delete(r.friends, other)
		}
	}
}

// grant changes the rights that a friend has, and gives those that it had.
func (s *records) grant(who, friend uuid.UUID, rights int32) (before int32, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.get(who).friends[friend]
	if f == nil || f.offered {
		return 0, false
	}
	before, f.given = f.given, rights
	return before, true
}

// seenBy lists the friends that may see whether a resident is online.
func (s *records) seenBy(who uuid.UUID) []uuid.UUID {
	return s.friendsWhere(who, func(mine, _ *friendship) bool { return !mine.offered && mine.given&rightSeeOnline != 0 })
}

// sees lists the friends whom a resident may see.
func (s *records) sees(who uuid.UUID) []uuid.UUID {
	return s.friendsWhere(who, func(_, theirs *friendship) bool {
		return theirs != nil && !theirs.offered && theirs.given&rightSeeOnline != 0
	})
}

// offers lists whose offers a resident hasn't answered.
func (s *records) offers(who uuid.UUID) []uuid.UUID {
	return s.friendsWhere(who, func(mine, _ *friendship) bool { return mine.offered })
}

func (s *records) friendsWhere(who uuid.UUID, want func(mine, theirs *friendship) bool) []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []uuid.UUID
	for id, f := range s.get(who).friends {
		if want(f, s.get(id).friends[who]) {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return list
}

// buddies is a login's buddy-list.
func (s *records) buddies(who uuid.UUID) []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for id, f := range s.get(who).friends {
		if theirs := s.get(id).friends[who]; !f.offered && theirs != nil {
			list = append(list, map[string]any{"buddy_id": id, "buddy_rights_given": f.given, "buddy_rights_has": theirs.given})
		}
	}
	return list
}

func (g *Grid) onAcceptFriendship(ev *circuit.Event) {
	m := ev.Message.(*message.AcceptFriendship)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	friend := m.TransactionBlock.TransactionID
	if c == nil || !g.records.accept(c.session.agentID, friend) {
		return
	}
	if c.region.tellAnyone(ev.Now, friend, c.friendNews(ev.Now, friend, dialogFriendAccepted)) {
		c.tell(ev.Now, online(friend))
	}
}

func (g *Grid) onDeclineFriendship(ev *circuit.Event) {
	m := ev.Message.(*message.DeclineFriendship)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	friend := m.TransactionBlock.TransactionID
	g.records.part(c.session.agentID, friend)
	c.region.tellAnyone(ev.Now, friend, c.friendNews(ev.Now, friend, dialogFriendDeclined))
}

// friendNews is what the other side of an offer hears of the answer.
func (c *client) friendNews(now circuit.Instant, to uuid.UUID, dialog uint8) *message.ImprovedInstantMessage {
	m := &message.ImprovedInstantMessage{}
	m.AgentData.AgentID = c.session.agentID
	b := &m.MessageBlock
	b.ToAgentID, b.Dialog, b.ID = to, dialog, xor(c.session.agentID, to)
	b.RegionID, b.Timestamp = c.region.id, uint32(now.Time().Unix())
	b.FromAgentName, b.Message = message.Text(c.session.name()), message.Text(c.session.agentID.String())
	return m
}

func (g *Grid) onTerminateFriendship(ev *circuit.Event) {
	m := ev.Message.(*message.TerminateFriendship)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	self, other := c.session.agentID, m.ExBlock.OtherID
	g.records.part(self, other)
	c.tell(ev.Now, ended(self, other))
	c.region.tellAnyone(ev.Now, other, ended(other, self))
}

func ended(to, other uuid.UUID) message.Message {
	m := &message.TerminateFriendship{}
	m.AgentData.AgentID, m.ExBlock.OtherID = to, other
	return m
}

func (g *Grid) onGrantUserRights(ev *circuit.Event) {
	m := ev.Message.(*message.GrantUserRights)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	self := c.session.agentID
	for _, asked := range m.Rights {
		friend, rights := asked.AgentRelated, asked.RelatedRights
		before, ok := g.records.grant(self, friend, rights)
		if !ok {
			continue
		}
		changed := &message.ChangeUserRights{Rights: []message.ChangeUserRightsRights{{AgentRelated: friend, RelatedRights: rights}}}
		changed.AgentData.AgentID = self
		c.tell(ev.Now, changed)
		switch changedRights := before ^ rights; {
		case changedRights&rightSeeOnline != 0 && rights&rightSeeOnline != 0:
			c.region.tellAnyone(ev.Now, friend, online(self))
		case changedRights&rightSeeOnline != 0:
			c.region.tellAnyone(ev.Now, friend, offline(self))
		}
		c.region.tellAnyone(ev.Now, friend, changed)
	}
}

func online(ids ...uuid.UUID) message.Message {
	m := &message.OnlineNotification{}
	for _, id := range ids {
		m.AgentBlock = append(m.AgentBlock, message.OnlineNotificationAgentBlock{AgentID: id})
	}
	return m
}

func offline(id uuid.UUID) message.Message {
	return &message.OfflineNotification{AgentBlock: []message.OfflineNotificationAgentBlock{{AgentID: id}}}
}

// greet tells a resident who has just logged in of its friends, and them of
// it. It comes once a session.
func (r *region) greet(now circuit.Instant, c *client) {
	self := c.session.agentID
	var there []uuid.UUID
	for _, friend := range r.grid.records.sees(self) {
		if r.grid.directory.byAgent(friend) != nil {
			there = append(there, friend)
		}
	}
	if len(there) > 0 {
		c.tell(now, online(there...))
	}
	for _, from := range r.grid.records.offers(self) {
		c.tell(now, r.oldOffer(now, from, self))
	}
	for _, friend := range r.grid.records.seenBy(self) {
		r.tellAnyone(now, friend, online(self))
	}
}

// oldOffer is an offer that came while its receiver was away.
func (r *region) oldOffer(now circuit.Instant, from, to uuid.UUID) message.Message {
	first, last, _ := r.grid.directory.name(from)
	m := &message.ImprovedInstantMessage{}
	m.AgentData.AgentID = from
	b := &m.MessageBlock
	b.ToAgentID, b.Dialog, b.ID, b.Timestamp = to, dialogFriendOffer, from, uint32(now.Time().Unix())
	b.FromAgentName, b.Message = message.Text(first+" "+last), message.Text("Will you be my friend?")
	return m
}

// sayGone tells friends that a resident has logged out.
func (r *region) sayGone(now circuit.Instant, c *client) {
	for _, friend := range r.grid.records.seenBy(c.session.agentID) {
		r.tellAnyone(now, friend, offline(c.session.agentID))
	}
}
