package ogp

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/login"
)

// script is an agent domain, and its regions, that answers each request by
// method and path: with an LLSD value, a status or a text. It notes what came.
type script struct {
	t       *testing.T
	answers map[string]any

	mu    sync.Mutex
	asked []string
	sent  map[string]any // by path, as LLSD has it
}

// host is where the script's domain is.
const host = "http://domain.test:8000"

// Paths of the domain.
const (
	authAt  = "POST " + AuthPath
	seedAt  = "POST /seed/only-for-ada"
	placeAt = "POST /place/only-for-ada"
	infoAt  = "GET /info/only-for-ada"
)

var adasID = uuid.NewSHA1(uuid.Nil, []byte("ada"))

// generous is a domain that grants everything, with answers replaced by
// changes; nil takes one away.
func generous(t *testing.T, changes map[string]any) *script {
	s := &script{t: t, sent: map[string]any{}, answers: map[string]any{
		authAt: map[string]any{"authenticated": true, "agent_seed_capability": host + "/seed/only-for-ada"},
		seedAt: map[string]any{"capabilities": map[string]any{
			CapPlace: host + "/place/only-for-ada", CapEventQueue: host + "/queue/only-for-ada", CapInfo: host + "/info/only-for-ada",
		}},
		placeAt: placedAnswer(nil),
		infoAt:  map[string]any{"presence": map[string]any{"status": "offline", "region_url": host + "/plaza"}},
	}}
	for key, answer := range changes {
		s.answers[key] = answer
	}
	return s
}

// placedAnswer is an avatar that was put into a region, with fields replaced
// by changes; nil takes one away.
func placedAnswer(changes map[string]any) map[string]any {
	fields := map[string]any{
		"connect": true, "agent_id": adasID, "session_id": uuid.NewSHA1(adasID, []byte("session")),
		"secure_session_id": uuid.NewSHA1(adasID, []byte("secure")), "circuit_code": int32(4711),
		"sim_host": "127.0.0.1", "sim_port": int32(9001), "region_x": int32(256000), "region_y": int32(256256),
		"region_seed_capability": host + "/region-seed/only-for-ada", "sim_access": "PG",
		"position": []any{128.0, 64.0, 25.0}, "look_at": []any{1.0, 0.0, 0.0},
	}
	for key, value := range changes {
		if value == nil {
			delete(fields, key)
		} else {
			fields[key] = value
		}
	}
	return fields
}

// RoundTrip makes the script an http.RoundTripper.
func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	what := r.Method + " " + r.URL.Path
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, what)
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var sent any
		if err := llsd.Decode(body, &sent); err != nil || r.Header.Get("Content-Type") != llsd.ContentTypeXML {
			s.t.Errorf("%s: got %q as %s: %v", what, body, r.Header.Get("Content-Type"), err)
		}
		s.sent[r.URL.Path] = sent
	}
	status, text := http.StatusOK, ""
	switch answer := s.answers[what].(type) {
	case nil:
		status = http.StatusNotFound
	case int:
		status = answer
	case string:
		text = answer
	default:
		body, err := llsd.MarshalXML(answer)
		if err != nil {
			s.t.Error(err)
		}
		text = string(body)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func (s *script) login() (*Domain, error) {
	c := Client{HTTP: &http.Client{Transport: s}, URI: host + "/"}
	return c.Login(s.t.Context(), login.NewRequest("Ada", "Example", "correct horse"))
}

// mustLogin is login where it must go well.
func (s *script) mustLogin() *Domain {
	s.t.Helper()
	d, err := s.login()
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// came checks what was asked for, in order.
func (s *script) came(want ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if got, want := fmt.Sprint(s.asked), fmt.Sprint(want); got != want {
		s.t.Errorf("the domain was asked %s; want %s", got, want)
	}
}
