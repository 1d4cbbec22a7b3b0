package agent_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid"
	"github.com/slload/slload/testgrid/faults"
)

// near tells whether an agent stands less than two metres from a place, seen
// from above.
func (m *meeting) near(a *agent.Agent, at message.Vector3) bool {
	m.Helper()
	p := m.state(a).Position
	return math.Hypot(float64(p.X-at.X), float64(p.Y-at.Y)) < 2
}

func TestLureOfferedAndTaken(t *testing.T) {
	m := newMeeting(t)
	host, guest := m.enter("Bot1"), m.enter("Bot2")
	there := message.Vector3{X: 30, Y: 200, Z: 25}
	m.must(host.Teleport(m.ctx(), "", there))
	offer := agent.Expect(guest, func(e agent.LureOffered) bool { return e.From == host.ID })
	m.must(host.OfferTeleport(m.ctx(), "join me", guest.ID))
	lure := got[agent.LureOffered](m)(offer.Wait(m.ctx(), "a lure"))
	if lure.Text != "join me" || lure.FromName != "Load Bot1" || lure.Lure == uuid.Nil {
		t.Errorf("offered %+v", lure)
	}
	if m.near(guest, there) {
		t.Fatal("the guest is there already")
	}
	m.must(guest.AcceptLure(m.ctx(), lure.Lure))
	if !m.near(guest, there) {
		t.Errorf("the guest came to %v, want %v", m.state(guest).Position, there)
	}
}

func TestLureIsDeclined(t *testing.T) {
	m := newMeeting(t)
	host, guest := m.enter("Bot1"), m.enter("Bot2")
	offer := agent.Expect(guest, func(e agent.LureOffered) bool { return e.From == host.ID })
	m.must(host.OfferTeleport(m.ctx(), "join me", guest.ID))
	lure := got[agent.LureOffered](m)(offer.Wait(m.ctx(), "a lure"))
	no := agent.Expect(host, func(agent.LureDeclined) bool { return true })
	m.must(guest.DeclineLure(m.ctx(), lure))
	declined := got[agent.LureDeclined](m)(no.Wait(m.ctx(), "a word from the guest"))
	if declined.From != guest.ID || declined.FromName != "Load Bot2" || declined.Lure != lure.Lure {
		t.Errorf("told %+v", declined)
	}
}

func TestTeleportToALandmark(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	there, elsewhere := message.Vector3{X: 40, Y: 50, Z: 25}, message.Vector3{X: 200, Y: 210, Z: 25}
	m.must(a.Teleport(m.ctx(), "", there))
	mark := got[agent.Item](m)(a.Inventory().CreateLandmark(m.ctx(), a.Inventory().Root(), "a nice place"))
	m.must(a.Teleport(m.ctx(), "", elsewhere))
	m.must(a.TeleportLandmark(m.ctx(), mark.Asset))
	if !m.near(a, there) {
		t.Errorf("the landmark led to %v, want %v", m.state(a).Position, there)
	}
}

// A teleport that is called off leaves the agent where it was, at once, even
// if the grid forgets to say where it leads.
func TestTeleportIsCalledOff(t *testing.T) {
	m := meetOn(t, testgrid.Config{Regions: 2, Faults: []faults.Fault{{Teleport: faults.Lose}}})
	a := m.enterAs("Load", "Bot1", func(o *agent.Options) { o.Start = "uri:Region 1&128&128&30" })
	other := got[agent.MapRegion](m)(a.FindRegion(m.ctx(), "Region 2"))
	if err := a.TeleportTo(m.shortly(), other.Handle, message.Vector3{X: 10, Y: 10, Z: 25}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the teleport ended with %v", err)
	}
	for begin := time.Now(); ; {
		if _, err := a.Balance(m.shortly()); err == nil { // only who is there is answered
			break
		}
		if time.Since(begin) > 7*time.Second { // the other region gives up after 15 s
			t.Fatal("the avatar doesn't come back")
		}
	}
	if at := m.state(a); at.Region.Name != "Region 1" {
		t.Errorf("it stands in %s", at.Region.Name)
	}
}
