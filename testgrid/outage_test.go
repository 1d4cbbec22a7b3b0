package testgrid

import (
	"testing"
	"time"

	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid/faults"
)

// goingDown is two regions, of which the first goes down after ten seconds.
func goingDown(kind string) Config {
	return Config{Regions: 2, Faults: []faults.Fault{
		{Region: kind, Name: "Region 1", From: faults.Duration(10 * time.Second), MS: 20_000},
	}}
}

// heardSoFar is listen for regions that answer no ping.
func (v *viewer) heardSoFar() []message.Message {
	v.w.t.Helper()
	v.read(time.Millisecond)
	all := v.heard
	v.heard, v.flags = nil, nil
	return all
}

func TestARegionThatRestartsTellsItsAgents(t *testing.T) {
	inWorld(t, goingDown(faults.Restart), func(w *world) {
		ann := w.enter("Ann", at(250, 100, 0))
		bob := w.enter("Bob", inRegion(2, 10, 100, 0))
		west := bob.looksInto(1)
		w.pass(10 * time.Second)
		kicked := of[*message.KickUser](ann.heardSoFar())
		if len(kicked) != 1 || message.String(kicked[0].UserInfo.Reason) != "The simulator is going down." {
			t.Fatalf("the agent heard %v", kicked)
		}
		check(t, len(of[*message.DisableSimulator](west.heardSoFar())) == 1, "who looks in isn't told")
		check(t, len(of[*message.KickUser](bob.heardSoFar())) == 0, "another region's agent was kicked")
		check(t, w.grid.directory.agents() == 1, "%d agents are online, want the one of the other region", w.grid.directory.agents())

		// Logins go to the other region meanwhile, and nobody gets over the border.
		again := w.login("Ann", at(100, 100, 0))
		check(t, w.grid.directory.byAgent(again.Agent).entry.region == w.grid.regions[1], "she is let into a region that is down")
		bob.send(bob.teleportsTo(1, 100, 100))
		failed := expect[*message.TeleportFailed](bob)
		check(t, message.String(failed.Info.Reason) == "The region you tried to teleport to was not found", "teleport failed for %q", failed.Info.Reason)
		check(t, w.session(bob, 1) == nil, "he still has a session in the region that is down")

		w.pass(20 * time.Second)
		cal := w.enter("Cal", at(100, 100, 0))
		check(t, w.grid.directory.byAgent(cal.Agent).entry.region == w.grid.regions[0], "the region isn't back")
	})
}

// A region that restarts doesn't wait for anybody's acknowledgement: where the
// client of an old circuit comes back from, a new one is opened.
func TestARestartLeavesNoCircuit(t *testing.T) {
	inWorld(t, goingDown(faults.Restart), func(w *world) {
		w.enter("Ann", at(250, 100, 0)) // and reads nothing more
		w.until(10*time.Second + noticeTime + time.Second)
		check(t, w.stats(0).Loop.Circuits == 0, "%d circuits outlast the region", w.stats(0).Loop.Circuits)
	})
}

func TestARegionThatCrashesTellsNobody(t *testing.T) {
	inWorld(t, goingDown(faults.Crash), func(w *world) {
		ann := w.enter("Ann", at(250, 100, 0))
		w.pass(9 * time.Second)
		ann.forget()
		w.pass(2 * time.Second)
		ann.forget() // the second before
		ann.send(&message.StartPingCheck{})
		w.pass(5 * time.Second)
		if got := names(ann.heardSoFar()); len(got) > 0 {
			t.Errorf("a region that crashed says %v", got)
		}
		check(t, w.stats(0).Avatars == 0, "it keeps its avatars")
		check(t, w.grid.directory.agents() == 1, "the grid's books lost the agent")

		w.pass(20 * time.Second)
		ann.send(&message.StartPingCheck{})
		w.pass(time.Second)
		if got := names(ann.heardSoFar()); len(got) > 0 {
			t.Errorf("it is back, and knows the old circuit: %v", got)
		}
		refused := w.xmlLogin(credentials("Ann", at(100, 100, 0)))
		check(t, refused["reason"] == "presence", "the next login is refused with %v, want presence", refused["reason"])
		again := w.enter("Ann", at(100, 100, 0))
		check(t, w.stats(0).Avatars == 1 && again.Agent == ann.Agent, "she can't come back")
	})
}

// until lets time go by up to then, since the grid began.
func (w *world) until(then time.Duration) { w.pass(then - time.Since(w.grid.began)) }

// The end of an outage doesn't end another that has begun meanwhile.
func TestOutagesOverlap(t *testing.T) {
	crash := func(from time.Duration) faults.Fault {
		return faults.Fault{Region: faults.Crash, Name: "Region 1", From: faults.Duration(from), MS: 20_000}
	}
	inWorld(t, Config{Regions: 2, Faults: []faults.Fault{crash(10 * time.Second), crash(20 * time.Second)}}, func(w *world) {
		lands := func(first string) *region {
			return w.grid.directory.byAgent(w.enter(first, at(100, 100, 0)).Agent).entry.region
		}
		w.until(31 * time.Second)
		check(t, lands("Ann") == w.grid.regions[1], "the region is back before its second outage has ended")
		w.until(41 * time.Second)
		check(t, lands("Bob") == w.grid.regions[0], "the region isn't back")
	})
}

