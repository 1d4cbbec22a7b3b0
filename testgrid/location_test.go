package testgrid

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

func TestStartLocations(t *testing.T) {
	for text, want := range map[string]start{
		"":                    {kind: "last"},
		"last":                {kind: "last"},
		"home":                {kind: "home"},
		"uri:Region 1&1&2&3":  {"url", "Region 1", message.Vector3{X: 1, Y: 2, Z: 3}},
		"uri:A B&128.5&0&1e2": {"url", "A B", message.Vector3{X: 128.5, Y: 0, Z: 100}},
		"uri:Region 1&-5&2&3": {"url", "Region 1", message.Vector3{X: -5, Y: 2, Z: 3}},
	} {
		got, err := parseStart(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(start{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{"Last", "Region 1&1&2&3", "uri:", "uri:Region 1&1&2", "uri:&1&2&3", "uri:R&a&2&3", "uri:R&NaN&2&3", "uri:R&Inf&2&3"} {
		if got, err := parseStart(text); err == nil {
			t.Errorf("%q was taken as %+v", text, got)
		}
	}
}

func TestSettlePutsPositionsInside(t *testing.T) {
	for from, want := range map[message.Vector3]message.Vector3{
		{X: -5, Y: 300, Z: 0}:     {X: 0.5, Y: 255.5, Z: groundHeight + standHeight},
		{X: 10, Y: 20, Z: 100}:    {X: 10, Y: 20, Z: 100},
		{X: 10, Y: 20, Z: 100000}: {X: 10, Y: 20, Z: 4096},
	} {
		check(t, settle(from) == want, "%v settles at %v, want %v", from, settle(from), want)
	}
}

// Homes are the same in every run, and spread over regions and land.
func TestHomesSpread(t *testing.T) {
	regions := []*region{{name: "a"}, {name: "b"}, {name: "c"}, {name: "d"}}
	in := map[*region]int{}
	quarters := map[[2]bool]int{}
	const n = 4000
	for range n {
		at := home(uuid.New(), regions)
		in[at.region]++
		quarters[[2]bool{at.pos.X < 128, at.pos.Y < 128}]++
		check(t, settle(at.pos) == at.pos, "a home at %v", at.pos)
	}
	for _, r := range regions {
		check(t, in[r] > n/5 && in[r] < n/3, "region %s has %d of %d homes", r.name, in[r], n)
	}
	for q, count := range quarters {
		check(t, count > n/5 && count < n/3, "quarter %v has %d of %d homes", q, count, n)
	}
	id := agentID("Ann", "Tester")
	check(t, home(id, regions) == home(id, regions), "a home moved")
}

func TestAgentIDsStayTheSame(t *testing.T) {
	const want = "dc22b386-391a-578b-936a-f183f8e8ec2b"
	id := agentID("Load", "Bot1")
	check(t, id == agentID("load", "BOT1"), "case changes the id")
	check(t, id != agentID("Load", "Bot2"), "two names have one id")
	check(t, id.String() == want, "the id of Load Bot1 is %v: results of runs name it, it must not change", id)
}
