package profiles

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMarshalParsesToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someProfile(t)
		p.HandScaled = rapid.Bool().Draw(t, "scaled")
		data, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(data, "config.yaml")
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if d := diff(p, back); d != "" {
			t.Fatalf("(-written +read)\n%s\n%s", d, data)
		}
		if p.SHA256() != back.SHA256() {
			t.Fatal("the hash changed on the way")
		}
	})
}

const small = `
name: small
agents: {count: 3, duration: 10s}
behaviors: [{do: chat, rate: 1/s, with: {text: hello, times: 2}}]
`

// The hash stands in every run directory. Where this test fails, runs from
// before the change can no longer be compared with runs from after it: that
// wants a reason, and a new hashVersion if the load is another one.
func TestSHA256IsStable(t *testing.T) {
	const want = "db28707945303169a87037eb8c90e134c49641011de74218a7af301a5f58947b"
	if got := mustParse(t, small).SHA256(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSHA256(t *testing.T) {
	tests := []struct {
		name, from, to string
		same           bool
	}{
		{"nothing", "", "", true},
		{"name", "name: small", "name: other", true},
		{"description", "name: small", "description: words", true},
		{"login address", "name: small", "grid: {login_uri: 'http://127.0.0.1:9000/'}", true},
		{"accounts", "name: small", "accounts: {csv: a.csv, password_env: X}", true},
		{"seed", "name: small", "seed: 7", true},
		{"a default, spelled out", "name: small", "on_loss: relogin", true},
		{"executor, spelled out", "count: 3", "executor: constant-agents, count: 3", true},
		{"same duration", "10s", "10000ms", true},
		{"same rate", "1/s", "60/m", true},
		{"order of parameters", "text: hello, times: 2", "times: 2, text: hello", true},
		{"agents", "count: 3", "count: 4", false},
		{"duration", "10s", "11s", false},
		{"rate", "1/s", "2/s", false},
		{"evenness", "rate: 1/s", "rate: 1/s, even: true", false},
		{"parameter", "text: hello", "text: hallo", false},
		{"behaviour", "do: chat", "do: shout", false},
		{"warm-up", "name: small", "warmup: 1s", false},
		{"start", "name: small", "grid: {start: home}", false},
		{"agent", "name: small", "agent: {event_queue: false}", false},
		{"on_loss", "name: small", "on_loss: leave", false},
		{"placement", "name: small", "placement: {regions: [A]}", false},
		{"threshold", "name: small", "thresholds: [errors < 1%]", false},
		{"primary", "name: small", "primary: [login]", false},
	}
	base := mustParse(t, small).SHA256()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(small, tt.from, tt.to, 1)
			if (text == small) != (tt.from == tt.to) {
				t.Fatalf("%q is not in the profile", tt.from)
			}
			if got := mustParse(t, text).SHA256() == base; got != tt.same {
				t.Errorf("same hash: %v, want %v", got, tt.same)
			}
		})
	}
}