// A region that comes back after a crash knows nobody, and has room for all.
func TestACrashForgetsWhoWasStillToCome(t *testing.T) {
	down := goingDown(faults.Crash)
	down.Capacity = 2
	inWorld(t, down, func(w *world) {
		w.enter("Ann", at(100, 100, 0))
		w.until(9 * time.Second)
		late := w.viewer(w.login("Bob", at(100, 100, 0)))
		w.until(31 * time.Second)
		late.send(late.useCircuitCode())
		late.send(late.completeMovement())
		w.pass(time.Second)
		if got := of[*message.AgentMovementComplete](late.heardSoFar()); len(got) > 0 {
			t.Errorf("a login from before the crash is let in: %v", got)
		}
		check(t, w.stats(0).Unauthorised > 0, "its circuit code is still known")
		w.enter("Cal", at(100, 100, 0))
		w.enter("Dan", at(100, 100, 0))
		again := w.xmlLogin(credentials("Eve", at(100, 100, 0)))
		check(t, again["message"] == failFull.message, "a third one gets %v, want that it is full", again["message"])
	})
}

// Who has left a region when it crashes arrives elsewhere, may come back later,
// and is told when the region is there again.
func TestWhoLeftBeforeACrashComesBack(t *testing.T) {
	inWorld(t, goingDown(faults.Crash), func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		w.told(ann, 1)
		w.until(9 * time.Second)
		ann.sendReliable(ann.teleportsTo(2, 30, 40))
		w.event(ann, 1, "TeleportFinish")
		w.until(11 * time.Second) // it has crashed
		east := ann.looksInto(2)
		east.sendReliable(east.completeMovement())
		expect[*message.AgentMovementComplete](east)
		check(t, w.session(ann, 1) == nil, "her session in the region that crashed is kept")
		w.until(31 * time.Second)
		w.event(ann, 2, "EnableSimulator")
		back := ann.looksInto(1)
		east.sendReliable(east.teleportsTo(1, 50, 60))
		w.event(ann, 2, "TeleportFinish")
		back.sendReliable(back.completeMovement())
		expect[*message.AgentMovementComplete](back)
		w.pass(time.Second)
		check(t, w.stats(0).Avatars == 1 && w.stats(1).Avatars == 0, "avatars are elsewhere")
	})
}

func TestNoRegionIsLeft(t *testing.T) {
	inWorld(t, Config{Faults: []faults.Fault{{Region: faults.Crash}}}, func(w *world) {
		w.pass(time.Second)
		refused := w.xmlLogin(credentials("Ann", "last"))
		check(t, refused["reason"] == "key" && refused["message"] == failDown.message, "refused with %v", refused)
		w.pass(10 * time.Second)
		w.enter("Ann", "last")
	})
}

func TestTeleportsMeetFaults(t *testing.T) {
	const soon, patience = 5 * time.Second, 20 * time.Second
	for _, tt := range []struct {
		fault  faults.Fault
		within time.Duration
		want   string // why the teleport failed; "" where nothing more is heard of it
	}{
		{faults.Fault{Teleport: faults.Fail}, soon, "Failed on purpose."},
		{faults.Fault{Teleport: faults.Fail, Reason: "no entry"}, soon, "no entry"},
		{faults.Fault{Teleport: faults.Hang}, patience, ""},
		{faults.Fault{Teleport: faults.Lose}, soon, ""},
		{faults.Fault{Teleport: faults.Lose}, patience, "Problems connecting to destination Region 2, reason: Connection between viewer and destination region could not be established."},
	} {
		inWorld(t, Config{Regions: 2, Faults: []faults.Fault{tt.fault}}, func(w *world) {
			ann := w.enter("Ann", at(100, 100, 0))
			ann.send(ann.teleportsTo(2, 100, 100))
			expect[*message.TeleportStart](ann)
			w.pass(tt.within)
			got := ""
			for _, m := range of[*message.TeleportFailed](ann.heardSoFar()) {
				got += message.String(m.Info.Reason)
			}
			if got != tt.want {
				t.Errorf("%v: within %v %q, want %q", tt.fault, tt.within, got, tt.want)
			}
			stays := tt.want != "" || tt.fault.Teleport == faults.Hang
			check(t, (w.stats(0).Avatars == 1) == stays, "%v: %d avatars where it began", tt.fault, w.stats(0).Avatars)
			name := tt.fault.String()
			if n := w.grid.Stats(w.t.Context()).Faults[name]; n != 1 {
				t.Errorf("%s is counted %d times", name, n)
			}
		})
	}
}

func TestOutagesAreCounted(t *testing.T) {
	inWorld(t, goingDown(faults.Crash), func(w *world) {
		w.pass(11 * time.Second)
		if s := w.grid.Stats(w.t.Context()); s.Faults["region crash"] != 1 || s.Regions[1].Faults["region crash"] != 0 {
			t.Errorf("counted %v", s.Faults)
		}
	})
}
