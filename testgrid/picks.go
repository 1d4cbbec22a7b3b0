package testgrid

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

const (
	mostPicks      = 100 // picks, classifieds and notes that a resident may have, each
	longestShown   = 800 // bytes of what they say: an answer with one must fit a datagram
	shownPerPacket = 12  // of them, by id and name, in an answer that lists them
)

// classifiedLife is how long a classified is shown.
const classifiedLife = 7 * 24 * time.Hour

// shown is what a resident shows in its profile besides what it says of
// itself, and what it has noted down about others.
type shown struct {
	picks       []message.PickInfoReplyData
	classifieds []message.ClassifiedInfoReplyData
	notes       map[uuid.UUID][]byte // nil before the first
}

// put gives list with one instead of the same as it was before, if there is room.
func put[T any](list []T, one T, same func(T) bool) []T {
	if list = slices.DeleteFunc(list, same); len(list) < mostPicks {
		list = append(list, one)
	}
	return list
}

// inParts tells a list in answers that fit a datagram; an empty one in one.
func inParts[T any](list []T, tell func(part []T)) {
	for len(list) > shownPerPacket {
		tell(list[:shownPerPacket])
		list = list[shownPerPacket:]
	}
	tell(list)
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
		f(&shown{})
		return
	}
	g.records.with(of, func(r *record) {
		if r.shown == nil {
			r.shown = &shown{}
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
		if len(m.ParamList) < 2 {
			return
		}
		if id, err := uuid.Parse(message.String(m.ParamList[1].Parameter)); err == nil {
			c.tellPick(ev.Now, about, id)
		}
	}
}

func (c *client) tellPicks(now circuit.Instant, of uuid.UUID) {
	var list []message.AvatarPicksReplyData
	c.region.grid.show(of, func(s *shown) {
		for _, p := range s.picks {
			list = append(list, message.AvatarPicksReplyData{PickID: p.PickID, PickName: p.Name})
		}
	})
	inParts(list, func(part []message.AvatarPicksReplyData) {
		reply := &message.AvatarPicksReply{Data: part}
		reply.AgentData.AgentID, reply.AgentData.TargetID = c.session.agentID, of
		c.tell(now, reply)
	})
}

func (c *client) tellPick(now circuit.Instant, of, id uuid.UUID) {
	reply := &message.PickInfoReply{}
	reply.AgentData.AgentID = c.session.agentID
	found := false
	c.region.grid.show(of, func(s *shown) {
		for _, p := range s.picks {
			if p.PickID == id {
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
		Name: message.Text(clip(d.Name, longestItemName)), Desc: message.Text(clip(d.Desc, longestShown)), SnapshotID: d.SnapshotID, PosGlobal: d.PosGlobal,
		User: message.Text(c.session.first + " " + c.session.last), SimName: message.Text(c.region.name), SortOrder: d.SortOrder, Enabled: d.Enabled,
	}
	g.show(c.session.agentID, func(s *shown) {
		s.picks = put(s.picks, p, func(old message.PickInfoReplyData) bool { return old.PickID == p.PickID })
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

// onNotesUpdate notes down what a resident says of another. An empty note takes
// the old one away, as on OpenSim.
func (g *Grid) onNotesUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.AvatarNotesUpdate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	note := clip(m.Data.Notes, longestShown)
	g.show(c.session.agentID, func(s *shown) {
		delete(s.notes, m.Data.TargetID)
		if note == "" || len(s.notes) >= mostPicks {
			return
		}
		if s.notes == nil {
			s.notes = map[uuid.UUID][]byte{}
		}
		s.notes[m.Data.TargetID] = message.Text(note)
	})
}
