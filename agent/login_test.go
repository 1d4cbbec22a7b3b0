package agent

import (
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

var loginOps = []string{OpLogin, OpAuth, OpHandshake, OpSeed}

func TestEnterARegion(t *testing.T) {
	inWorld(t, func(w *world) {
		began := circuit.Now()
		a := w.enter("Ann")
		w.hears("UseCircuitCode", "CompleteAgentMovement", "AgentThrottle", "AgentHeightWidth", "RegionHandshakeReply")
		w.asked("login Ann Tester at last", "seed 200", "poll ack <nil> done false")
		w.measures(loginOps, "login.auth", "caps.seed", "login.handshake", "login")
		for _, m := range w.home.measurements(OpAuth, OpSeed) {
			if m.end.Sub(m.sent) != httpTime {
				t.Errorf("%s took %v, the grid %v", m.op, m.end.Sub(m.sent), httpTime)
			}
		}
		if m := w.home.measurements(OpLogin)[0]; m.intended != began || m.sent != began {
			t.Errorf("login counts from %d, sent %d; it began at %d", m.intended, m.sent, began)
		}
		if a.ID != agentIDOf("Ann") || a.String() != "Ann Tester" || a.Err() != nil {
			t.Errorf("agent %v, %v, %v", a.ID, a, a.Err())
		}
		s, err := a.State(w.Context())
		want := RegionInfo{Name: "Testing", ID: regionID, X: 256000, Y: 256256, SizeX: 256, SizeY: 256}
		if err != nil || s.Region != want || s.Position != (message.Vector3{X: 128, Y: 128, Z: 25}) {
			t.Errorf("state %+v, %v", s, err)
		}
	})
}

// In world means AgentMovementComplete, and RegionHandshake seen once, in
// whatever order they come: the later one's arrival ends the login.
func TestInWorldIsMovementAndHandshake(t *testing.T) {
	const between = 300 * time.Millisecond
	for _, tt := range []struct {
		name   string
		answer answer
		last   string
		reply  int // handshakes answered
	}{
		{"together", all(moved, handshake), "RegionHandshake", 1},
		{"movement first", all(moved, delayed(between, handshake)), "RegionHandshake", 1},
		{"handshake first", all(handshake, delayed(between, moved)), "AgentMovementComplete", 1},
		{"handshake twice before", all(handshake, handshake, delayed(between, moved)), "AgentMovementComplete", 2},
		{"movement twice", all(moved, moved, delayed(between, handshake)), "RegionHandshake", 1},
		{"somebody else's movement", all(movedStranger, handshake, delayed(between, moved)), "AgentMovementComplete", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.answers(message.IDCompleteAgentMovement, tt.answer)
				w.enter("Ann", withoutQueue)
				in := w.home.passed(false, tt.last, 1)
				if tt.name == "somebody else's movement" {
					in = w.home.passed(false, tt.last, 2)
				}
				use := w.home.passed(true, "UseCircuitCode", 1)
				for _, m := range w.home.measurements(OpLogin, OpHandshake) {
					if m.end != in {
						t.Errorf("%s ended %v after %s", m.op, m.end.Sub(in), tt.last)
					}
					if m.op == OpHandshake && (m.intended != use || m.sent != use) {
						t.Errorf("%s counts from %v after UseCircuitCode", m.op, m.sent.Sub(use))
					}
				}
				w.elapse(soon)
				heard := strings.Join(w.heard(), " ")
				if n := strings.Count(heard, "RegionHandshakeReply"); n != tt.reply {
					t.Errorf("%d handshakes answered, want %d: %s", n, tt.reply, heard)
				}
				if n := strings.Count(heard, "AgentThrottle"); n != 1 {
					t.Errorf("introduced %d times: %s", n, heard)
				}
			})
		})
	}
}

func TestHandshakeIsAnsweredWheneverItComes(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.heard()
		w.says(a, all(handshake, handshake))
		w.hears("RegionHandshakeReply", "RegionHandshakeReply")
		w.measures([]string{OpHandshake}, "login.handshake")
	})
}

// OpenSim acks UseCircuitCode and CompleteAgentMovement before it authorises
// the circuit, and then forgets them: an ack is no success.
func TestAckIsNoSuccess(t *testing.T) {
	inWorld(t, func(w *world) {
		w.answers(message.IDCompleteAgentMovement, nil, nil, all(moved, handshake))
		start := time.Now()
		w.enter("Ann", withoutQueue)
		if took := time.Since(start); took < 2*handshakeRetry || took > 2*handshakeRetry+time.Second {
			t.Errorf("in world after %v; the third CompleteAgentMovement comes %v after the first", took, 2*handshakeRetry)
		}
		w.elapse(time.Minute)
		if n := strings.Count(strings.Join(w.heard(), " "), "CompleteAgentMovement"); n != 3 {
			t.Errorf("CompleteAgentMovement came %d times, want 3", n)
		}
	})
}

func TestPassingRefusalsAreTriedAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.grid.login = []loginAnswer{{reason: "presence"}, {status: 503}, {}}
		w.grid.seed = []int{404, 503, 200}
		start := circuit.Now()
		w.enter("Ann")
		w.asked("login Ann Tester at last", "login Ann Tester at last", "login Ann Tester at last",
			"seed 404", "seed 503", "seed 200", "poll ack <nil> done false")
		w.measures(loginOps, "login.auth presence", "login.auth http_503", "login.auth", "login.handshake", "login", "caps.seed")
		// The login's time is that of all tries; a further try counts from its
		// own start.
		if m := w.home.measurements(OpLogin)[0]; m.sent != start || m.end.Sub(start) < time.Second {
			t.Errorf("login took %v since %v after its start", m.end.Sub(m.sent), m.sent.Sub(start))
		}
		for _, m := range w.home.measurements(OpAuth) {
			if m.end.Sub(m.intended) != httpTime {
				t.Errorf("login.auth took %v, the grid %v", m.end.Sub(m.intended), httpTime)
			}
		}
	})
}

// Response times count from when the login was planned.
func TestLoginCountsFromItsPlannedStart(t *testing.T) {
	inWorld(t, func(w *world) {
		planned := circuit.Now()
		w.elapse(time.Second)
		a, err := Login(circuit.WithIntended(w.Context(), planned), w.options("Ann"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range w.home.measurements(OpLogin, OpAuth) {
			if m.intended != planned || m.sent != planned.Add(time.Second) {
				t.Errorf("%s: intended at %d, sent %v later; want %d, 1s", m.op, m.intended, m.sent.Sub(m.intended), planned)
			}
		}
		if err := a.Logout(w.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestWithoutEventQueueThereIsNoHTTPButTheLogin(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(3 * time.Minute)
		if err := a.Logout(w.Context()); err != nil {
			t.Error(err)
		}
		w.asked("login Ann Tester at last")
		w.measures([]string{OpSeed, OpPoll})
	})
}

func TestLoginByLLSD(t *testing.T) {
	inWorld(t, func(w *world) {
		w.enter("Ann", func(o *Options) { o.Protocol, o.Start = LLSD, "uri:Testing&10&20&30" })
		w.asked("login Ann Tester at uri:Testing&10&20&30 by LLSD", "seed 200", "poll ack <nil> done false")
	})
}
