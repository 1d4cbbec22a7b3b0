package agent

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/llsd"
)

// GroupSessionOpened is a group's conversation that the agent has come into:
// it opened it itself (ChatterBoxSessionStartReply), or somebody spoke to the
// group (ChatterBoxInvitation).
type GroupSessionOpened struct {
	At         circuit.Instant
	Group      uuid.UUID // the session's id, too
	Name       string    // the group's
	By         uuid.UUID // who opened it
	ByName     string
	Invitation bool // somebody else did: AcceptChat is the answer
}

// GroupSessionMembers tells who has come into a group's conversation, or left
// it (ChatterBoxSessionAgentListUpdates). OpenSim tells of the agent's own
// coming alone.
type GroupSessionMembers struct {
	At            circuit.Instant
	Group         uuid.UUID
	Entered, Left []uuid.UUID
}

// groupSession tells subscribers what an event queue brought of a group's
// conversation.
func (a *Agent) groupSession(at circuit.Instant, e *eq.Event) {
	opened, members := listens[GroupSessionOpened](a), listens[GroupSessionMembers](a)
	if !opened && !members {
		return
	}
	a.fill(e)
	switch e.Name {
	case "ChatterBoxSessionStartReply":
		if s, ok := a.startedSession(at, e.Body); ok && opened {
			emit(a, s)
		}
	case "ChatterBoxInvitation":
		if s, ok := invitedSession(at, e.Body); ok && opened {
			emit(a, s)
		}
	case "ChatterBoxSessionAgentListUpdates":
		if s, ok := sessionMembers(at, e.Body); ok && members {
			emit(a, s)
		}
	}
}

// startedSession reads the answer to OpenChat; false for a refusal.
func (a *Agent) startedSession(at circuit.Instant, body map[string]any) (GroupSessionOpened, bool) {
	var b struct {
		Session uuid.UUID `llsd:"session_id"`
		Success bool      `llsd:"success"`
		Info    struct {
			Name string `llsd:"session_name"`
		} `llsd:"session_info"`
	}
	err := llsd.Convert(body, &b)
	return GroupSessionOpened{At: at, Group: b.Session, Name: b.Info.Name, By: a.ID, ByName: a.String()}, err == nil && b.Success
}

// invitedSession reads an invitation; false for one into a conversation of
// some residents that is no group's.
func invitedSession(at circuit.Instant, body map[string]any) (GroupSessionOpened, bool) {
	var b struct {
		Session  uuid.UUID `llsd:"session_id"`
		Name     string    `llsd:"session_name"`
		From     uuid.UUID `llsd:"from_id"`
		FromName string    `llsd:"from_name"`
		Message  struct {
			Params struct {
				FromGroup bool `llsd:"from_group"`
			} `llsd:"message_params"`
		} `llsd:"instantmessage"`
	}
	err := llsd.Convert(body, &b)
	return GroupSessionOpened{At: at, Group: b.Session, Name: b.Name, By: b.From, ByName: b.FromName, Invitation: true},
		err == nil && b.Message.Params.FromGroup
}

// sessionMembers reads who came and went. Second Life has had two forms of it:
// agent_updates tell more of each than updates, which may stand beside them.
func sessionMembers(at circuit.Instant, body map[string]any) (GroupSessionMembers, bool) {
	var b struct {
		Session uuid.UUID      `llsd:"session_id"`
		Brief   map[string]any `llsd:"updates"`
		Updates map[string]struct {
			Transition string `llsd:"transition"`
		} `llsd:"agent_updates"`
	}
	if llsd.Convert(body, &b) != nil {
		return GroupSessionMembers{}, false
	}
	transitions := b.Brief
	for id, u := range b.Updates {
		if transitions == nil {
			transitions = map[string]any{}
		}
		transitions[id] = u.Transition
	}
	m := GroupSessionMembers{At: at, Group: b.Session}
	for _, text := range slices.Sorted(maps.Keys(transitions)) {
		id, err := uuid.Parse(text)
		switch {
		case err != nil:
		case transitions[text] == "ENTER":
			m.Entered = append(m.Entered, id)
		case transitions[text] == "LEAVE":
			m.Left = append(m.Left, id)
		}
	}
	return m, len(m.Entered)+len(m.Left) > 0
}
