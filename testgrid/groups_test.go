package testgrid

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// What a group leaves behind doesn't add up over a long run.
func TestGroupsGoWithTheirLastMember(t *testing.T) {
	s, ann, bob := newGroups(), uuid.New(), uuid.New()
	id, why := s.found(ann, "The Usual", message.UpdateGroupInfoGroupData{OpenEnrollment: true})
	check(t, why == "" && s.join(id, bob), "not founded, or not joined: %s", why)
	check(t, s.remove(id, ann) && s.all[id] != nil, "a group with a member went")
	check(t, s.remove(id, bob) && s.all[id] == nil, "a group without members stays")
}

func TestAnInvitationTakesTheEarlierOnesPlace(t *testing.T) {
	s, ann, bob := newGroups(), uuid.New(), uuid.New()
	id, _ := s.found(ann, "The Usual", message.UpdateGroupInfoGroupData{})
	first, _ := s.invite(id, ann, bob, uuid.Nil)
	second, ok := s.invite(id, ann, bob, uuid.Nil)
	check(t, ok && len(s.invites) == 1, "%d invitations wait for one resident", len(s.invites))
	check(t, !s.answer(first, bob, true) && s.answer(second, bob, true), "the first one held, or the second didn't")

	gone, _ := s.found(bob, "The Others", message.UpdateGroupInfoGroupData{})
	_, _ = s.invite(gone, bob, ann, uuid.Nil)
	s.remove(gone, bob)
	_, _ = s.invite(id, ann, uuid.New(), uuid.Nil)
	check(t, len(s.invites) == 1, "the invitations of a group that went are kept")
}

// Ids that nobody has leave no records.
func TestNobodysRecordsAreNotKept(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		kept := len(w.grid.records.of)
		for range 10 {
			offer := ann.writes(ann, "friends?").(*message.ImprovedInstantMessage)
			offer.MessageBlock.Dialog, offer.MessageBlock.ToAgentID = dialogFriendOffer, uuid.New()
			ann.sendReliable(offer)
			end := &message.TerminateFriendship{}
			end.AgentData.AgentID, end.AgentData.SessionID, end.ExBlock.OtherID = ann.Agent, ann.Session, uuid.New()
			ann.sendReliable(end)
		}
		w.pass(time.Second)
		w.on(0, func(*region) {
			check(t, len(w.grid.records.of) == kept, "%d records, had %d", len(w.grid.records.of), kept)
		})
	})
}
