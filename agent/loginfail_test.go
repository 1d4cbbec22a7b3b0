package agent

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/login"
	"github.com/slload/slload/message"
)

func TestLoginFails(t *testing.T) {
	const wrong = "login Ann Tester at last"
	nothing := func(*world) {}
	for _, tt := range []struct {
		name   string
		script func(w *world)
		stage  string
		reason string
		is     error // in the chain, if any
		took   time.Duration
		asked  string
		ended  []string // measurements
		heard  string   // the last thing that the simulator heard
	}{
		{name: "wrong password", script: func(w *world) { w.grid.login = []loginAnswer{{reason: "key"}} },
			stage: "auth", reason: "key", is: login.ErrWrongPassword, took: httpTime,
			asked: wrong, ended: []string{"login.auth key", "login key"}},
		{name: "empty seed", script: func(w *world) { w.grid.login = []loginAnswer{{noSeed: true}} },
			stage: "auth", reason: "no_seed", is: login.ErrNoSeed, took: httpTime,
			asked: wrong, ended: []string{"login.auth no_seed", "login no_seed"}},
		{name: "never authorised", script: func(w *world) { w.answers(message.IDCompleteAgentMovement, nil) },
			stage: "handshake", reason: "handshake_timeout", is: context.DeadlineExceeded, took: 60 * time.Second,
			ended: []string{"login.auth", "caps.seed", "login.handshake timeout", "login handshake_timeout"}, heard: "LogoutRequest"},
		{name: "no handshake", script: func(w *world) { w.answers(message.IDCompleteAgentMovement, moved) },
			stage: "handshake", reason: "handshake_timeout", is: context.DeadlineExceeded, took: 60 * time.Second,
			ended: []string{"login.auth", "caps.seed", "login.handshake timeout", "login handshake_timeout"}, heard: "LogoutRequest"},
		{name: "thrown out on the way", script: func(w *world) { w.answers(message.IDCompleteAgentMovement, all(moved, kick)) },
			stage: "handshake", reason: "handshake_kicked", is: &KickedError{"go away, [2J you"},
			ended: []string{"login.auth", "caps.seed", "login.handshake kicked", "login handshake_kicked"}, heard: "ack of KickUser"},
		{name: "disabled on the way", script: func(w *world) { w.answers(message.IDCompleteAgentMovement, disable) },
			stage: "handshake", reason: "handshake_disabled", is: errDisabled,
			ended: []string{"login.auth", "caps.seed", "login.handshake disabled", "login handshake_disabled"}, heard: "ack of DisableSimulator"},
		{name: "closed on the way", script: func(w *world) { w.answers(message.IDCompleteAgentMovement, closeCircuit) },
			stage: "handshake", reason: "handshake_closed_by_peer", is: circuit.ErrPeerClosed,
			ended: []string{"login.auth", "caps.seed", "login.handshake closed_by_peer", "login handshake_closed_by_peer"}},
		{name: "nobody at the simulator's address", script: func(w *world) { w.deaf.Store(true) },
			stage: "handshake", reason: "handshake_timeout", took: 60 * time.Second,
			ended: []string{"login.auth", "caps.seed", "login.handshake timeout", "login handshake_timeout"}, heard: "LogoutRequest"},
		{name: "no seed capability for good", script: func(w *world) { w.grid.seed = []int{404} },
			stage: "seed", reason: "seed_http_404",
			asked: wrong + ", seed 404, seed 404, seed 404, seed 404, seed 404, seed 404",
			ended: []string{"login.auth", "login.handshake", "login", "caps.seed http_404"}, heard: "LogoutRequest"},
		{name: "seed refused", script: func(w *world) { w.grid.seed = []int{403} },
			stage: "seed", reason: "seed_http_403", asked: wrong + ", seed 403",
			ended: []string{"login.auth", "caps.seed http_403", "login.handshake", "login"}, heard: "LogoutRequest"},
		{name: "no EventQueueGet", script: func(w *world) { w.grid.caps = map[string]any{"GetTexture": "http://grid.test/texture"} },
			stage: "seed", reason: "seed_no_event_queue", is: errNoQueue, asked: wrong + ", seed 200",
			ended: []string{"login.auth", "caps.seed", "login.handshake", "login"}, heard: "LogoutRequest"},
		{name: "lost while the seed is awaited", script: func(w *world) {
			w.grid.seed = []int{503}
			w.answers(message.IDCompleteAgentMovement, all(moved, handshake, delayed(time.Second, kick)))
		}, stage: "seed", reason: "seed_lost_kicked", is: &KickedError{"go away, [2J you"},
			ended: []string{"login.auth", "login.handshake", "login", "caps.seed http_503"}, heard: "ack of KickUser"},
		{name: "thrown out while the seed is awaited", script: func(w *world) {
			w.grid.seed = []int{503}
			w.answers(message.IDCompleteAgentMovement, kick)
		}, stage: "handshake", reason: "handshake_kicked", is: &KickedError{"go away, [2J you"},
			ended: []string{"login.auth", "login.handshake kicked", "caps.seed http_503", "login handshake_kicked"}},
		{name: "impossible rate", script: nothing, stage: "options", reason: "options_other"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				tt.script(w)
				opt := w.options("Ann")
				var left []error
				opt.OnLeft = func(_ circuit.Instant, err error) { left = append(left, err) }
				if tt.stage == "options" {
					opt.UpdateHz = -1
				}
				start := time.Now()
				a, err := Login(w.Context(), opt)
				took := time.Since(start)
				checkLoginError(t, a, err, tt.stage, tt.reason, tt.is)
				if tt.took != 0 && (took < tt.took || took > tt.took+time.Second) {
					t.Errorf("failed after %v, want %v", took, tt.took)
				}
				w.measures(loginOps, tt.ended...)
				w.elapse(soon)
				if heard := w.heard(); tt.heard != "" && heard[len(heard)-1] != tt.heard {
					t.Errorf("the simulator heard %q, want %s at last", heard, tt.heard)
				}
				if got := strings.Join(w.grid.got(), ", "); tt.asked != "" && got != tt.asked {
					t.Errorf("the grid was asked %s; want %s", got, tt.asked)
				}
				if wasIn := tt.stage == "seed"; wasIn != (len(left) == 1) {
					t.Errorf("OnLeft was told %v", left)
				}
				w.home.see(func() {
					if n := w.home.Stats().Circuits; n != 0 {
						t.Errorf("%d circuits are left over", n)
					}
				})
			})
		})
	}
}

