package profiles

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/slload/slload/testgrid/faults"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

// mustParse parses a profile that a test relies on.
func mustParse(t testing.TB, text string) *Profile {
	t.Helper()
	p, err := Parse([]byte(text), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// diff compares profiles, taking no list for an empty list.
func diff(want, got any) string { return cmp.Diff(want, got, cmpopts.EquateEmpty()) }

// someProfile draws a sound profile.
func someProfile(t *rapid.T) *Profile {
	p := New()
	p.Name = rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9._-]{0,20}`).Draw(t, "name")
	p.Description = someText(t, "description")
	p.Seed = rapid.Uint64().Draw(t, "seed")
	p.Agents = someAgents(t)
	p.Warmup = someDuration(t, "warmup", 0, time.Minute)
	p.Cooldown = someDuration(t, "cooldown", 0, time.Minute)
	if p.Agents.Executor == RampingAgents && len(p.Agents.Stages) < 2 {
		p.Warmup = 0
	}
	p.Agent.UpdateRate = someRate(t, "update_rate")
	p.Agent.Throttle = BitRate(rapid.Float64Range(1e3, 1e9).Draw(t, "throttle"))
	p.Agent.EventQueue = rapid.Bool().Draw(t, "event_queue")
	p.OnLoss = rapid.SampledFrom([]OnLoss{Relogin, Replace, Leave}).Draw(t, "on_loss")
	for range rapid.IntRange(0, 4).Draw(t, "behaviors") {
		p.Behaviors = append(p.Behaviors, Behavior{
			Do:   rapid.StringMatching(`[a-z][a-z0-9_-]{0,12}`).Draw(t, "do"),
			Rate: someRate(t, "rate"),
			Even: rapid.Bool().Draw(t, "even"),
			With: map[string]any{"text": someText(t, "text"), "n": rapid.Int().Draw(t, "n"), "f": rapid.Float64().Draw(t, "f")},
		})
	}
	if rapid.Bool().Draw(t, "placed") {
		p.Placement.Regions = []string{"Welcome", "Café No. 2"}
		p.Placement.Layout = rapid.SampledFrom([]Layout{Crowd, Spread}).Draw(t, "layout")
	}
	for range rapid.IntRange(0, 3).Draw(t, "thresholds") {
		p.Thresholds = append(p.Thresholds, someThreshold(t))
	}
	if rapid.Bool().Draw(t, "faulty") {
		from := rapid.Int64Range(0, 1e9).Draw(t, "from")
		p.Faults = []faults.Fault{
			{UDP: faults.Delay, MS: 40, JitterMS: 10.5, From: faults.Duration(from), Until: faults.Duration(from + 1), Way: faults.FromGrid, Message: "ChatFromSimulator"},
			{Capability: faults.Error, Percent: rapid.Float64Range(0.1, 100).Draw(t, "percent"), Status: 503, Name: "GetTexture"},
		}
	}
	if err := p.Resolve(); err != nil {
		t.Fatalf("the generator drew an unsound profile: %v", err)
	}
	return p
}

// someAgents draws agents of any executor; at most 1,000 at a time.
func someAgents(t *rapid.T) Agents { return someAgentsUpTo(t, 1000) }

func someAgentsUpTo(t *rapid.T, most int) Agents {
	a := Agents{
		Executor:  rapid.SampledFrom([]Executor{ConstantAgents, RampingAgents, Stairs, ArrivalRate}).Draw(t, "executor"),
		LoginRate: Rate(rapid.Float64Range(1, 200).Draw(t, "login_rate")),
	}
	switch a.Executor {
	case ConstantAgents:
		a.Count = rapid.IntRange(1, most).Draw(t, "count")
		a.Duration = someDuration(t, "duration", time.Millisecond, time.Hour)
	case RampingAgents:
		a.Stages = someStages(t, a, most)
	case Stairs:
		a.Count = rapid.IntRange(1, most).Draw(t, "count")
		a.Step = rapid.IntRange((a.Count+99)/100, most).Draw(t, "step")
		a.Every = a.climb(min(a.Step, a.Count)) + someDuration(t, "every", time.Millisecond, time.Hour)
	case ArrivalRate:
		a.Duration = someDuration(t, "duration", time.Millisecond, 10*time.Minute)
		a.Stay = someDuration(t, "stay", time.Millisecond, 5*time.Second)
	}
	return a
}

func someStages(t *rapid.T, a Agents, most int) []Stage {
	var stages []Stage
	from := 0
	for i := range rapid.IntRange(1, 6).Draw(t, "stages") {
		s := Stage{To: rapid.IntRange(0, most).Draw(t, fmt.Sprintf("to %d", i))}
		s.Over = someDuration(t, "over", 0, 10*time.Minute) / 1000 * 1000 // whole microseconds
		if i == 0 {
			s.To = max(1, s.To)
		}
		s.Over = max(s.Over, a.climb(max(0, s.To-from)))
		stages = append(stages, s)
		from = s.To
	}
	return stages
}

func someThreshold(t *rapid.T) Threshold {
	v := Threshold{
		Op:    rapid.SampledFrom([]string{"login", "msg.chat", "caps.Seed_1-x"}).Draw(t, "op"),
		Stat:  rapid.SampledFrom([]Stat{StatQuantile, StatMin, StatMean, StatMax, StatErrors}).Draw(t, "stat"),
		Over:  someDuration(t, "window", 0, time.Hour),
		Abort: rapid.Bool().Draw(t, "abort"),
	}
	switch v.Stat {
	case StatErrors:
		v.Ratio = rapid.OneOf(
			rapid.Map(rapid.IntRange(1, 10_000), func(n int) float64 { return float64(n) / 100 }),
			rapid.Float64Range(0.0001, 100),
		).Draw(t, "percent") / 100
	case StatQuantile:
		v.Quantile = rapid.SampledFrom([]float64{0.5, 1, 5, 10, 50, 99, 99.9, 99.99}).Draw(t, "quantile")
		fallthrough
	default:
		v.Limit = someDuration(t, "limit", time.Nanosecond, time.Hour)
	}
	return v
}

func someDuration(t *rapid.T, label string, least, most time.Duration) Duration {
	return Duration(rapid.Int64Range(int64(least), int64(most)).Draw(t, label))
}

func someRate(t *rapid.T, label string) Rate {
	return Rate(rapid.Float64Range(minRate, 1000).Draw(t, label))
}

// someText draws text that YAML must quote with care.
func someText(t *rapid.T, label string) string {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "hello", "true", "0x1F", "~", "- a", "a: b", "a #b", " lead", "trail ",
			"two\nlines", "two\nlines\n", "tab\there", `"quoted"`, "it's", "{a}", "[a", "*x", "&x", "!x", "%x", "@x", "`x", "null", "1e3", "1:30"}),
		rapid.StringMatching(`[ -~äß€😀]{0,30}`),
		rapid.String(),
	).Draw(t, label)
}
