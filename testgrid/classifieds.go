package testgrid

import (
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (c *client) tellClassifieds(now circuit.Instant, of uuid.UUID) {
	var list []message.AvatarClassifiedReplyData
	c.region.grid.show(of, func(s *shown) {
		for _, ad := range s.classifieds {
			list = append(list, message.AvatarClassifiedReplyData{ClassifiedID: ad.ClassifiedID, Name: ad.Name})
		}
	})
	inParts(list, func(part []message.AvatarClassifiedReplyData) {
		reply := &message.AvatarClassifiedReply{Data: part}
		reply.AgentData.AgentID, reply.AgentData.TargetID = c.session.agentID, of
		c.tell(now, reply)
	})
}

// onClassifiedRequest finds a classified, whosever it is.
func (g *Grid) onClassifiedRequest(ev *circuit.Event) {
	m := ev.Message.(*message.ClassifiedInfoRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	reply := &message.ClassifiedInfoReply{}
	reply.AgentData.AgentID = c.session.agentID
	if g.records.classified(m.Data.ClassifiedID, &reply.Data) {
		c.tell(ev.Now, reply)
	}
}

// classified finds one among everybody's.
func (s *records) classified(id uuid.UUID, into *message.ClassifiedInfoReplyData) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, known := s.ads[id]
	if !known {
		return false
	}
	list := s.of[owner].shown.classifieds
	i := slices.IndexFunc(list, func(ad message.ClassifiedInfoReplyData) bool { return ad.ClassifiedID == id })
	if i >= 0 {
		*into = list[i]
	}
	return i >= 0
}

// advertise puts a classified among its maker's, unless there is no room or
// somebody else has one of that id.
func (s *records) advertise(ad message.ClassifiedInfoReplyData) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if owner, known := s.ads[ad.ClassifiedID]; known && owner != ad.CreatorID {
		return
	}
	r := s.get(ad.CreatorID)
	if r.shown == nil {
		r.shown = &shown{}
	}
	before := len(r.shown.classifieds)
	r.shown.classifieds = put(r.shown.classifieds, ad, func(old message.ClassifiedInfoReplyData) bool { return old.ClassifiedID == ad.ClassifiedID })
	if _, known := s.ads[ad.ClassifiedID]; known || len(r.shown.classifieds) > before {
		s.ads[ad.ClassifiedID] = ad.CreatorID
	}
}

// withdraw takes a classified of a resident's away.
func (s *records) withdraw(owner, id uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ads[id] != owner {
		return
	}
	delete(s.ads, id)
	r := s.of[owner]
	r.shown.classifieds = slices.DeleteFunc(r.shown.classifieds, func(ad message.ClassifiedInfoReplyData) bool { return ad.ClassifiedID == id })
}

func (g *Grid) onClassifiedUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.ClassifiedInfoUpdate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	d, now := &m.Data, ev.Now.Time()
	ad := message.ClassifiedInfoReplyData{
		ClassifiedID: d.ClassifiedID, CreatorID: c.session.agentID, Category: d.Category,
		Name: message.Text(clip(d.Name, longestItemName)), Desc: message.Text(clip(d.Desc, longestShown)),
		CreationDate: uint32(now.Unix()), ExpirationDate: uint32(now.Add(classifiedLife).Unix()),
		ParcelID: d.ParcelID, ParentEstate: d.ParentEstate, SnapshotID: d.SnapshotID, SimName: message.Text(c.region.name),
		PosGlobal: d.PosGlobal, ClassifiedFlags: d.ClassifiedFlags, PriceForListing: d.PriceForListing,
	}
	g.records.advertise(ad)
}

func (g *Grid) onClassifiedDelete(ev *circuit.Event) {
	m := ev.Message.(*message.ClassifiedDelete)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		g.records.withdraw(c.session.agentID, m.Data.ClassifiedID)
	}
}
