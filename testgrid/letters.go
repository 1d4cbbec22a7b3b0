package testgrid

import (
	"bytes"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
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
	for _, letter := range g.records.letters(c.session.agentID) {
		letter.MessageBlock.Offline = 1
		c.tell(ev.Now, letter)
	}
}

// letters gives what waits for a resident, and forgets it.
func (s *records) letters(of uuid.UUID) (list []*message.ImprovedInstantMessage) {
	s.with(of, func(r *record) { list, r.letters = r.letters, nil })
	return list
}

// serveOfflineMessages is the same by capability, as Second Life has it.
func (g *Grid) serveOfflineMessages(s *session, w http.ResponseWriter, _ *http.Request) {
	list := []any{}
	for _, letter := range g.records.letters(s.agentID) {
		b := &letter.MessageBlock
		list = append(list, map[string]any{
			"from_agent_id": letter.AgentData.AgentID, "from_agent_name": message.String(b.FromAgentName), "to_agent_id": b.ToAgentID,
			"message": message.String(b.Message), "dialog": int32(b.Dialog), "offline": int32(1), "timestamp": int32(b.Timestamp),
			"transaction-id": b.ID, "region_id": b.RegionID, "from_group": b.FromGroup, "binary_bucket": b.BinaryBucket,
			"local_x": float64(b.Position.X), "local_y": float64(b.Position.Y), "local_z": float64(b.Position.Z), "parent_estate_id": int32(b.ParentEstateID),
		})
	}
	writeLLSD(w, llsd.ContentTypeXML, []any{list})
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
