package swarm

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/testgrid"
)

// A region restarts: its agents are kicked, which is counted and named. What
// becomes of them then is on_loss's. When the grid closes, those who are in
// world then are lost, too, and so named.
func TestOnLossDecidesWhoComesBack(t *testing.T) {
	for _, tt := range []struct {
		policy       string
		lost, others int // how many are lost in all, and how many accounts they are
	}{
		{"relogin", 8, 4}, {"replace", 8, 8}, {"leave", 4, 4},
	} {
		t.Run(tt.policy, func(t *testing.T) {
			faults, err := profiles.ParseFaults([]byte("faults: [{region: restart, from: 2s, ms: 1500}]"), "faults.yaml")
			if err != nil {
				t.Fatal(err)
			}
			inBubble(t, testgrid.Config{Faults: faults}, func(b *bubble) {
				ctx, cancel := context.WithCancel(b.Context())
				defer cancel()
				cfg := b.config(long + "on_loss: " + tt.policy + "\n")
				closed := false
				cfg.OnProgress = func(p Progress) {
					switch {
					case p.Agents.Lost == int64(tt.lost):
						cancel()
					case p.Agents.Lost == 4 && p.Agents.InWorld == 4 && !closed:
						closed = true
						if err := b.grid.Close(b.Context()); err != nil {
							b.Error(err)
						}
					}
				}
				s, err := Run(ctx, b.Context(), cfg)
				if !errors.Is(err, context.Canceled) {
					b.Fatal(err)
				}
				if s.Agents.Logins != 4 || s.Agents.Lost != int64(tt.lost) {
					b.Errorf("agents %+v, errors %+v", s.Agents, s.Errors)
				}
				who := map[string]bool{}
				lost := eventsOf(b.T, cfg.Out, "agent.lost")
				for i, e := range lost {
					who[e.Agent] = true
					if i < 4 && (e.Reason != "lost_kicked" || !strings.Contains(e.Detail, "The simulator is going down.")) {
						b.Errorf("lost for %q: %s", e.Reason, e.Detail)
					}
				}
				if len(lost) != tt.lost || len(who) != tt.others {
					b.Errorf("%d agents were lost, of %d accounts; want %d of %d", len(lost), len(who), tt.lost, tt.others)
				}
			})
		})
	}
}

// event is a line of events.jsonl.
type event struct {
	Name   string `json:"event"`
	Agent  string `json:"agent"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
}

// eventsOf reads a run's events by name.
func eventsOf(t *testing.T, dir, name string) (list []event) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if e.Name == name {
			list = append(list, e)
		}
	}
	return list
}
