package swarm

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/testgrid"
)

// counted is how often an operation failed for a reason.
func counted(s *results.Summary, op, reason string) (n int64) {
	for _, e := range s.Errors {
		if e.Op == op && e.Reason == reason {
			n += e.Count
		}
	}
	return n
}

// chats is how many lines were heard.
func chats(s *results.Summary) int64 { return s.Ops["msg.chat"].Count }

// Whatever goes wrong for a while, or now and then: all agents get in world,
// stay there, and what went wrong is counted by its reason.
func TestTheSwarmCopesWithFaults(t *testing.T) {
	for _, tt := range []struct {
		name, faults string
		seen         func(s *results.Summary) bool // what the fault must leave behind
	}{
		{"loss", "{udp: loss, percent: 20}", func(s *results.Summary) bool { return s.Transport.Resent > 0 && chats(s) > 8 }},
		{"the first packet lost", "{udp: loss, message: UseCircuitCode, percent: 40}", func(s *results.Summary) bool { return s.Transport.Resent > 0 }},
		{"handshake replies lost", "{udp: loss, message: RegionHandshakeReply, percent: 70}", func(s *results.Summary) bool { return s.Transport.Resent > 0 }},
		{"duplicates", "{udp: duplicate}", func(s *results.Summary) bool { return chats(s) > 8 && s.Ops["msg.chat"].Errors == 0 }},
		{"reordering", "{udp: delay, ms: 20, jitter_ms: 20}, {udp: reorder, percent: 20}", func(s *results.Summary) bool {
			return chats(s) > 8 && s.Ops["msg.chat"].ResponseNS.P50 > int64(10*time.Millisecond)
		}},
		// Once they are in: a message that was corrupted and acknowledged is lost
		// for good, and so is an agent's way in that takes it.
		{"corruption", "{udp: corrupt, percent: 3, way: from_grid, from: 5s}", func(s *results.Summary) bool { return chats(s) > 8 && s.Transport.Malformed > 0 }},
		{"malformed packets", "{udp: malformed, percent: 50}", func(s *results.Summary) bool {
			return chats(s) > 8 && s.Ops["msg.chat"].Errors == 0 && s.Transport.Malformed > 20
		}},
		{"a narrow line", "{udp: throttle, kbps: 30, way: from_grid}", func(s *results.Summary) bool {
			return chats(s) > 8 && s.Ops["msg.chat"].ResponseNS.Max > int64(100*time.Millisecond)
		}},
		{"presence", "{login: presence, percent: 50}", func(s *results.Summary) bool { return counted(s, "login.auth", "presence") > 0 }},
		{"an overrun login service", "{login: error, percent: 50}", func(s *results.Summary) bool { return counted(s, "login.auth", "http_503") > 0 }},
		{"cut logins", "{login: cut, percent: 50}", func(s *results.Summary) bool { return counted(s, "login.auth", "reset") > 0 }},
		{"refused now and then", "{login: refuse, reason: maintenance, percent: 50}", func(s *results.Summary) bool { return counted(s, "login", "maintenance") > 0 }},
		{"nonsense now and then", "{login: garbage, percent: 50}", func(s *results.Summary) bool { return counted(s, "login", "bad_body") > 0 }},
		{"sent on and back", "{login: indeterminate, ms: 300, percent: 50}", func(s *results.Summary) bool { return s.Ops["login.auth"].ServiceNS.Max > int64(300*time.Millisecond) }},
		{"seeds not found", "{seed: error, percent: 50}", func(s *results.Summary) bool { return s.Ops["caps.seed"].Count >= 4 }},
		{"seeds of nonsense", "{seed: garbage, percent: 50}", func(s *results.Summary) bool { return counted(s, "caps.seed", "bad_body") > 0 }},
		{"no queue", "{event_queue: error, status: 404}", func(s *results.Summary) bool { return counted(s, "eq.poll", "gone") == 4 }},
		{"polls answered too early", "{event_queue: error}", func(s *results.Summary) bool { return counted(s, "eq.poll", "http_502") == 4 }},
		{"queues of nonsense", "{event_queue: garbage}", func(s *results.Summary) bool { return counted(s, "eq.poll", "bad_body") == 4 }},
		{"lost events", "{event_queue: lose}", func(s *results.Summary) bool { return counted(s, "eq.poll", "reset") == 4 }},
		{"ids in no order", "{event_queue: wrong_ids}", func(s *results.Summary) bool { return s.Ops["eq.poll"].Count > 0 && s.Ops["eq.poll"].Errors == 0 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := faultyRun(t, tt.faults, tt.seen)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the run ended with %v", err)
			}
			if s == nil {
				t.Fatal(err)
			}
			if s.Agents.Logins != 4 || s.Agents.InWorldAtEnd != 4 || s.Agents.Lost != 0 || !tt.seen(s) {
				t.Errorf("agents %+v, errors %+v, transport %+v", s.Agents, s.Errors, s.Transport)
			}
		})
	}
}

// faultyRun is a run of four agents on a grid with faults: until all are in
// world and what is to be seen was seen, or for half a minute.
func faultyRun(t *testing.T, list string, seen func(*results.Summary) bool) (s *results.Summary, err error) {
	t.Helper()
	faults, err := profiles.ParseFaults([]byte("faults: ["+list+"]"), "faults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, testgrid.Config{Faults: faults, Seed: 14}, func(b *bubble) {
		ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
		defer cancel()
		cfg := b.config(long)
		cfg.OnProgress = func(p Progress) {
			if p.Agents.InWorld == 4 && seen(p.Summary()) {
				cancel()
			}
		}
		s, err = Run(ctx, b.Context(), cfg)
	})
	return s, err
}
