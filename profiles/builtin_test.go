package profiles

import (
	"testing"
	"time"
)

// Built-in profiles run anywhere: they name no grid and no account, and what
// is good enough is for the grid's owner to say.
func TestBuiltinsAreNeutral(t *testing.T) {
	names := Builtins()
	if len(names) == 0 {
		t.Fatal("there is no built-in profile")
	}
	for _, name := range names {
		p, err := Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name != name || p.Description == "" || len(p.Primary) == 0 {
			t.Errorf("%s: name %q, description %q, primary %v", name, p.Name, p.Description, p.Primary)
		}
		if len(p.Thresholds) > 0 || p.Grid.LoginURI != "" || p.Accounts != (AccountSource{}) || p.Seed != 0 || p.HandScaled {
			t.Errorf("%s is not neutral: %+v", name, p)
		}
	}
}

func TestCrowd(t *testing.T) {
	p, err := Load("crowd")
	if err != nil {
		t.Fatal(err)
	}
	if p.Peak() != 100 || p.Length() != 30*time.Second {
		t.Errorf("%d agents for %v, want 100 for 30s", p.Peak(), p.Length())
	}
	if err := p.Scale(200); err != nil {
		t.Fatal(err)
	}
	if err := p.Fit(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(p, 1, Share{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, s := range plan.Sessions {
		for _, a := range all(plan, s) {
			counts[p.Behaviors[a.Behavior].Do]++
		}
	}
	// A short run of few agents must have something to measure.
	for _, b := range []string{"wander", "look", "chat", "im"} {
		if counts[b] < 50 {
			t.Errorf("%s starts %d times in 20s of 200 agents", b, counts[b])
		}
	}
}

func TestIdle1000(t *testing.T) {
	p, err := Load("idle-1000")
	if err != nil {
		t.Fatal(err)
	}
	if p.Peak() != 1000 || len(p.Behaviors) > 0 {
		t.Errorf("%d agents with %d behaviours, want 1000 with none", p.Peak(), len(p.Behaviors))
	}
}
