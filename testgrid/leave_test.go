package testgrid

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

func TestLogout(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		bob := w.enter("Bob", at(62, 60, 0))
		var annID uint32
		w.on(0, func(r *region) { annID = r.clients[ann.Agent].localID })
		queue := w.seed(ann.loggedIn, "EventQueueGet")["EventQueueGet"]

		ann.sendReliable(ann.logsOut())
		reply, flags := expectFlags[*message.LogoutReply](ann)
		check(t, flags&message.FlagReliable != 0, "LogoutReply came unreliably")
		check(t, reply.AgentData.AgentID == ann.Agent && reply.AgentData.SessionID == ann.Session, "LogoutReply is for %v", reply.AgentData)
		check(t, len(reply.InventoryData) == 1, "LogoutReply has %d inventory blocks", len(reply.InventoryData))

		kill := expect[*message.KillObject](bob)
		if diff := cmp.Diff([]message.KillObjectObjectData{{ID: annID}}, kill.ObjectData); diff != "" {
			t.Errorf("KillObject (-want +got):\n%s", diff)
		}
		check(t, w.post(queue, "application/xml", poll).Code == http.StatusNotFound, "the event queue is still there")
		check(t, w.post(ann.Seed, llsd.ContentTypeXML, "<llsd><array/></llsd>").Code == http.StatusNotFound, "the seed is still there")
		w.pass(time.Second)
		s := w.stats(0)
		check(t, w.clients(0) == 1 && s.Avatars == 1 && s.Loop.Circuits == 1,
			"%d clients, %d avatars, %d circuits are left", w.clients(0), s.Avatars, s.Loop.Circuits)
		w.login("Ann", "last") // no `presence`: she is gone
	})
}

func TestLogoutOfSomebodyElseIsIgnored(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		bob := w.enter("Bob", at(62, 60, 0))
		m := bob.logsOut().(*message.LogoutRequest)
		ann.sendReliable(m)
		ann.listen()
		check(t, w.clients(0) == 2, "somebody was logged out by another")
	})
}

func TestSilentClientIsDropped(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		bob := w.enter("Bob", at(62, 60, 0))
		for range 11 { // Bob stays silent, but for 55 s of it
			w.pass(5 * time.Second)
			ann.listen()
		}
		check(t, w.clients(0) == 2, "somebody was dropped before 60 s")
		for range 2 {
			w.pass(5 * time.Second)
			ann.listen()
		}
		check(t, w.clients(0) == 1, "%d clients are there", w.clients(0))
		check(t, w.stats(0).Timeouts == 1, "%d timeouts counted", w.stats(0).Timeouts)
		check(t, w.grid.directory.byAgent(ann.Agent) != nil, "the one who spoke is gone")
		check(t, w.grid.directory.byAgent(bob.Agent) == nil, "he is still logged in")
	})
}

func TestCloseCircuitLogsOut(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		ann.send(&message.CloseCircuit{})
		w.pass(time.Second)
		check(t, w.clients(0) == 0 && w.grid.directory.agents() == 0, "she is still there")
	})
}

func TestLastPlaceIsKept(t *testing.T) {
	inWorld(t, Config{Regions: 3}, func(w *world) {
		ann := w.enter("Ann", inRegion(3, 60, 70, 0))
		ann.sendReliable(ann.logsOut())
		expect[*message.LogoutReply](ann)
		ann = w.viewer(w.login("Ann", "last"))
		ann.sendReliable(ann.useCircuitCode())
		ann.sendReliable(ann.completeMovement())
		m := expect[*message.AgentMovementComplete](ann)
		check(t, m.Data.Position.X == 60 && m.Data.Position.Y == 70, "she is back at %v", m.Data.Position)
		check(t, m.Data.RegionHandle == w.grid.regions[2].handle(), "she is back in region %x", m.Data.RegionHandle)
	})
}

// Somebody who is logged in already loses the old session and must try again.
func TestPresence(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		fields := w.xmlLogin(credentials("ann", "last")) // names are the same in any case
		check(t, fields["login"] == "false" && fields["reason"] == "presence", "the second login got %v", fields)
		kick := expect[*message.KickUser](ann)
		check(t, kick.UserInfo.AgentID == ann.Agent && kick.UserInfo.SessionID == ann.Session, "kicked %v", kick.UserInfo)
		again := w.login("Ann", "last")
		check(t, again.Agent == ann.Agent, "her id changed from %v to %v", ann.Agent, again.Agent)
		check(t, again.Session != ann.Session && again.Code != ann.Code, "her session or circuit code stayed the same")
		check(t, w.clients(0) == 0, "the old avatar is still there")
	})
}

func TestCodeFromTwoEndpointsEndsTheAgent(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		second := w.viewer(ann.loggedIn)
		second.sendReliable(second.useCircuitCode())
		w.pass(time.Second)
		check(t, w.clients(0) == 0, "the agent is still there")
		check(t, w.grid.directory.byAgent(ann.Agent) == nil, "the agent is still logged in")
	})
}

// A client that comes back with a new login from the endpoint that it had before
// starts its sequence over.
func TestNewLoginFromTheSameEndpoint(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		w.xmlLogin(credentials("Ann", "last"))
		ann.loggedIn = w.login("Ann", at(80, 80, 0))
		ann.sequence, ann.seen = 0, map[uint32]bool{}
		ann.arrive()
		check(t, w.clients(0) == 1, "%d clients are there", w.clients(0))
	})
}

func TestAbandonedLoginIsForgotten(t *testing.T) {
	inWorld(t, Config{SilentAfter: 20 * time.Second}, func(w *world) {
		in := w.login("Ann", "last")
		w.pass(19 * time.Second)
		check(t, w.grid.directory.byAgent(in.Agent) != nil, "forgotten before its time")
		w.pass(7 * time.Second) // the sweep comes every 5 s
		check(t, w.grid.directory.byAgent(in.Agent) == nil, "not forgotten")
		w.login("Ann", "last")
	})
}

func TestCloseSaysGoodbye(t *testing.T) {
	inWorld(t, Config{Regions: 2}, func(w *world) {
		viewers := []*viewer{
			w.enter("Ann", inRegion(1, 60, 60, 0)), w.enter("Bob", inRegion(1, 60, 60, 0)), w.enter("Cid", inRegion(2, 60, 60, 0)),
		}
		closed := make(chan error)
		go func() { closed <- w.grid.Close(w.t.Context()) }()
		for _, v := range viewers {
			expect[*message.DisableSimulator](v)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		fields := w.xmlLogin(credentials("Ann", "last"))
		check(t, fields["login"] == "false", "a login after the end got %v", fields)
	})
}
