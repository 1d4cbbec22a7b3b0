package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Dialogs of instant messages: what IMReceived.Dialog says that a message is.
const (
	DialogGroupInvitation    = 3  // From is the group, or who invites on OpenSim
	DialogBusy               = 20 // also OpenSim's "could not be delivered"
	DialogSessionAdd         = 13 // somebody joins a conversation
	DialogGroupStart         = 15 // opens a group's conversation
	DialogSessionSend        = 17 // a line in a conversation of many
	DialogSessionLeave       = 18
	DialogGroupNotice        = 32
	DialogGroupAccept        = 35 // of an invitation
	DialogGroupDecline       = 36
	DialogGroupNoticeRequest = 37
	DialogFriendOffer        = 38 // the IMReceived is what Accept and Decline want
	DialogFriendAccepted     = 39
	DialogFriendDeclined     = 40
)

// dialog is an instant message that is more than text.
type dialog struct {
	kind   uint8
	to     uuid.UUID
	id     uuid.UUID // of the session, offer or transaction
	text   string
	bucket []byte // binary data by kind; nil is a single 0
}

// instantMessage is d from where the agent stands.
func (a *Agent) instantMessage(d dialog) message.ImprovedInstantMessage {
	if d.bucket == nil {
		d.bucket = []byte{0}
	}
	return message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: a.ID, SessionID: a.session},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			ToAgentID: d.to, Dialog: d.kind, ID: d.id,
			Position: a.root.scene.position, RegionID: a.root.info.ID,
			FromAgentName: message.Text(a.Account.Name()), Message: message.Text(d.text),
			BinaryBucket: d.bucket,
		},
	}
}

func (a *Agent) sendDialog(now circuit.Instant, d dialog) error {
	m := a.instantMessage(d)
	return a.send(now, &m)
}

// tellDialog sends d and returns when it is on its way.
func (a *Agent) tellDialog(ctx context.Context, d dialog) error {
	return a.do(ctx, func(now circuit.Instant) error { return a.sendDialog(now, d) })
}
