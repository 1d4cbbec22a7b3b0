package swarm

import (
	"errors"
	"testing"

	"github.com/slload/slload/profiles"
)

func parse(t testing.TB, text string) *profiles.Profile {
	t.Helper()
	p, err := profiles.Parse([]byte(text), "test.yaml", CheckProfile)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func inspect(t testing.TB, text string) *Forecast {
	t.Helper()
	f, err := Inspect(parse(t, text), 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestForecastOfLoginsAndPhases(t *testing.T) {
	f := inspect(t, `agents: {login_rate: 2/s, stages: [{over: 4s, to: 8}, {over: 10s, to: 8}, {over: 1s, to: 2}]}
warmup: 3s
cooldown: 2s
behaviors: [{do: wrong_password, rate: 1/m}]`)
	if f.Agents != 8 || f.Accounts != 9 || f.Logins != 8 || f.LoginRate != 2 || f.Seconds != 20 {
		t.Errorf("%+v", f)
	}
	want := []ForecastPhase{
		{"stage 1", 0, 4, 0, 8, false}, {"warmup", 4, 7, 8, 8, false}, {"stage 2", 7, 17, 8, 8, true},
		{"stage 3", 17, 18, 8, 2, false}, {"cooldown", 18, 20, 2, 2, false},
	}
	for i, p := range f.Phases {
		if p != want[i] {
			t.Errorf("phase %d is %+v, want %+v", i, p, want[i])
		}
	}
	// Who falls at once is there until then.
	f = inspect(t, "agents: {stages: [{over: 1s, to: 4}, {over: 2s, to: 4}, {over: 0s, to: 2}, {over: 2s, to: 2}]}")
	if got, want := f.Phases[1], (ForecastPhase{"stage 2", 1, 3, 4, 4, true}); got != want {
		t.Errorf("before a fall: %+v, want %+v", got, want)
	}
	if got := f.Phases[2]; got.Begins != 2 || got.Ends != 2 {
		t.Errorf("after a fall: %+v, want 2 agents", got)
	}
}

// A plan that is too long to be counted is estimated, and near what it counts.
func TestForecastOfActions(t *testing.T) {
	const text = "agents: {count: 10, login_rate: 10/s, duration: 1h}\nbehaviors: [{do: look, rate: 2/s}, {do: chat, rate: 1/s, even: true}]"
	counted := inspect(t, text)
	for i, want := range []int64{72000, 36000} {
		b := counted.Behaviors[i]
		if b.About || b.Actions < want*95/100 || b.Actions > want*105/100 {
			t.Errorf("%+v, want some %d", b, want)
		}
	}
	f := inspect(t, "agents: {count: 1000, login_rate: 1000/s, duration: 1h}\nbehaviors: [{do: look, rate: 2/s}]")
	if b := f.Behaviors[0]; !b.About || b.Actions < 7_200_000 || b.Actions > 7_210_000 {
		t.Errorf("%+v, want about 7.2 million, estimated", b)
	}
}

// What is asked for more is seen in what it takes.
func TestForecastOfNeeds(t *testing.T) {
	const agents = "agents: {count: 100, login_rate: 100/s, duration: 1m}\n"
	idle := inspect(t, agents)
	for name, more := range map[string]string{
		"walks":   "behaviors: [{do: wander, rate: 0.2/s}]",
		"updates": "agent: {idle_update_rate: 5/s}",
	} {
		if f := inspect(t, agents+more); f.Needs.Packets <= idle.Needs.Packets {
			t.Errorf("%s: %v packets, idle ones send %v", name, f.Needs.Packets, idle.Needs.Packets)
		}
	}
	mute := inspect(t, agents+"agent: {event_queue: false}")
	if mute.Needs.Descriptors != idle.Needs.Descriptors-100 || mute.Needs.Memory >= idle.Needs.Memory {
		t.Errorf("without event queues %+v, with them %+v", mute.Needs, idle.Needs)
	}
	remote := inspect(t, agents+`grid: {login_uri: "http://192.0.2.1:9000/"}`)
	if remote.Needs.UDPSockets != 100 {
		t.Errorf("%d UDP sockets from one address, want one an agent", remote.Needs.UDPSockets)
	}
}

func TestCheckFindsBehavioursAndParameters(t *testing.T) {
	_, err := profiles.Parse([]byte(`agents: {count: 1, duration: 1s}
agent: {neighbours: true, event_queue: false}
behaviors:
  - {do: wnader, rate: 1/s}
  - {do: wander, rate: 1/s, with: {wlak: 1s, margin: wide}}
`), "x.yaml", CheckProfile)
	var errs profiles.Errors
	if !errors.As(err, &errs) || len(errs) != 4 {
		t.Fatalf("got %v", err)
	}
	for i, want := range []struct {
		line, column int
		key          string
	}{
		{2, 21, "agent.neighbours"}, {4, 10, "behaviors[0].do"},
		{5, 42, "behaviors[1].with.wlak"}, {5, 54, "behaviors[1].with.margin"},
	} {
		if e := errs[i]; e.Line != want.line || e.Column != want.column || e.Key != want.key {
			t.Errorf("got %v, want %+v", e, want)
		}
	}
}
