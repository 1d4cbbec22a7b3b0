package testgrid

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// What a real OpenSimulator and one of our agents said to each other while that
// teleported, and while it walked over borders. Its regions lie as the grid's
// first four do.
const (
	teleports = "../testdata/captures/opensim-0.9.2-teleport.pcap"
	crossings = "../testdata/captures/opensim-0.9.2-crossing.pcap"
)

// traveller plays the client's half of a journey. It says what the captured
// client said and when, but moves on only when the grid has told it to.
type traveller struct {
	*world
	viewers   map[int]*viewer // by region, from 1
	stands    int
	teleports bool // asked for one
	before    int  // locals when it asked
	began     time.Time
}

func (tr *traveller) say(s saying) {
	tr.t.Helper()
	tr.pass(s.at - time.Since(tr.began))
	v := tr.viewers[s.region()]
	if v == nil {
		v = tr.lookInto(s.region())
	}
	switch s.message.(type) {
	case *message.TeleportLocationRequest:
		tr.teleports, tr.before = true, tr.locals()
	case *message.CompleteAgentMovement:
		tr.moveTo(s.region())
	}
	v.sendAs(s.sequence, s.flags, as(tr.t, s.message, v.loggedIn))
	v.sequence = 1 << 20 // of the viewer's own acks
	for _, v := range tr.viewers {
		v.read(0)
	}
	if tr.teleports && tr.locals() > tr.before {
		tr.teleports = false // it was one inside of the region
	}
}

// locals counts the teleports inside of the region where the client stands.
func (tr *traveller) locals() int {
	return len(of[*message.TeleportLocal](tr.viewers[tr.stands].heard))
}

// lookInto opens a circuit to another region, which must know the agent.
func (tr *traveller) lookInto(n int) *viewer {
	tr.t.Helper()
	first := tr.viewers[1]
	if tr.teleports {
		tr.told(n, "TeleportFinish", "Info")
	}
	s := tr.session(first, n)
	check(tr.t, s != nil, "region %d doesn't expect the agent", n)
	s.seeded.Store(true)
	v := tr.viewer(first.loggedIn)
	v.sim = udp.AddrFrom(tr.grid.regions[n-1].addr)
	tr.viewers[n] = v
	return v
}

// moveTo is the client's arrival somewhere.
func (tr *traveller) moveTo(n int) {
	tr.t.Helper()
	if n != tr.stands && !tr.teleports {
		tr.told(n, "CrossedRegion", "RegionData")
	}
	tr.stands, tr.teleports = n, false
}

// told waits for the event that sends the client to a region.
func (tr *traveller) told(n int, name, block string) {
	tr.t.Helper()
	body := tr.event(tr.viewers[1], tr.stands, name)
	to := body[block].([]any)[0].(map[string]any)
	r := tr.grid.regions[n-1]
	check(tr.t, to["RegionHandle"] == r.handle() && to["SimPort"] == int32(r.addr.Port()), "%s leads to %v, not to region %d", name, to, n)
}

// journey is what each region said that makes a journey, in order.
func journey(all []message.Message) (list []string) {
	for _, m := range all {
		switch m := m.(type) {
		case *message.RegionHandshake, *message.TeleportStart, *message.TeleportLocal:
			list = append(list, m.ID().String())
		case *message.AgentMovementComplete:
			list = append(list, fmt.Sprintf("AgentMovementComplete in %#x", m.Data.RegionHandle))
		}
	}
	return list
}

// replayJourney plays the client's half of a journey to the grid, whose regions
// must say what the real simulator's said. LogoutReply is left out, for the
// real one forgot it, and so is DisableSimulator, which comes when it pleases.
func replayJourney(t *testing.T, name string, client uint16) {
	said := between(t, captured.Read(t, name), client, anySim)
	inWorld(t, four, func(w *world) {
		v := w.viewer(w.login("Bot", arrival(t, said)))
		w.seed(v.loggedIn)
		tr := &traveller{world: w, viewers: map[int]*viewer{1: v}, stands: 1, began: time.Now()}
		real := map[int][]message.Message{}
		for _, s := range said {
			switch {
			case s.fromSim:
				real[s.region()] = append(real[s.region()], s.message)
			case s.message.ID() != message.IDPacketAck:
				tr.say(s)
			}
		}
		w.pass(time.Second)
		for n := range real {
			tr.viewers[n].read(0)
			if diff := cmp.Diff(journey(real[n]), journey(tr.viewers[n].heard)); diff != "" {
				t.Errorf("region %d said (-real simulator +grid):\n%s", n, diff)
			}
			stats := w.stats(n - 1)
			check(t, stats.Mismatched == 0 && len(stats.Loop.Malformed) == 0, "region %d: %d mismatched, malformed %v", n, stats.Mismatched, stats.Loop.Malformed)
		}
		check(t, w.stats(tr.stands-1).Logouts == 1, "the client isn't logged out")
	})
}

func TestReplayOfTeleports(t *testing.T) { replayJourney(t, teleports, 57329) }

func TestReplayOfCrossings(t *testing.T) { replayJourney(t, crossings, 47648) }
