package profiles

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestScale(t *testing.T) {
	tests := []struct {
		name, agents string
		n            int
		want         Agents
	}{
		{"constant", "count: 100, duration: 1m, login_rate: 10/s", 500,
			Agents{Executor: ConstantAgents, Count: 500, Duration: seconds(60), LoginRate: 10}},
		{"ramp up, stretched by the login rate", "stages: [{over: 20s, to: 200}, {over: 1m, to: 200}, {over: 20s, to: 0}], login_rate: 10/s", 400,
			Agents{Executor: RampingAgents, LoginRate: 10, Stages: []Stage{{seconds(40), 400}, {seconds(60), 400}, {seconds(20), 0}}}},
		{"ramp down", "stages: [{over: 20s, to: 2}, {over: 1m, to: 200}], login_rate: 10/s", 20,
			Agents{Executor: RampingAgents, LoginRate: 10, Stages: []Stage{{seconds(20), 1}, {seconds(60), 20}}}},
		{"stairs", "count: 100, step: 30, every: 3s, login_rate: 10/s", 200,
			Agents{Executor: Stairs, LoginRate: 10, Count: 200, Step: 60, Every: seconds(6)}},
		{"arrivals", "stay: 20s, duration: 1m, login_rate: 1/s", 50,
			Agents{Executor: ArrivalRate, LoginRate: 2.5, Stay: seconds(20), Duration: seconds(60)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustParse(t, "agents: {"+tt.agents+"}")
			if err := p.Scale(tt.n); err != nil {
				t.Fatal(err)
			}
			if d := diff(tt.want, p.Agents); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func seconds(n int) Duration { return Duration(n) * Duration(time.Second) }

func TestScaleReachesThePeak(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someProfile(t)
		before, peak := *p.clone(), p.Peak()
		n := rapid.IntRange(1, 2000).Draw(t, "n")
		if err := p.Scale(n); err != nil {
			wantUntouched(t, &before, p, err)
			return
		}
		if p.Peak() != n {
			t.Fatalf("scaled to a peak of %d, want %d", p.Peak(), n)
		}
		if p.HandScaled != (n != peak) {
			t.Fatalf("from %d to %d: scaled by hand is %v", peak, n, p.HandScaled)
		}
		if p.Agents.Executor != ArrivalRate && p.Agents.LoginRate != before.Agents.LoginRate {
			t.Fatalf("the login rate went from %v to %v", before.Agents.LoginRate, p.Agents.LoginRate)
		}
		for i, s := range p.Agents.Stages {
			if was := before.Agents.Stages[i]; (was.To == 0) != (s.To == 0) || s.Over < was.Over {
				t.Fatalf("stage %d was %v and is %v", i, was, s)
			}
		}
	})
}

func TestScaleRefuses(t *testing.T) {
	for _, n := range []int{-1, 0, maxAgents + 1} {
		p := mustParse(t, small)
		var e *Error
		if err := p.Scale(n); !errors.As(err, &e) || p.HandScaled {
			t.Errorf("%d agents: got %v", n, err)
		}
	}
}

func TestFit(t *testing.T) {
	const ramp = "stages: [{over: 60s, to: 100}, {over: 60s, to: 100}, {over: 30s, to: 50}, {over: 30s, to: 50}]"
	tests := []struct {
		name, agents string
		warmup       string
		d            int
		want         Agents
		wantWarmup   int
	}{
		{"longer: only what follows the ramp grows", ramp, "30s", 330,
			Agents{Executor: RampingAgents, LoginRate: 10, Stages: []Stage{{seconds(60), 100}, {seconds(120), 100}, {seconds(60), 50}, {seconds(60), 50}}}, 30},
		{"shorter: a third for the ramp and for the warm-up", ramp, "60s", 90,
			Agents{Executor: RampingAgents, LoginRate: 10, Stages: []Stage{{seconds(30), 100}, {seconds(15), 100}, {seconds(7) + seconds(1)/2, 50}, {seconds(7) + seconds(1)/2, 50}}}, 30},
		{"a ramp alone stays one", "stages: [{over: 60s, to: 100}]", "0s", 20,
			Agents{Executor: RampingAgents, LoginRate: 10, Stages: []Stage{{seconds(20), 100}}}, 0},
		{"the login rate is raised", "stages: [{over: 60s, to: 100}]", "0s", 5,
			Agents{Executor: RampingAgents, LoginRate: 20.1, Stages: []Stage{{seconds(5), 100}}}, 0},
		{"constant", "count: 100, duration: 10s", "5s", 60,
			Agents{Executor: ConstantAgents, LoginRate: 10, Count: 100, Duration: seconds(45)}, 5},
		{"stairs", "count: 100, step: 30, every: 60s", "0s", 80,
			Agents{Executor: Stairs, LoginRate: 10, Count: 100, Step: 30, Every: seconds(20)}, 0},
		{"arrivals", "stay: 5s, duration: 1h", "1m", 60,
			Agents{Executor: ArrivalRate, LoginRate: 10, Stay: seconds(5), Duration: seconds(40)}, 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustParse(t, "agents: {"+tt.agents+"}\nwarmup: "+tt.warmup)
			if err := p.Fit(time.Duration(seconds(tt.d))); err != nil {
				t.Fatal(err)
			}
			if d := diff(tt.want, p.Agents); d != "" || p.Warmup != seconds(tt.wantWarmup) {
				t.Errorf("warm-up %v, want %ds; (-want +got)\n%s", p.Warmup, tt.wantWarmup, d)
			}
		})
	}
}

func TestFitFillsTheTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someProfile(t)
		before := *p.clone()
		d := time.Duration(someDuration(t, "d", time.Second, time.Hour))
		if err := p.Fit(d); err != nil {
			wantUntouched(t, &before, p, err)
			return
		}
		// Stairs have steps of one length, so that up to a nanosecond a step
		// is left over.
		if got := p.Length(); got > d || d-got > maxStages || p.Agents.Executor != Stairs && got != d {
			t.Fatalf("the plan takes %v, want %v", got, d)
		}
		third := Duration(d) / 3
		if p.Warmup > third || p.Warmup > before.Warmup {
			t.Fatalf("warm-up %v, was %v, of %v", p.Warmup, before.Warmup, d)
		}
		if s := p.Agents.stages(); len(s) > 1 && s[0].Over > third && lasts(s[1:]) {
			t.Fatalf("the ramp takes %v of %v", s[0].Over, d)
		}
		if p.Peak() != before.Peak() || p.Agents.LoginRate < before.Agents.LoginRate || p.HandScaled {
			t.Fatalf("fit changed the load: %+v, was %+v", p.Agents, before.Agents)
		}
		again := p.clone()
		if err := again.Fit(d); err != nil || p.Agents.Executor != Stairs && again.SHA256() != p.SHA256() {
			t.Fatalf("fitted again: %v, %+v, was %+v", err, again.Agents, p.Agents)
		}
	})
}

