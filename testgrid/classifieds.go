package testgrid

import (
	"bytes"
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (c *client) tellClassifieds(now circuit.Instant, of uuid.UUID) {
	reply := &message.AvatarClassifiedReply{}
	reply.AgentData.AgentID, reply.AgentData.TargetID = c.session.agentID, of
	c.region.grid.show(of, func(s *shown) {
		for _, ad := range s.classifieds {
			reply.Data = append(reply.Data, message.AvatarClassifiedReplyData{ClassifiedID: ad.ClassifiedID, Name: ad.Name})
		}
	})
	c.tell(now, reply)
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
		ClassifiedID: d.ClassifiedID, CreatorID: c.session.agentID, Category: d.Category, Name: bytes.Clone(d.Name), Desc: bytes.Clone(d.Desc),
		CreationDate: uint32(now.Unix()), ExpirationDate: uint32(now.Add(classifiedLife).Unix()),
		ParcelID: d.ParcelID, ParentEstate: d.ParentEstate, SnapshotID: d.SnapshotID, SimName: message.Text(c.region.name),
		PosGlobal: d.PosGlobal, ClassifiedFlags: d.ClassifiedFlags, PriceForListing: d.PriceForListing,
	}
	g.show(c.session.agentID, func(s *shown) {
		s.classifieds = slices.DeleteFunc(s.classifieds, func(old message.ClassifiedInfoReplyData) bool { return old.ClassifiedID == ad.ClassifiedID })
		if len(s.classifieds) < mostPicks {
			s.classifieds = append(s.classifieds, ad)
		}
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
