package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
)

// OpenChat opens a group's conversation, and waits until the grid says that it
// stands (ChatterBoxSessionStartReply, by the event queue). Its id is the
// group's.
func (g Groups) OpenChat(ctx context.Context, id uuid.UUID) error {
	started := Expect(g.a, func(e QueueEvent) bool {
		return e.Name == "ChatterBoxSessionStartReply" && (idOf(e.Body["temp_session_id"]) == id || idOf(e.Body["session_id"]) == id)
	})
	err := g.a.tellDialog(ctx, dialog{kind: DialogGroupStart, to: id, id: id, bucket: []byte{}})
	if err != nil {
		started.Cancel()
		return err
	}
	e, err := started.Wait(ctx, "the group's conversation (ChatterBoxSessionStartReply)")
	if err != nil {
		return err
	}
	if success, _ := e.Body["success"].(bool); !success {
		text, _ := e.Body["error"].(string)
		return &GroupError{fmt.Sprintf("open the conversation of group %v", id), reason.OneLine(text)}
	}
	return nil
}

// AcceptChat enters a conversation that others have opened, after the first
// line that OnChat told as Invitation, and gives who is in it: by the
// capability ChatSessionRequest. A grid without it (OpenSim) wants no answer,
// and tells of nobody.
func (g Groups) AcceptChat(ctx context.Context, id uuid.UUID) (members []uuid.UUID, err error) {
	var answer struct {
		Members map[string]any `llsd:"agent_info"`
	}
	if err := g.answerInvitation(ctx, "accept invitation", id, &answer); err != nil {
		return nil, err
	}
	for _, text := range slices.Sorted(maps.Keys(answer.Members)) {
		if who, err := uuid.Parse(text); err == nil {
			members = append(members, who)
		}
	}
	return members, nil
}

// DeclineChat stays out of a conversation that others have opened: what is said
// there isn't heard any more. On a grid without ChatSessionRequest it leaves
// the conversation.
func (g Groups) DeclineChat(ctx context.Context, id uuid.UUID) error {
	_, err := g.a.Capability(ctx, "ChatSessionRequest")
	var none *NoCapabilityError
	if errors.As(err, &none) {
		return g.LeaveChat(ctx, id)
	}
	return g.answerInvitation(ctx, "decline invitation", id, nil)
}

// answerInvitation calls ChatSessionRequest, if there is one.
func (g Groups) answerInvitation(ctx context.Context, method string, id uuid.UUID, answer any) error {
	err := g.a.call(ctx, http.MethodPost, "ChatSessionRequest", map[string]any{"method": method, "session-id": id}, answer)
	var none *NoCapabilityError
	if errors.As(err, &none) {
		return nil
	}
	return err
}

// Say says a line in a group's conversation that OpenChat has opened. All in
// it hear it, the speaker too.
func (g Groups) Say(ctx context.Context, id uuid.UUID, text string) error {
	return g.a.tellDialog(ctx, dialog{kind: DialogSessionSend, to: id, id: id, text: text, bucket: []byte{}})
}

// LeaveChat leaves a group's conversation.
func (g Groups) LeaveChat(ctx context.Context, id uuid.UUID) error {
	return g.a.tellDialog(ctx, dialog{kind: DialogSessionLeave, to: id, id: id, bucket: []byte{}})
}

// GroupLine is a line of a group's conversation.
type GroupLine struct {
	At         circuit.Instant
	Group      uuid.UUID
	From       uuid.UUID
	FromName   string
	Text       string
	Invitation bool // the first that the agent hears, by ChatterBoxInvitation
}

// OnChat calls on, on the loop, for each line of a group's conversation: on
// must not block.
func (g Groups) OnChat(id uuid.UUID, on func(GroupLine)) (cancel func()) {
	stopLines := Subscribe(g.a, func(e IMReceived) {
		if e.Dialog == DialogSessionSend && e.SessionID == id {
			on(GroupLine{At: e.At, Group: id, From: e.From, FromName: e.FromName, Text: e.Text})
		}
	})
	stopInvitations := Subscribe(g.a, func(e QueueEvent) {
		if e.Name != "ChatterBoxInvitation" {
			return
		}
		if line, ok := invitationLine(e); ok && line.Group == id {
			on(line)
		}
	})
	return func() { stopLines(); stopInvitations() }
}

// invitationLine reads a ChatterBoxInvitation, which carries the line that
// opened the conversation.
func invitationLine(e QueueEvent) (GroupLine, bool) {
	var body struct {
		Session  uuid.UUID `llsd:"session_id"`
		From     uuid.UUID `llsd:"from_id"`
		FromName string    `llsd:"from_name"`
		Message  struct {
			Params struct {
				Text string `llsd:"message"`
			} `llsd:"message_params"`
		} `llsd:"instantmessage"`
	}
	if llsd.Convert(e.Body, &body) != nil {
		return GroupLine{}, false
	}
	return GroupLine{
		At: e.At, Group: body.Session, From: body.From, FromName: body.FromName, Text: body.Message.Params.Text, Invitation: true,
	}, true
}

// idOf reads an id of an event's body, which may be text.
func idOf(v any) uuid.UUID {
	switch v := v.(type) {
	case uuid.UUID:
		return v
	case string:
		id, err := uuid.Parse(v)
		if err == nil {
			return id
		}
	}
	return uuid.Nil
}
