package swarm

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/xmlrpc"
)

// stranger is nobody's address: 198.51.100.0/24 is for documents.
const stranger = "198.51.100.7"

// hostile is a login service that says what fields say to everybody.
func hostile(t *testing.T, fields map[string]any) string {
	t.Helper()
	answer, err := xmlrpc.MarshalResponse(fields)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// A grid can't aim the swarm at somebody else, neither by the simulator that
// it names nor by the service that it sends logins on to.
func TestHostileGridsLeadNowhere(t *testing.T) {
	granted := map[string]any{
		"login": "true", "agent_id": uuid.New(), "session_id": uuid.New(), "secure_session_id": uuid.New(), "circuit_code": int32(7),
		"sim_ip": stranger, "sim_port": int32(9000), "seed_capability": "http://127.0.0.1:1/seed",
	}
	sentOn := map[string]any{
		"login": "indeterminate", "next_url": "http://" + stranger + "/", "next_method": "login_to_simulator", "next_duration": int32(0),
	}
	for name, fields := range map[string]map[string]any{"a simulator": granted, "another login service": sentOn} {
		t.Run(name, func(t *testing.T) {
			s, err := Run(t.Context(), t.Context(), config(t, long, hostile(t, fields), password))
			if !errors.As(err, new(*ConfigError)) || !errors.As(err, new(*target.Error)) || !strings.Contains(err.Error(), stranger) {
				t.Errorf("the run ended with %v, want a refusal of %s", err, stranger)
			}
			if s == nil || s.Agents.Logins != 0 {
				t.Errorf("summary %+v", s)
			}
		})
	}
}

// Capabilities, event queues and redirects of HTTP pass the guard, with and
// without chosen sources.
func TestEveryConnectionPassesTheGuard(t *testing.T) {
	redirect := httptest.NewServer(http.RedirectHandler("http://"+stranger+"/", http.StatusTemporaryRedirect))
	defer redirect.Close()
	for _, sources := range []bool{false, true} {
		guard, err := target.New(t.Context(), target.Policy{}, redirect.URL)
		if err != nil {
			t.Fatal(err)
		}
		calls, polls := newHTTP(sources, guard, maxDials)
		if sources {
			calls, polls = clientFrom(calls, loopback), clientFrom(polls, loopback)
		}
		for _, client := range []*http.Client{calls, polls} {
			for _, url := range []string{redirect.URL, "http://" + stranger + "/seed", "https://" + stranger + "/seed", "https://login.agni.lindenlab.com/"} {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				resp, err := client.Do(req)
				if err == nil {
					resp.Body.Close()
				}
				if !errors.As(err, new(*target.Error)) {
					t.Errorf("POST %s, sources %t: %v, want a *target.Error", url, sources, err)
				}
			}
			client.CloseIdleConnections()
		}
	}
}

var loopback = netip.MustParseAddr("127.0.0.1")

// A profile's address is refused before anything is sent or written.
func TestRunRefusesStrangers(t *testing.T) {
	cfg := config(t, long, "http://"+stranger+"/", password)
	if s, err := Run(t.Context(), t.Context(), cfg); s != nil || !errors.As(err, new(*ConfigError)) || !strings.Contains(err.Error(), "--allow-target") {
		t.Errorf("summary %v, error %v", s, err)
	}
	if checks, err := Diagnose(t.Context(), Checkup{LoginURI: cfg.LoginURI, Agents: 1}); checks != nil || !errors.As(err, new(*ConfigError)) {
		t.Errorf("checks %v, error %v", checks, err)
	}
}
