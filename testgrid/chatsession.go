package testgrid

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
)

// serveChatSession answers ChatSessionRequest, by which viewers of Second Life
// say what they do about a conversation that they were invited to: who accepts
// gets a list of who is in it, who declines hears no more of it. Since a group's
// members are in from the first line on, as on OpenSim, accepting only tells.
func (g *Grid) serveChatSession(s *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Method  string    `llsd:"method"`
		Session uuid.UUID `llsd:"session-id"`
	}
	if !readLLSD(w, r, preferencesLimit, &asked) {
		return
	}
	var answer map[string]any
	g.groups.with(asked.Session, func(group *group) {
		if group.members[s.agentID] == nil {
			return
		}
		switch asked.Method {
		case "accept invitation":
			group.talking[s.agentID] = true
			answer = map[string]any{"agent_info": group.speakers()}
		case "decline invitation":
			group.talking[s.agentID] = false
			answer = map[string]any{}
		}
	})
	if answer == nil {
		http.Error(w, "no such conversation, or request", http.StatusNotFound)
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, answer)
}

// speakers is who is in a group's conversation. The groups' lock is held.
func (g *group) speakers() map[string]any {
	list := map[string]any{}
	for who, in := range g.talking {
		if in {
			list[who.String()] = map[string]any{"can_voice_chat": false, "is_moderator": false, "mutes": map[string]any{"text": false}}
		}
	}
	return list
}