func checkLoginError(t *testing.T, a *Agent, err error, stage, word string, is error) {
	t.Helper()
	var failed *LoginError
	if a != nil || !errors.As(err, &failed) {
		t.Fatalf("agent %v, error %v; want a *LoginError", a, err)
	}
	if failed.Stage != stage || failed.Reason() != word {
		t.Errorf("stage %q, reason %q (%v); want %q, %q", failed.Stage, failed.Reason(), err, stage, word)
	}
	var kicked *KickedError
	if errors.As(is, &kicked) {
		var got *KickedError
		if !errors.As(err, &got) || *got != *kicked {
			t.Errorf("error %v, want %v in it", err, is)
		}
	} else if is != nil && !errors.Is(err, is) {
		t.Errorf("error %v, want %v in it", err, is)
	}
	if text := err.Error(); strings.ContainsAny(text, "\n\x1b") || !strings.Contains(text, "Ann Tester") {
		t.Errorf("error %q: want one line that names the account", text)
	}
}

// A login that its caller gives up leaves nothing behind, at whatever time.
func TestLoginGivenUp(t *testing.T) {
	stop := errors.New("enough")
	for _, tt := range []struct {
		after time.Duration
		stage string
		heard string // the last thing that the simulator heard
	}{
		{0, "auth", ""},
		{httpTime / 2, "auth", ""},
		{httpTime + 5*time.Millisecond, "handshake", "LogoutRequest"},
		{300 * time.Millisecond, "handshake", "LogoutRequest"},
		{2 * time.Second, "seed", "LogoutRequest"},
	} {
		t.Run(tt.after.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.answers(message.IDCompleteAgentMovement, delayed(time.Second, all(moved, handshake)))
				w.grid.seed = []int{503}
				ctx, cancel := context.WithCancelCause(w.Context())
				time.AfterFunc(tt.after, func() { cancel(stop) })
				if tt.after == 0 {
					cancel(stop)
				}
				a, err := Login(ctx, w.options("Ann"))
				var failed *LoginError
				if a != nil || !errors.Is(err, stop) && !errors.Is(err, context.Canceled) || !errors.As(err, &failed) || failed.Stage != tt.stage {
					t.Errorf("agent %v, error %v; want a failure of stage %s", a, err, tt.stage)
				}
				w.elapse(soon)
				if heard := w.heard(); tt.heard != "" && (len(heard) == 0 || heard[len(heard)-1] != tt.heard) {
					t.Errorf("the simulator heard %q, want %s at last", heard, tt.heard)
				}
			})
		})
	}
}

// A loop that ends takes the logins with it that need it, at whatever time.
func TestLoginOnALoopThatEnds(t *testing.T) {
	for _, after := range []time.Duration{0, httpTime / 2, httpTime + 5*time.Millisecond, 300 * time.Millisecond, 2 * time.Second} {
		t.Run(after.String(), func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.answers(message.IDCompleteAgentMovement, delayed(time.Second, all(moved, handshake)))
				w.grid.seed = []int{503}
				time.AfterFunc(after, w.home.stop)
				a, err := Login(w.Context(), w.options("Ann"))
				if a != nil || !errors.Is(err, circuit.ErrStopped) {
					t.Errorf("agent %v, error %v; want ErrStopped", a, err)
				}
			})
		})
	}
}
