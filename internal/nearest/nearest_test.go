package nearest

import "testing"

func TestHint(t *testing.T) {
	known := []string{"count", "duration", "login_rate", "to"}
	for word, want := range map[string]string{
		"cuont": "count", "Count": "count", "login-rate": "login_rate", "loginRate": "login_rate",
		"durations": "duration", "x": "", "tx": "to", "log": "login_rate", "lo": "to", "verydifferent": "", "": "",
	} {
		hint := Hint(word, known)
		if want != "" {
			want = ", did you mean " + want + "?"
		}
		if hint != want {
			t.Errorf("%q: got %q, want %q", word, hint, want)
		}
	}
}
