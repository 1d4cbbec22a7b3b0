package profiles

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestResolveRefuses breaks a sound profile in ways that no file can, or that
// would take a long one; files are in testdata/errors.
func TestResolveRefuses(t *testing.T) {
	tests := []struct {
		key   string
		spoil func(p *Profile)
	}{
		{"name", func(p *Profile) { p.Name = "" }},
		{"name", func(p *Profile) { p.Name = strings.Repeat("a", maxName+1) }},
		{"warmup", func(p *Profile) { p.Warmup = -1 }},
		{"cooldown", func(p *Profile) { p.Cooldown = -1 }},
		{"warmup", func(p *Profile) { p.Warmup = maxDuration + 1 }},
		{"agents.login_rate", func(p *Profile) { p.Agents.LoginRate = 0 }},
		{"agents.login_rate", func(p *Profile) { p.Agents.LoginRate = Rate(math.NaN()) }},
		{"agents.login_rate", func(p *Profile) { p.Agents.LoginRate = Rate(math.Inf(1)) }},
		{"agents.count", func(p *Profile) { p.Agents.Count = -1 }},
		{"agents.duration", func(p *Profile) { p.Agents.Duration = -1 }},
		{"agents.step", func(p *Profile) { p.Agents = stairs(1000, -1, seconds(100)) }},
		{"agents.step", func(p *Profile) { p.Agents = stairs(10_000, 1, seconds(100)) }},
		{"agents.every", func(p *Profile) { p.Agents = stairs(1000, 1, maxDuration) }},
		{"agents.stay", func(p *Profile) {
			p.Agents = Agents{LoginRate: maxRate, Stay: seconds(2), Duration: 1}
		}},
		{"agents.stages", func(p *Profile) { p.Agents = ramping(make([]Stage, maxStages+1)...) }},
		{"agents.stages", func(p *Profile) { p.Agents = ramping(slices.Repeat([]Stage{{0, maxAgents}, {0, 0}}, 10)...) }},
		{"agents.stages[0].to", func(p *Profile) { p.Agents = ramping(Stage{seconds(1), -1}) }},
		{"agents.stages[0].over", func(p *Profile) { p.Agents = ramping(Stage{-1, 1}) }},
		{"agents", func(p *Profile) { p.Agents = ramping(slices.Repeat([]Stage{{maxDuration, 1}}, maxStages)...) }},
		{"agent.update_rate", func(p *Profile) { p.Agent.UpdateRate = 0 }},
		{"agent.idle_update_rate", func(p *Profile) { p.Agent.IdleUpdateRate = maxRate * 2 }},
		{"agent.throttle", func(p *Profile) { p.Agent.Throttle = 0 }},
		{"agent.draw_distance", func(p *Profile) { p.Agent.DrawDistance = math.NaN() }},
		{"behaviors", func(p *Profile) {
			p.Behaviors = slices.Repeat([]Behavior{{Do: "chat", Rate: 1}}, maxBehaviors+1)
		}},
		{"behaviors[0].rate", func(p *Profile) { p.Behaviors = []Behavior{{Do: "chat", Rate: -1}} }},
		{"thresholds[0]", func(p *Profile) { p.Thresholds = []Threshold{{}} }},
		{"thresholds[0]", func(p *Profile) { p.Thresholds = []Threshold{{Op: "a b", Stat: StatMax, Limit: 1}} }},
		{"placement.regions", func(p *Profile) { p.Placement.Regions = slices.Repeat([]string{"A"}, maxRegions+1) }},
		{"placement.spot[1]", func(p *Profile) {
			p.Placement = Placement{Regions: []string{"A"}, Spot: []float64{1, math.NaN(), 1}}
		}},
	}
	for _, tt := range tests {
		p := mustParse(t, small)
		tt.spoil(p)
		err := p.Resolve()
		var e *Error
		if !errors.As(err, &e) || e.Key != tt.key || !strings.HasPrefix(e.Error(), "profile: "+tt.key+": ") {
			t.Errorf("got %v, want an error about %s", err, tt.key)
		}
	}
}

func stairs(count, step int, every Duration) Agents {
	return Agents{Executor: Stairs, LoginRate: 100, Count: count, Step: step, Every: every}
}

func ramping(stages ...Stage) Agents {
	return Agents{LoginRate: maxRate, Stages: stages}
}

// A profile that was built in Go is told everything at once, as a file is.
func TestResolveTellsEverything(t *testing.T) {
	p := mustParse(t, small)
	p.Name, p.OnLoss, p.Agent.Throttle = "", "panic", 0
	var errs Errors
	if err := p.Resolve(); !errors.As(err, &errs) || len(errs) != 3 {
		t.Errorf("got %v, want three errors", err)
	}
}

func TestNewResolvesWithAgents(t *testing.T) {
	p := New()
	p.Name = "mine"
	p.Agents.Count, p.Agents.Duration = 3, seconds(10)
	if err := p.Resolve(); err != nil {
		t.Fatal(err)
	}
	if p.Agents.Executor != ConstantAgents || p.Grid.Start != "last" {
		t.Errorf("got %+v", p)
	}
}