// lasts tells whether stages take any time.
func lasts(stages []Stage) bool {
	for _, s := range stages {
		if s.Over > 0 {
			return true
		}
	}
	return false
}

func TestFitRefuses(t *testing.T) {
	for _, tt := range []struct {
		agents string
		d      time.Duration
		want   string
	}{
		{"count: 3, duration: 10s", minFit - 1, "profile: agents: cannot fit into 99.999999ms: want a duration from 100ms to 8760h"},
		{"count: 3, duration: 10s", 8761 * time.Hour, "profile: agents: cannot fit into 8761h0m0s: want a duration from 100ms to 8760h"},
		{"count: 1000000, duration: 10s", time.Second, "profile: agents: cannot fit into 1s: that takes 3.02e+06 logins a second"},
	} {
		p := mustParse(t, "agents: {"+tt.agents+"}")
		before := *p.clone()
		if err := p.Fit(tt.d); err == nil || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
		if d := diff(&before, p); d != "" {
			t.Errorf("changed after an error: (-before +after)\n%s", d)
		}
	}
}

// wantUntouched wants an error that can be branched on, and the profile as it
// was.
func wantUntouched(t *rapid.T, before, p *Profile, err error) {
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	if d := diff(before, p); d != "" {
		t.Fatalf("changed after %v: (-before +after)\n%s", err, d)
	}
}
