package agent

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/login"
	"github.com/slload/slload/message"
)

// Rights are what a friend may do, as bits.
type Rights int32

// The rights of friends.
const (
	RightSeeOnline Rights = 1 // what both get with a new friendship
	RightSeeOnMap  Rights = 2
	RightModify    Rights = 4 // edit, delete or take the other's objects
)

// Friend is a resident whose friendship the agent has accepted, or the other
// way round.
type Friend struct {
	ID       uuid.UUID
	Granted  Rights // that the agent gave
	Received Rights // that it has
}

// Friends is the service of an agent's friendships.
type Friends struct{ a *Agent }

// Friends gives the service. It costs nothing.
func (a *Agent) Friends() Friends { return Friends{a} }

// keepBuddies keeps a login's list for AtLogin; few accounts of load tests
// have friends.
func (a *Agent) keepBuddies(list []login.Buddy) {
	if len(list) > 0 {
		a.buddies = &list
	}
}

// AtLogin lists the friends that the login named. What changes later comes by
// Watch and by instant messages.
func (f Friends) AtLogin() []Friend {
	if f.a.buddies == nil {
		return nil
	}
	list := make([]Friend, len(*f.a.buddies))
	for i, b := range *f.a.buddies {
		list[i] = Friend{ID: b.ID, Granted: Rights(b.Given), Received: Rights(b.Gotten)}
	}
	return list
}

// Offer asks a resident to be a friend. The other gets an IMReceived with
// DialogFriendOffer, now or when it logs in, and the agent one with
// DialogFriendAccepted or DialogFriendDeclined in time.
func (f Friends) Offer(ctx context.Context, to uuid.UUID, text string) error {
	return f.a.tellDialog(ctx, dialog{kind: DialogFriendOffer, to: to, id: uuid.New(), text: text})
}

// Accept accepts an offer, which the IMReceived brought, and waits until the
// simulator says that who made it is online. Where that one has left meanwhile
// nothing is said, and the wait ends with ctx.
func (f Friends) Accept(ctx context.Context, offer IMReceived) error {
	m := message.AcceptFriendship{
		AgentData:        message.AcceptFriendshipAgentData{AgentID: f.a.ID, SessionID: f.a.session},
		TransactionBlock: message.AcceptFriendshipTransactionBlock{TransactionID: offer.SessionID},
		// Where the calling card goes; OpenSim wants one and takes any.
		FolderData: []message.AcceptFriendshipFolderData{{FolderID: uuid.Nil}},
	}
	_, err := request(ctx, f.a, "the new friend to be online (OnlineNotification)", message.IDOnlineNotification, f.a.sending(&m),
		func(m message.Message) (struct{}, bool) {
			online := m.(*message.OnlineNotification).AgentBlock // maybe of other friends
			return struct{}{}, slices.ContainsFunc(online, func(b message.OnlineNotificationAgentBlock) bool { return b.AgentID == offer.From })
		})
	return err
}

// Decline refuses an offer.
func (f Friends) Decline(ctx context.Context, offer IMReceived) error {
	return f.a.tellRegion(ctx, &message.DeclineFriendship{
		AgentData:        message.DeclineFriendshipAgentData{AgentID: f.a.ID, SessionID: f.a.session},
		TransactionBlock: message.DeclineFriendshipTransactionBlock{TransactionID: offer.SessionID},
	})
}

// Grant gives a friend these rights and no others, and waits until the
// simulator confirms them. Who is no friend gets no answer on OpenSim.
func (f Friends) Grant(ctx context.Context, friend uuid.UUID, rights Rights) error {
	m := message.GrantUserRights{
		AgentData: message.GrantUserRightsAgentData{AgentID: f.a.ID, SessionID: f.a.session},
		Rights:    []message.GrantUserRightsRights{{AgentRelated: friend, RelatedRights: int32(rights)}},
	}
	_, err := request(ctx, f.a, "the rights to change (ChangeUserRights)", message.IDChangeUserRights, f.a.sending(&m),
		func(m message.Message) (struct{}, bool) {
			changed := m.(*message.ChangeUserRights)
			for _, r := range changed.Rights {
				if changed.AgentData.AgentID == f.a.ID && r.AgentRelated == friend && r.RelatedRights == int32(rights) {
					return struct{}{}, true
				}
			}
			return struct{}{}, false
		})
	return err
}

// End terminates a friendship and waits until the simulator has.
func (f Friends) End(ctx context.Context, friend uuid.UUID) error {
	m := message.TerminateFriendship{
		AgentData: message.TerminateFriendshipAgentData{AgentID: f.a.ID, SessionID: f.a.session},
		ExBlock:   message.TerminateFriendshipExBlock{OtherID: friend},
	}
	_, err := request(ctx, f.a, "the friendship to end (TerminateFriendship)", message.IDTerminateFriendship, f.a.sending(&m),
		func(m message.Message) (struct{}, bool) {
			return struct{}{}, m.(*message.TerminateFriendship).ExBlock.OtherID == friend
		})
	return err
}

// FriendChange is what Watch tells of a friend.
type FriendChange struct {
	At     circuit.Instant
	ID     uuid.UUID
	Change FriendChangeKind
	Rights Rights // that the friend gives now, of FriendRights
}

// FriendChangeKind is what happened to a friend.
type FriendChangeKind int

// What Watch tells.
const (
	FriendOnline  FriendChangeKind = iota
	FriendOffline                  // or doesn't let the agent see it any more
	FriendEnded                    // it is no friend any more
	FriendRights                   // gave other rights
)

// Watch calls on, on the loop, for each change of a friend: on must not
// block.
func (f Friends) Watch(on func(FriendChange)) (cancel func()) {
	cancels := []func(){
		onEach(f.a, message.IDOnlineNotification, func(at circuit.Instant, m *message.OnlineNotification) {
			for _, b := range m.AgentBlock {
				on(FriendChange{At: at, ID: b.AgentID, Change: FriendOnline})
			}
		}),
		onEach(f.a, message.IDOfflineNotification, func(at circuit.Instant, m *message.OfflineNotification) {
			for _, b := range m.AgentBlock {
				on(FriendChange{At: at, ID: b.AgentID, Change: FriendOffline})
			}
		}),
		onEach(f.a, message.IDTerminateFriendship, func(at circuit.Instant, m *message.TerminateFriendship) {
			on(FriendChange{At: at, ID: m.ExBlock.OtherID, Change: FriendEnded})
		}),
		onEach(f.a, message.IDChangeUserRights, func(at circuit.Instant, m *message.ChangeUserRights) {
			for _, r := range m.Rights {
				if r.AgentRelated == f.a.ID {
					on(FriendChange{At: at, ID: m.AgentData.AgentID, Change: FriendRights, Rights: Rights(r.RelatedRights)})
				}
			}
		}),
	}
	return func() {
		for _, cancel := range cancels {
			cancel()
		}
	}
}
