package agent_test

import (
	"math"
	"testing"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
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
