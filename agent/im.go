package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// DialogMessage is the Dialog of an instant message that is just one: text
// from one agent to another.
const DialogMessage = 0

// OpIM is the operation that IMTo reports.
const OpIM = "msg.im"

// IM sends an instant message.
func (a *Agent) IM(ctx context.Context, to uuid.UUID, text string) error {
	return a.do(ctx, func(now circuit.Instant) error { return a.sendIM(now, to, text, nil) })
}

// IMTo sends an instant message to an agent of this process and waits until
// that agent has received it. It reports msg.im, to this agent's Observer. Let
// texts that are under way at once differ; they can have 1,023 bytes.
func (a *Agent) IMTo(ctx context.Context, peer *Agent, text string) error {
	return a.roundTrip(ctx, OpIM, peer, text, func(now circuit.Instant, sent *circuit.Instant) error {
		return a.sendIM(now, peer.ID, text, sent)
	})
}

func (a *Agent) sendIM(now circuit.Instant, to uuid.UUID, text string, sent *circuit.Instant) error {
	m := a.instantMessage(dialog{kind: DialogMessage, to: to, id: imSession(a.ID, to), text: text})
	return a.root.circuit.SendWith(now, &m, circuit.SendOptions{Reliable: true, Sent: sent})
}

// imSession is the id of a conversation: the exclusive or of the two agents,
// so that both sides find the same.
func imSession(a, b uuid.UUID) uuid.UUID {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}

func (r *region) instantMessage(ev *circuit.Event, m *message.ImprovedInstantMessage) {
	a := r.agent
	b := &m.MessageBlock
	if b.Dialog == DialogMessage && len(a.heard) > 0 {
		a.hear(OpIM, ev.At, m.AgentData.AgentID, trimNUL(b.Message))
	}
	r.lured(ev, m)
	r.tellGift(ev.At, m)
	if listens[IMReceived](a) {
		emit(a, IMReceived{
			At: ev.At, From: m.AgentData.AgentID, FromName: message.String(b.FromAgentName),
			Dialog: b.Dialog, SessionID: b.ID, Offline: b.Offline != 0, Text: message.String(b.Message),
		})
	}
}
