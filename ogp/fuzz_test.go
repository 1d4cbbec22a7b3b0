package ogp

import (
	"testing"

	"github.com/slload/slload/llsd"
)

// FuzzAnswers: whatever a domain says, it is granted with all that a circuit
// needs, or an error.
func FuzzAnswers(f *testing.F) {
	for _, fields := range []map[string]any{
		{"authenticated": true, "agent_seed_capability": "http://127.0.0.1/s"},
		{"authenticated": false, "reason": "key", "message": "no"},
		{"capabilities": map[string]any{CapPlace: "http://127.0.0.1/p"}},
		placedAnswer(nil),
		{"connect": false, "message": "full"},
	} {
		doc, err := llsd.MarshalXML(fields)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var fields map[string]any
		if llsd.Decode(doc, &fields) != nil {
			return
		}
		if seed, err := authenticated(fields); (seed == "") == (err == nil) {
			t.Errorf("seed %q, error %v", seed, err)
		}
		if urls, err := seedURLs(fields); (urls == nil) == (err == nil) {
			t.Errorf("URLs %v, error %v", urls, err)
		}
		if _, err := publicURLs(fields); err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
		p, err := placed(fields, "http://127.0.0.1/region")
		if (p == nil) == (err == nil) {
			t.Errorf("placement %v, error %v", p, err)
		}
		if p != nil && (!p.Simulator.IsValid() || p.Simulator.Port() == 0 || p.Seed == "") {
			t.Errorf("placed at %v", p)
		}
	})
}
