package swarm

import "testing"

func TestParseStatm(t *testing.T) {
	for text, want := range map[string]int64{
		"7500 2500 900 400 0 3000 0\n": 2500 * 4096,
		"":                             0,
		"7500":                         0,
		"7500 many":                    0,
	} {
		if got := parseStatm([]byte(text), 4096); got != want {
			t.Errorf("%q is %d bytes, want %d", text, got, want)
		}
	}
}
