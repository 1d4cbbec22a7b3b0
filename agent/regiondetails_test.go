package agent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

func TestHowARegionIsRun(t *testing.T) {
	m := newMeeting(t)
	a, owner := m.enter("Bot1"), m.enterAs("Estate", "Owner")
	details := got[agent.RegionDetails](m)(a.RegionDetails(m.ctx()))
	want := agent.RegionDetails{
		Name: m.state(a).Region.Name, Estate: 101, Access: 21, MaxObjects: 45000, Product: "slload testgrid",
		WaterHeight: 20, RaiseLimit: 100, LowerLimit: -100, ObjectBonus: 1, Flags: details.Flags,
	}
	if diff := cmp.Diff(want, details); diff != "" || details.Flags == 0 {
		t.Errorf("flags %x, details (-want +got):\n%s", details.Flags, diff)
	}
	covenant := got[agent.Covenant](m)(a.Covenant(m.ctx()))
	if covenant.Estate != "Embedded Estate" || covenant.Owner != owner.ID || covenant.Asset != uuid.Nil {
		t.Errorf("the covenant is %+v", covenant)
	}
}
