package testgrid

import (
	"bytes"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// mostLetters bounds what is kept for a resident who never comes.
const mostLetters = 50

// copied makes a message of the loop's one that lasts.
func copied(m *message.ImprovedInstantMessage) *message.ImprovedInstantMessage {
	out := &message.ImprovedInstantMessage{AgentData: m.AgentData, MessageBlock: m.MessageBlock}
	b := &out.MessageBlock
	b.FromAgentName, b.Message, b.BinaryBucket = bytes.Clone(b.FromAgentName), bytes.Clone(b.Message), bytes.Clone(b.BinaryBucket)
	return out
}

// keep saves a message for a resident who isn't logged in; it tells whether
// there was room.
func (s *records) keep(to uuid.UUID, m *message.ImprovedInstantMessage) (kept bool) {
	s.with(to, func(r *record) {
		if kept = len(r.letters) < mostLetters; kept {
			r.letters = append(r.letters, m)
		}
	})
	return kept
}

// onRetrieveInstantMessages brings what came while the resident was away, and
// forgets it.
func (g *Grid) onRetrieveInstantMessages(ev *circuit.Event) {
	m := &ev.Message.(*message.RetrieveInstantMessages).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	var letters []*message.ImprovedInstantMessage
	g.records.with(c.session.agentID, func(r *record) { letters, r.letters = r.letters, nil })
	for _, letter := range letters {
		letter.MessageBlock.Offline = 1
		c.tell(ev.Now, letter)
	}
}

// postpone keeps a message for somebody who isn't logged in, and says so to
// the sender, from the receiver's id, as OpenSim's offline messages do. It
// tells whether there is such a resident.
func (r *region) postpone(now circuit.Instant, from *client, m *message.ImprovedInstantMessage) bool {
	to := m.MessageBlock.ToAgentID
	if _, _, known := r.grid.directory.name(to); !known {
		return false
	}
	text := "User is not logged in. Message saved."
	if !r.grid.records.keep(to, copied(relayed(now, from, m))) {
		text = "User is not logged in. Message not saved: the mailbox is full."
	}
	out := &message.ImprovedInstantMessage{}
	out.AgentData.AgentID = to
	b := &out.MessageBlock
	b.ToAgentID, b.Dialog, b.ID = from.session.agentID, dialogMessage, xor(from.session.agentID, to)
	b.Timestamp = uint32(now.Time().Unix())
	b.FromAgentName, b.Message = message.Text("System"), message.Text(text)
	from.tell(now, out)
	return true
}
