package agent_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid"
)

func TestAvatarsArriveAndLeave(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	// Who that is, only its name tells before it is in world.
	arrival := agent.Expect(a, func(e agent.AvatarArrived) bool { return e.Name == "Load Bot2" })
	b := m.enter("Bot2")
	arrived := got[agent.AvatarArrived](m)(arrival.Wait(m.ctx(), "the other's arrival"))
	if arrived.ID != b.ID || arrived.LocalID == 0 || arrived.Region.Name != "Region 1" || arrived.At == 0 {
		t.Errorf("arrived: %+v", arrived)
	}
	if at := m.state(b).Position; arrived.Position != at {
		t.Errorf("it came to %v, and stands at %v", arrived.Position, at)
	}
	if seen := got[[]uuid.UUID](m)(a.Avatars(m.ctx())); !slices.Equal(seen, []uuid.UUID{b.ID}) {
		t.Errorf("in view are %v", seen)
	}
	departure := agent.Expect(a, func(agent.AvatarLeft) bool { return true })
	m.must(b.Logout(m.ctx()))
	left := got[agent.AvatarLeft](m)(departure.Wait(m.ctx(), "the other's departure"))
	if left.ID != b.ID || left.LocalID != arrived.LocalID {
		t.Errorf("left: %+v", left)
	}
	if seen := got[[]uuid.UUID](m)(a.Avatars(m.ctx())); len(seen) != 0 {
		t.Errorf("in view are still %v", seen)
	}
}

// Who comes into a region sees those who are there, and across the border those
// who stayed where it came from. Its own avatar is nobody else's.
func TestAvatarsOfTwoRegions(t *testing.T) {
	m := meetOn(t, testgrid.Config{Regions: 2})
	in := func(region string) func(*agent.Options) {
		return func(o *agent.Options) { o.Start = "uri:" + region + "&128&128&30" }
	}
	a, b := m.enterAs("Load", "Bot1", in("Region 1")), m.enterAs("Load", "Bot2", in("Region 1"))
	m.enterAs("Load", "Bot3", in("Region 2"))
	m.seeEachOther(a, b)
	var events []string // the loop's
	told := make(chan int, 8)
	defer agent.Subscribe(a, func(e agent.AvatarArrived) {
		events = append(events, "arrived "+e.Name+" in "+e.Region.Name)
		told <- len(events)
	})()
	defer agent.Subscribe(a, func(e agent.AvatarLeft) {
		if e.ID != b.ID {
			t.Errorf("%v left", e.ID)
		}
		events = append(events, "left "+e.Region.Name)
		told <- len(events)
	})()
	m.must(a.Teleport(m.ctx(), "Region 2", message.Vector3{X: 120, Y: 128, Z: 25}))
	await := func(n int) {
		for {
			select {
			case have := <-told:
				if have == n {
					return
				}
			case <-m.ctx().Done():
				t.Fatalf("told less than %d things", n)
			}
		}
	}
	await(1)
	m.must(b.Logout(m.ctx()))
	await(2)
	m.must(a.Logout(m.ctx())) // which is no departure of others
	want := []string{"arrived Load Bot3 in Region 2", "left Region 1"}
	if !slices.Equal(events, want) {
		t.Errorf("told %q, want %q", events, want)
	}
}

// A region across the border shows what is in it to who has asked its seed,
// which EstablishAgentCommunication gives.
func TestAvatarsAcrossTheBorder(t *testing.T) {
	m := meetOn(t, testgrid.Config{Regions: 2})
	a := m.enterAs("Load", "Bot1", func(o *agent.Options) { o.Start, o.Neighbours = "uri:Region 1&250&128&30", true })
	arrival := agent.Expect(a, func(agent.AvatarArrived) bool { return true })
	b := m.enterAs("Load", "Bot2", func(o *agent.Options) { o.Start = "uri:Region 2&10&128&30" })
	seen := got[agent.AvatarArrived](m)(arrival.Wait(m.ctx(), "who is across the border"))
	if seen.Region.Name != "Region 2" || seen.Name != "Load Bot2" || seen.ID != b.ID {
		t.Errorf("seen is %+v", seen)
	}
	if here := got[[]uuid.UUID](m)(a.Avatars(m.ctx())); len(here) != 0 {
		t.Errorf("on this side there are %v", here)
	}
}

func TestCoarseLocationsTellOfEverybody(t *testing.T) {
	t.Parallel() // they come every 4.5 s
	m := newMeeting(t)
	a := m.enterAs("Load", "Bot1", func(o *agent.Options) { o.Start = "uri:Region 1&100&50&30" })
	b := m.enterAs("Load", "Bot2", func(o *agent.Options) { o.Start = "uri:Region 1&130&60&30" })
	ctx, cancel := context.WithCancel(m.ctx())
	defer cancel()
	var found []agent.CoarseLocation
	defer a.OnCoarseLocations(func(l agent.CoarseLocations) {
		if len(l.Avatars) == 2 && found == nil {
			found = l.Avatars
			cancel()
		}
	})()
	<-ctx.Done()
	at := map[uuid.UUID]message.Vector3{}
	for _, l := range found {
		at[l.ID] = l.Position
	}
	for who, want := range map[*agent.Agent][2]float32{a: {100, 50}, b: {130, 60}} {
		if p := at[who.ID]; p.X != want[0] || p.Y != want[1] || p.Z < 20 || p.Z > 32 {
			t.Errorf("%s is shown at %v, want %v", who, p, want)
		}
	}
}
