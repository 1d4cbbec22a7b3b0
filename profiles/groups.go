package profiles

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Group is a set of agents with what they do. A profile has either several
// groups or, at its top, one set of the same keys.
type Group struct {
	// Name is for people; empty: group 1, group 2 and so on.
	Name   string `yaml:"name,omitempty" json:"name,omitempty"`
	Agents Agents `yaml:"agents" json:"agents"`
	// Placement is where the group logs in; left out: the profile's.
	Placement Placement `yaml:"placement,omitempty" json:"placement,omitempty"`
	// Think is the mean of what an agent waits after one of its weighted
	// behaviours before it begins the next; the times are exponential.
	Think     Duration   `yaml:"think,omitempty" json:"think,omitempty"`
	Behaviors []Behavior `yaml:"behaviors,omitempty" json:"behaviors,omitempty"`
}

// maxGroups bounds the groups of a profile.
const maxGroups = 64

// sets yields the groups with the prefix of their keys; of a profile without
// groups the one set that stands at its top.
func (p *Profile) sets() iter.Seq2[string, Group] {
	return func(yield func(string, Group) bool) {
		if len(p.Groups) == 0 {
			yield("", Group{Agents: p.Agents, Placement: p.Placement, Think: p.Think, Behaviors: p.Behaviors})
			return
		}
		for i, g := range p.Groups {
			if !g.Placement.given() {
				g.Placement = p.Placement
			}
			if !yield(fmt.Sprintf("groups[%d].", i), g) {
				return
			}
		}
	}
}

// given tells whether anything was said of the placement.
func (pl *Placement) given() bool {
	return len(pl.Regions) > 0 || pl.Layout != "" || len(pl.Spot) > 0
}

// AllBehaviors yields the behaviours of the profile with their keys, such as
// behaviors[1] or groups[0].behaviors[1], in the order in which Action.Behavior
// counts them.
func (p *Profile) AllBehaviors() iter.Seq2[string, *Behavior] {
	return func(yield func(string, *Behavior) bool) {
		for prefix, g := range p.sets() {
			for i := range g.Behaviors {
				if !yield(fmt.Sprintf("%sbehaviors[%d]", prefix, i), &g.Behaviors[i]) {
					return
				}
			}
		}
	}
}

// resolveGroups fills in what groups leave out. What was at the top besides
// stays there for check to refuse.
func (p *Profile) resolveGroups() {
	for i := range p.Groups {
		g := &p.Groups[i]
		g.Name = cmp.Or(g.Name, fmt.Sprintf("group %d", i+1))
		g.Agents.LoginRate = cmp.Or(g.Agents.LoginRate, defaultLoginRate)
		g.Agents.resolve()
		g.Placement.resolve()
	}
	if len(p.Groups) > 0 && !p.Agents.given() {
		p.Agents = Agents{} // or else the default login rate would be a part of the plan
	}
}

// given tells whether anything but the default was said of the agents.
func (a *Agents) given() bool {
	ofDefault := a.LoginRate == 0 || a.LoginRate == defaultLoginRate
	return a.Executor != "" || !ofDefault || slices.Contains(slices.Collect(maps.Values(a.present())), true)
}

// present tells which keys of some executors there are.
func (a *Agents) present() map[string]bool {
	return map[string]bool{
		"count": a.Count > 0, "duration": a.Duration > 0, "stages": len(a.Stages) > 0,
		"step": a.Step > 0, "every": a.Every > 0, "stay": a.Stay > 0,
	}
}

// checkSets checks each set of agents and what they do.
func (p *Profile) checkSets(e *Errors) {
	if len(p.Groups) > maxGroups {
		e.failf("groups", "has %d entries, at most %d are allowed", len(p.Groups), maxGroups)
	}
	if len(p.Groups) > 0 {
		p.checkTop(e)
	}
	behaviors := 0
	for prefix, g := range p.sets() {
		e.within(prefix, func(e *Errors) {
			g.Agents.check(e)
			g.checkBehaviors(e)
			g.Placement.check(e)
		})
		behaviors += len(g.Behaviors)
	}
	if behaviors > maxBehaviors {
		e.failf("behaviors", "has %d entries, at most %d are allowed", behaviors, maxBehaviors)
	}
}

// checkTop refuses keys at the top that groups have for themselves.
func (p *Profile) checkTop(e *Errors) {
	for _, top := range []struct {
		key   string
		there bool
	}{{"agents", p.Agents.given()}, {"think", p.Think > 0}, {"behaviors", len(p.Behaviors) > 0}} {
		if top.there {
			e.failf(top.key, "stands beside groups: move it into one of them")
		}
	}
	seen := map[string]bool{}
	for i, g := range p.Groups {
		if strings.TrimSpace(g.Name) == "" || len(g.Name) > maxName || seen[g.Name] {
			e.failf(fmt.Sprintf("groups[%d].name", i), "%q is no name, or another group's: want one of up to %d bytes", g.Name, maxName)
		}
		seen[g.Name] = true
	}
}

// within adds the errors of a part whose keys begin with prefix.
func (e *Errors) within(prefix string, check func(e *Errors)) {
	var part Errors
	check(&part)
	for _, err := range part {
		err.Key = prefix + err.Key
		*e = append(*e, err)
	}
}
