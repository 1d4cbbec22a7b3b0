package testgrid

import (
	"bytes"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// How many picks, classifieds and notes a resident may have.
const mostPicks = 100

// classifiedLife is how long a classified is shown.
const classifiedLife = 7 * 24 * time.Hour

// shown is what a resident shows in its profile besides what it says of
// itself, and what it has noted down about others.
type shown struct {
	picks       []message.PickInfoReplyData
	classifieds []message.ClassifiedInfoReplyData
	notes       map[uuid.UUID][]byte
}

func (g *Grid) dispatchPicks(d *circuit.Dispatch) {
	d.On(message.IDGenericMessage, g.onGeneric)
	d.On(message.IDPickInfoUpdate, g.onPickUpdate)
	d.On(message.IDPickDelete, g.onPickDelete)
	d.On(message.IDClassifiedInfoRequest, g.onClassifiedRequest)
	d.On(message.IDClassifiedInfoUpdate, g.onClassifiedUpdate)
	d.On(message.IDClassifiedDelete, g.onClassifiedDelete)
	d.On(message.IDAvatarNotesUpdate, g.onNotesUpdate)
}

// show runs f on what a resident shows, under the records' lock; on nothing, if
// nobody has that id.
func (g *Grid) show(of uuid.UUID, f func(s *shown)) {
	if _, _, known := g.directory.name(of); !known {
		f(&shown{notes: map[uuid.UUID][]byte{}})
		return
	}
	g.records.with(of, func(r *record) {
		if r.shown == nil {
			r.shown = &shown{notes: map[uuid.UUID][]byte{}}
		}
		f(r.shown)
	})
}

// onGeneric answers the requests that have no message of their own.
func (g *Grid) onGeneric(ev *circuit.Event) {
	m := ev.Message.(*message.GenericMessage)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || len(m.ParamList) == 0 {
		return
	}
	about, err := uuid.Parse(message.String(m.ParamList[0].Parameter))
	if err != nil {
		return
	}
	switch message.String(m.MethodData.Method) {
	case "avatarpicksrequest":
		c.tellPicks(ev.Now, about)
	case "avatarclassifiedsrequest":
		c.tellClassifieds(ev.Now, about)
	case "avatarnotesrequest":
		reply := &message.AvatarNotesReply{}
		reply.AgentData.AgentID, reply.Data.TargetID = c.session.agentID, about
		g.show(c.session.agentID, func(s *shown) { reply.Data.Notes = s.notes[about] })
		c.tell(ev.Now, reply)
	case "pickinforequest":
		if len(m.ParamList) > 1 {
			c.tellPick(ev.Now, about, message.String(m.ParamList[1].Parameter))
		}
	}
}

func (c *client) tellPicks(now circuit.Instant, of uuid.UUID) {
	reply := &message.AvatarPicksReply{}
	reply.AgentData.AgentID, reply.AgentData.TargetID = c.session.agentID, of
	c.region.grid.show(of, func(s *shown) {
		for _, p := range s.picks {
			reply.Data = append(reply.Data, message.AvatarPicksReplyData{PickID: p.PickID, PickName: p.Name})
		}
	})
	c.tell(now, reply)
}

func (c *client) tellPick(now circuit.Instant, of uuid.UUID, id string) {
	reply := &message.PickInfoReply{}
	reply.AgentData.AgentID = c.session.agentID
	found := false
	c.region.grid.show(of, func(s *shown) {
		for _, p := range s.picks {
			if p.PickID.String() == id {
				reply.Data, found = p, true
			}
		}
	})
	if found {
		c.tell(now, reply)
	}
}

func (g *Grid) onPickUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.PickInfoUpdate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	d := &m.Data
	p := message.PickInfoReplyData{
		PickID: d.PickID, CreatorID: c.session.agentID, TopPick: d.TopPick, ParcelID: d.ParcelID,
		Name: bytes.Clone(d.Name), Desc: bytes.Clone(d.Desc), SnapshotID: d.SnapshotID, PosGlobal: d.PosGlobal,
		User: message.Text(c.session.first + " " + c.session.last), SimName: message.Text(c.region.name), SortOrder: d.SortOrder, Enabled: d.Enabled,
	}
	g.show(c.session.agentID, func(s *shown) {
		s.picks = slices.DeleteFunc(s.picks, func(old message.PickInfoReplyData) bool { return old.PickID == p.PickID })
		if len(s.picks) < mostPicks {
			s.picks = append(s.picks, p)
		}
	})
}

func (g *Grid) onPickDelete(ev *circuit.Event) {
	m := ev.Message.(*message.PickDelete)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		g.show(c.session.agentID, func(s *shown) {
			s.picks = slices.DeleteFunc(s.picks, func(p message.PickInfoReplyData) bool { return p.PickID == m.Data.PickID })
		})
	}
}

func (g *Grid) onNotesUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.AvatarNotesUpdate)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		g.show(c.session.agentID, func(s *shown) {
			if len(s.notes) < mostPicks {
				s.notes[m.Data.TargetID] = bytes.Clone(m.Data.Notes)
			}
		})
	}
}
