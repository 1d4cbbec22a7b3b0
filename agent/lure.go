package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Dialogs of the instant messages that lures travel by.
const (
	DialogLure        = 22 // an offer; its ID is the lure
	DialogLureDecline = 24
	DialogLureRequest = 26 // somebody asks to be offered one
)

// LureOffered is an offer to be teleported to the one who makes it.
type LureOffered struct {
	At       circuit.Instant
	From     uuid.UUID
	FromName string
	Lure     uuid.UUID
	Text     string
}

// LureDeclined is an answer to OfferTeleport: no. OpenSim doesn't carry it.
type LureDeclined struct {
	At       circuit.Instant
	From     uuid.UUID
	FromName string
	Lure     uuid.UUID
}

// OfferTeleport offers residents a teleport to where the agent is. They get
// it as LureOffered.
func (a *Agent) OfferTeleport(ctx context.Context, text string, to ...uuid.UUID) error {
	return a.do(ctx, func(now circuit.Instant) error {
		m := message.StartLure{
			AgentData: message.StartLureAgentData{AgentID: a.ID, SessionID: a.session},
			Info:      message.StartLureInfo{Message: message.Text(text)},
		}
		for _, id := range to {
			m.TargetData = append(m.TargetData, message.StartLureTargetData{TargetID: id})
		}
		return a.send(now, &m)
	})
}

// AcceptLure is Teleport to who offered it.
func (a *Agent) AcceptLure(ctx context.Context, lure uuid.UUID) error {
	return a.teleport(ctx, func() (message.Message, error) {
		return &message.TeleportLureRequest{Info: message.TeleportLureRequestInfo{
			AgentID: a.ID, SessionID: a.session, LureID: lure, TeleportFlags: viaLure,
		}}, nil
	})
}

// DeclineLure tells who offered it no, as LureDeclined. OpenSim doesn't carry
// that.
func (a *Agent) DeclineLure(ctx context.Context, lure LureOffered) error {
	return a.tellDialog(ctx, dialog{kind: DialogLureDecline, to: lure.From, id: lure.Lure})
}

// AskForLure asks a resident to offer a teleport; it gets an IMReceived with
// DialogLureRequest.
func (a *Agent) AskForLure(ctx context.Context, from uuid.UUID, text string) error {
	return a.tellDialog(ctx, dialog{kind: DialogLureRequest, to: from, id: imSession(a.ID, from), text: text})
}

// lured tells subscribers of an offer, or that one was declined.
func (r *region) lured(ev *circuit.Event, m *message.ImprovedInstantMessage) {
	b := &m.MessageBlock
	switch {
	case b.Dialog == DialogLure && listens[LureOffered](r.agent):
		emit(r.agent, LureOffered{
			At: ev.At, From: m.AgentData.AgentID, FromName: message.String(b.FromAgentName),
			Lure: b.ID, Text: message.String(b.Message),
		})
	case b.Dialog == DialogLureDecline && listens[LureDeclined](r.agent):
		emit(r.agent, LureDeclined{At: ev.At, From: m.AgentData.AgentID, FromName: message.String(b.FromAgentName), Lure: b.ID})
	}
}
