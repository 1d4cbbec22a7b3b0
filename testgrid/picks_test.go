package testgrid

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// asks is a GenericMessage: a method and its parameters.
func (v *viewer) asks(method string, about ...uuid.UUID) message.Message {
	m := &message.GenericMessage{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.MethodData.Method = message.Text(method)
	for _, id := range about {
		m.ParamList = append(m.ParamList, message.GenericMessageParamList{Parameter: message.Text(id.String())})
	}
	return m
}

func (v *viewer) picks(id uuid.UUID, name, text string) message.Message {
	m := &message.PickInfoUpdate{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.Data.PickID, m.Data.Name, m.Data.Desc = id, message.Text(name), message.Text(text)
	return m
}

func (v *viewer) advertises(id uuid.UUID, name, text string) message.Message {
	m := &message.ClassifiedInfoUpdate{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.Data.ClassifiedID, m.Data.Name, m.Data.Desc = id, message.Text(name), message.Text(text)
	return m
}

func (v *viewer) notes(of uuid.UUID, text string) message.Message {
	m := &message.AvatarNotesUpdate{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.Data.TargetID, m.Data.Notes = of, message.Text(text)
	return m
}

// However much a resident shows in its profile, all of it can be told, and it
// shows no more than it may.
func TestProfilesFitDatagrams(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		long := strings.Repeat("x", 254)
		var last uuid.UUID
		for range mostPicks {
			last = uuid.New()
			ann.sendReliable(ann.picks(last, long, strings.Repeat("y", 900)))
			ann.sendReliable(ann.advertises(last, long, strings.Repeat("y", 900)))
		}
		ann.sendReliable(ann.picks(uuid.New(), "one too many", ""))
		ann.forget()

		ann.sendReliable(ann.asks("avatarpicksrequest", ann.Agent))
		ann.sendReliable(ann.asks("avatarclassifiedsrequest", ann.Agent))
		picks, ads := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
		for _, m := range ann.listen() {
			switch m := m.(type) {
			case *message.AvatarPicksReply:
				for _, d := range m.Data {
					picks[d.PickID] = true
				}
			case *message.AvatarClassifiedReply:
				for _, d := range m.Data {
					ads[d.ClassifiedID] = true
				}
			}
		}
		check(t, len(picks) == mostPicks && len(ads) == mostPicks, "told of %d picks and %d classifieds", len(picks), len(ads))

		ann.sendReliable(ann.asks("pickinforequest", ann.Agent, last))
		pick := expect[*message.PickInfoReply](ann)
		check(t, len(message.String(pick.Data.Desc)) == longestShown, "the pick says %d bytes", len(pick.Data.Desc))
		ask := &message.ClassifiedInfoRequest{}
		ask.AgentData.AgentID, ask.AgentData.SessionID, ask.Data.ClassifiedID = ann.Agent, ann.Session, last
		ann.sendReliable(ask)
		ad := expect[*message.ClassifiedInfoReply](ann)
		check(t, len(message.String(ad.Data.Desc)) == longestShown, "the classified says %d bytes", len(ad.Data.Desc))

		ann.sendReliable(ann.picks(last, "another name", ""))
		ann.sendReliable(ann.asks("pickinforequest", ann.Agent, last))
		pick = expect[*message.PickInfoReply](ann)
		check(t, message.String(pick.Data.Name) == "another name", "it can't be changed: %q", pick.Data.Name)
	})
}

// A resident that has all the notes that it may can still change them, and makes
// room by emptying one.
func TestNotesChangeAndGo(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		about := make([]uuid.UUID, mostPicks+1)
		for i := range about {
			about[i] = uuid.New()
			ann.sendReliable(ann.notes(about[i], "first"))
		}
		says := func(of uuid.UUID) string {
			ann.forget()
			ann.sendReliable(ann.asks("avatarnotesrequest", of))
			return message.String(expect[*message.AvatarNotesReply](ann).Data.Notes)
		}
		check(t, says(about[0]) == "first" && says(about[mostPicks]) == "", "one too many is kept")
		ann.sendReliable(ann.notes(about[0], "second"))
		check(t, says(about[0]) == "second", "the note says %q, want what was written last", says(about[0]))
		ann.sendReliable(ann.notes(about[0], ""))
		ann.sendReliable(ann.notes(about[mostPicks], "last"))
		check(t, says(about[0]) == "" && says(about[mostPicks]) == "last", "an emptied note makes no room")
	})
}
