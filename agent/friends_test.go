package agent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/agent"
)

func isOffer(e agent.IMReceived) bool { return e.Dialog == agent.DialogFriendOffer }

// befriend makes two residents friends.
func (m *meeting) befriend(a, b *agent.Agent) {
	m.Helper()
	offered := agent.Expect(b, isOffer)
	accepted := agent.Expect(a, func(e agent.IMReceived) bool { return e.Dialog == agent.DialogFriendAccepted })
	m.must(a.Friends().Offer(m.ctx(), b.ID, "shall we?"))
	offer := got[agent.IMReceived](m)(offered.Wait(m.ctx(), "the offer"))
	if offer.From != a.ID || offer.Text != "shall we?" {
		m.Errorf("offer is %+v", offer)
	}
	m.must(b.Friends().Accept(m.ctx(), offer))
	if e := got[agent.IMReceived](m)(accepted.Wait(m.ctx(), "the answer")); e.From != b.ID {
		m.Errorf("accepted by %v", e.From)
	}
}

func TestFriendshipFromOfferToEnd(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	m.befriend(a, b)

	changes := make(chan agent.FriendChange, 8)
	defer b.Friends().Watch(func(c agent.FriendChange) { c.At = 0; changes <- c })()
	m.must(a.Friends().Grant(m.ctx(), b.ID, agent.RightSeeOnMap))
	m.must(a.Friends().Grant(m.ctx(), b.ID, agent.RightSeeOnline|agent.RightModify))
	m.must(a.Logout(m.ctx()))
	a = m.enter("Bot1")
	if diff := cmp.Diff([]agent.Friend{{ID: b.ID, Granted: 5, Received: 1}}, a.Friends().AtLogin()); diff != "" {
		t.Errorf("friends at login (-want +got):\n%s", diff)
	}
	m.must(a.Friends().End(m.ctx(), b.ID))
	want := []agent.FriendChange{
		{ID: a.ID, Change: agent.FriendOffline}, {ID: a.ID, Change: agent.FriendRights, Rights: 2},
		{ID: a.ID, Change: agent.FriendOnline}, {ID: a.ID, Change: agent.FriendRights, Rights: 5},
		{ID: a.ID, Change: agent.FriendOffline}, {ID: a.ID, Change: agent.FriendOnline}, {ID: a.ID, Change: agent.FriendEnded},
	}
	for i, w := range want {
		select {
		case c := <-changes:
			if c != w {
				t.Errorf("change %d is %+v, want %+v", i, c, w)
			}
		case <-m.ctx().Done():
			t.Fatalf("change %d never came, want %+v", i, w)
		}
	}
}

func TestFriendsOffers(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	offered := agent.Expect(b, isOffer)
	m.must(a.Friends().Offer(m.ctx(), b.ID, "hm?"))
	offer := got[agent.IMReceived](m)(offered.Wait(m.ctx(), "the offer"))
	declined := agent.Expect(a, func(e agent.IMReceived) bool { return e.Dialog == agent.DialogFriendDeclined })
	m.must(b.Friends().Decline(m.ctx(), offer))
	got[agent.IMReceived](m)(declined.Wait(m.ctx(), "the refusal"))

	if err := b.Friends().Accept(m.shortly(), offer); err == nil {
		t.Error("an offer that was declined could be accepted")
	}
	if err := a.Friends().Grant(m.shortly(), b.ID, agent.RightModify); err == nil {
		t.Error("rights could be given to somebody who is no friend")
	}
}
