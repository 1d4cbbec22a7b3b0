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
	for _, r := range s.of {
		if r.shown == nil {
			continue
		}
		for _, ad := range r.shown.classifieds {
			if ad.ClassifiedID == id {
				*into = ad
				return true
			}
		}
	}
	return false
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
	g.show(c.session.agentID, func(s *shown) {
		s.classifieds = put(s.classifieds, ad, func(old message.ClassifiedInfoReplyData) bool { return old.ClassifiedID == ad.ClassifiedID })
	})
}

func (g *Grid) onClassifiedDelete(ev *circuit.Event) {
	m := ev.Message.(*message.ClassifiedDelete)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		g.show(c.session.agentID, func(s *shown) {
			s.classifieds = slices.DeleteFunc(s.classifieds, func(ad message.ClassifiedInfoReplyData) bool { return ad.ClassifiedID == m.Data.ClassifiedID })
		})
	}
}
