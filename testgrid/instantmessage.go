package testgrid

import (
	"context"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Dialogs of ImprovedInstantMessage: what kind of message it is. Those that are
// listed reach another resident; inventory offers are acted on
// first (gift.go); the others (groups, lures) go nowhere.
const (
	dialogMessage     = 0
	dialogBusy        = 20
	dialogLure        = 22 // made by StartLure
	dialogLureDecline = 24 // to who made the lure; OpenSim carries none
	dialogLureRequest = 26
	dialogStartTyping = 41
	dialogStopTyping  = 42
)

// onInstantMessage brings a message to a resident anywhere in the grid. Who isn't
// logged in can't get one, and the sender is told.
func (g *Grid) onInstantMessage(ev *circuit.Event) {
	m := ev.Message.(*message.ImprovedInstantMessage)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || m.MessageBlock.ToAgentID == uuid.Nil {
		return
	}
	if g.onGift(ev.Now, c, m) {
		return
	}
	switch m.MessageBlock.Dialog {
	case dialogMessage, dialogBusy, dialogStartTyping, dialogStopTyping, dialogLureRequest, dialogLureDecline:
	case dialogFriendOffer:
		c.region.offerFriendship(ev.Now, c, m)
		return
	default:
		c.region.onGroupDialog(ev.Now, c, m)
		return
	}
	c.region.counters.messages++
	c.region.forward(ev.Now, c, m)
}

// forward sends the message on: in this region at once, into another one through
// its loop's mailbox. A mailbox that is full loses it, which is counted: a loop
// that waited for another could wait for ever.
func (r *region) forward(now circuit.Instant, from *client, m *message.ImprovedInstantMessage) {
	to := m.MessageBlock.ToAgentID
	if target := r.anyone(to); target != nil {
		target.tell(now, relayed(now, from, m))
		return
	}
	s := r.grid.directory.byAgent(to)
	if s != nil && s.entry.region != r {
		r.tellAnyone(now, to, copied(relayed(now, from, m)))
		return
	}
	if m.MessageBlock.Dialog != dialogMessage || !r.postpone(now, from, m) {
		r.bounce(now, from, m)
	}
}

// dontWait is a context that has ended: a Post with it takes a free place or
// fails.
var dontWait = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// relayed is the message as its receiver gets it: without the sender's session,
// and with an id that both sides know where the sender gave none. It aliases m.
func relayed(now circuit.Instant, from *client, m *message.ImprovedInstantMessage) *message.ImprovedInstantMessage {
	out := &message.ImprovedInstantMessage{AgentData: m.AgentData, MessageBlock: m.MessageBlock}
	out.AgentData.SessionID = uuid.Nil
	block := &out.MessageBlock
	block.Offline = 0
	block.RegionID = from.region.id
	if block.Timestamp == 0 {
		block.Timestamp = uint32(now.Time().Unix())
	}
	if block.ID == uuid.Nil {
		block.ID = xor(m.AgentData.AgentID, block.ToAgentID)
	}
	return out
}

// bounce tells a sender that its message reached nobody and isn't kept, as
// OpenSim does: from the sender's own id, to whom it was meant
// for. Typing isn't worth a word, nor is a lure declined.
func (r *region) bounce(now circuit.Instant, from *client, m *message.ImprovedInstantMessage) {
	switch m.MessageBlock.Dialog {
	case dialogStartTyping, dialogStopTyping, dialogLureDecline:
		return
	}
	out := &message.ImprovedInstantMessage{}
	out.AgentData.AgentID = from.session.agentID
	block := &out.MessageBlock
	block.ToAgentID, block.Dialog = m.MessageBlock.ToAgentID, dialogBusy
	block.ID = xor(out.AgentData.AgentID, block.ToAgentID)
	block.Timestamp = uint32(now.Time().Unix())
	block.FromAgentName = message.Text("System")
	block.Message = message.Text("Unable to send instant message. User is not logged in.")
	from.tell(now, out)
}

func xor(a, b uuid.UUID) uuid.UUID {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}
