package ogp

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/login"
)

// The whole way: credentials, agent seed, place.
func TestLoginAndPlace(t *testing.T) {
	s := generous(t, nil)
	d := s.mustLogin()
	p, err := d.Place(t.Context(), Place{Seed: host + "/plaza", Position: &[3]float32{128, 64, 25}})
	if err != nil {
		t.Fatal(err)
	}
	s.came(authAt, seedAt, placeAt)
	if p.AgentID != adasID || p.CircuitCode != 4711 || p.Simulator != netip.MustParseAddrPort("127.0.0.1:9001") ||
		p.Seed != host+"/region-seed/only-for-ada" || p.RegionX != 256000 || p.RegionY != 256256 || p.RegionSizeX != 256 {
		t.Errorf("got %v, seed %s", p.Response, p.Seed)
	}
	if p.Position != [3]float32{128, 64, 25} || p.LookAt != [3]float32{1, 0, 0} || p.Access != "PG" || p.First != "Ada" || p.Last != "Example" {
		t.Errorf("stands at %v, looks at %v; %s, %s %s", p.Position, p.LookAt, p.Access, p.First, p.Last)
	}
	if url, err := d.URL(CapEventQueue); err != nil || url != host+"/queue/only-for-ada" {
		t.Errorf("the event queue is at %q, %v", url, err)
	}
	sent := s.sent[AuthPath].(map[string]any)
	hash := strings.TrimPrefix(passwordHash("correct horse"), "$1$")
	want := map[string]any{
		"firstname": "Ada", "lastname": "Example", "md5-password": hash,
		"identifier":    map[string]any{"type": "agent", "first_name": "Ada", "last_name": "Example"},
		"authenticator": map[string]any{"type": "hash", "algorithm": "md5", "secret": hash},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("credentials (-want +got):\n%s", diff)
	}
	place := s.sent["/place/only-for-ada"].(map[string]any)
	if place["public_region_seed_capability"] != host+"/plaza" || len(place["position"].([]any)) != 3 {
		t.Errorf("place was asked %v", place)
	}
}

func passwordHash(password string) string {
	req := login.NewRequest("", "", password)
	return req.PasswordHash()
}

// What domains of other ages say.
func TestOtherForms(t *testing.T) {
	s := generous(t, map[string]any{
		authAt: map[string]any{"agent_seed_capability": host + "/seed/only-for-ada"},
		seedAt: map[string]any{CapPlace: host + "/place/only-for-ada", CapInfo: host + "/info/only-for-ada", CapSkeleton: host + "/skeleton"},
		placeAt: placedAnswer(map[string]any{
			"connect": nil, "agent_id": nil, "session_id": nil, "secure_session_id": nil, "circuit_code": nil,
			"region_seed_capability": nil, "seed_capability": host + "/old-seed", "sim_host": "sim.test", "sim_ip": "127.0.0.2",
		}),
		infoAt:           map[string]any{"agent_id": adasID, "session_id": adasID, "secure_session_id": adasID, "circuit_code": int32(42)},
		"POST /skeleton": []any{map[string]any{"folder_id": adasID, "parent_id": adasID, "name": "Hats", "type_default": int32(-1), "version": int32(1)}},
	})
	p, err := s.mustLogin().Place(t.Context(), Place{Seed: host + "/plaza"})
	if err != nil {
		t.Fatal(err)
	}
	if p.AgentID != adasID || p.CircuitCode != 42 || p.Seed != host+"/old-seed" || p.Simulator.Addr().String() != "127.0.0.2" {
		t.Errorf("got %v with code %d, seed %s", p.Response, p.CircuitCode, p.Seed)
	}
	if len(p.Inventory.Folders) != 1 || p.Inventory.Folders[0].Name != "Hats" {
		t.Errorf("inventory %+v", p.Inventory)
	}
	if _, there := s.sent["/place/only-for-ada"].(map[string]any)["position"]; there {
		t.Error("a position was asked for that nobody gave")
	}
}

func TestLoginFails(t *testing.T) {
	seed := host + "/seed/only-for-ada"
	for _, tt := range []struct {
		name    string
		changes map[string]any
		is      error
		reason  string
		text    string
		passing bool
	}{
		{"wrong password", map[string]any{authAt: map[string]any{"authenticated": false, "reason": "key", "message": "No\nsuch."}},
			login.ErrWrongPassword, "key", "authenticate at http://domain.test:8000/cgi-bin/auth.cgi: the login failed (key): No such.; check the name and the password", false},
		{"unknown account", map[string]any{authAt: map[string]any{"authenticated": false, "reason": "data", "message": "Agent does not exist"}},
			&login.Failure{Code: "data"}, "data", "the login failed (data): Agent does not exist", false},
		{"still in", map[string]any{authAt: map[string]any{"authenticated": false, "connected": false}},
			login.ErrPresence, "presence", "still logged in", true},
		{"neither way", map[string]any{authAt: map[string]any{}}, &login.Failure{}, "refused_login", "gave no reason", false},
		{"granted without a seed", map[string]any{authAt: map[string]any{"authenticated": true}},
			login.ErrNoSeed, "no_seed", "without an agent seed capability", false},
		{"an answer that is no map", map[string]any{authAt: []any{true}}, nil, "bad_body", "not a map", false},
		{"malformed LLSD", map[string]any{authAt: "<llsd><map><key>authenticated</map></llsd>"}, nil, "bad_body", "can't be read", false},
		{"a word of another kind", map[string]any{authAt: map[string]any{"authenticated": []any{}}}, nil, "bad_body", "at authenticated", false},
		{"an old refusal", map[string]any{authAt: 403}, nil, "http_403", "HTTP 403", false},
		{"no agent domain", map[string]any{authAt: nil}, nil, "http_404", "HTTP 404 Not Found; there is no agent domain at that address", false},
		{"down for a while", map[string]any{authAt: 503}, nil, "http_503", "HTTP 503", true},
		{"no such seed", map[string]any{seedAt: nil}, nil, "http_404", "call capability agent seed", false},
		{"a seed of lists", map[string]any{seedAt: map[string]any{"capabilities": []any{"x"}}}, nil, "bad_body", "call capability agent seed", false},
		{"a malformed seed", map[string]any{seedAt: "<llsd>"}, nil, "bad_body", "call capability agent seed", false},
		{"a seed that is no address", map[string]any{authAt: map[string]any{"authenticated": true, "agent_seed_capability": "::only-for-ada"}},
			nil, "bad_url", "its URL is not one", false},
	} {
		d, err := generous(t, tt.changes).login()
		switch {
		case d != nil || err == nil:
			t.Errorf("%s: got in", tt.name)
		case reason.Of(err) != tt.reason || !strings.Contains(err.Error(), tt.text) || tt.is != nil && !errors.Is(err, tt.is):
			t.Errorf("%s: got %v (%s)", tt.name, err, reason.Of(err))
		case login.Passing(err) != tt.passing:
			t.Errorf("%s: passing is %t", tt.name, !tt.passing)
		case strings.Contains(err.Error(), "only-for-ada") || strings.Contains(err.Error(), seed):
			t.Errorf("%s: the error tells a secret: %v", tt.name, err)
		}
	}
}

func TestPlaceFails(t *testing.T) {
	seed := func(urls map[string]any) map[string]any {
		return map[string]any{seedAt: map[string]any{"capabilities": urls}}
	}
	place := func(answer any) map[string]any { return map[string]any{placeAt: answer} }
	for _, tt := range []struct {
		name    string
		changes map[string]any
		reason  string
		text    string
	}{
		{"no such region", place(map[string]any{"connect": false, "reason": "no_region", "message": "None."}),
			"no_region", "could not put the avatar into http://domain.test:8000/plaza: None.; check that the region is up"},
		{"without a word", place(map[string]any{"connect": false}), "not_placed", "into http://domain.test:8000/plaza; check"},
		{"nothing at all", place(map[string]any{}), "not_placed", ""},
		{"no seed", place(placedAnswer(map[string]any{"region_seed_capability": nil})), "no_seed", "without a seed capability"},
		{"no session", place(placedAnswer(map[string]any{"session_id": nil})), "bad_body", "agent_id or session_id is missing"},
		{"no circuit's address", place(placedAnswer(map[string]any{"sim_host": nil})), "bad_body", "no IPv4 address"},
		{"a position elsewhere", place(placedAnswer(map[string]any{"position": "here"})), "bad_body", "at position"},
		{"malformed LLSD", place("<llsd><map>"), "bad_body", "call capability rez_avatar/place"},
		{"thrown out meanwhile", place(nil), "http_404", "call capability rez_avatar/place: the simulator answered HTTP 404"},
		{"no place capability", seed(map[string]any{CapInfo: host}), "no_capability", "the agent domain gives no capability rez_avatar/place"},
	} {
		p, err := generous(t, tt.changes).mustLogin().Place(t.Context(), Place{Seed: host + "/plaza?secret=1"})
		if p != nil || err == nil || reason.Of(err) != tt.reason || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: got %v, %v (%s)", tt.name, p, err, reason.Of(err))
			continue
		}
		if errors.Is(err, ErrRegionUnknown) != (tt.reason == "no_region") {
			t.Errorf("%s: %v is ErrRegionUnknown: %t", tt.name, err, errors.Is(err, ErrRegionUnknown))
		}
		if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "only-for-ada") {
			t.Errorf("%s: the error tells a secret: %v", tt.name, err)
		}
	}
}

func TestStart(t *testing.T) {
	known := map[string]any{
		"presence": map[string]any{"status": "online", "region_url": host + "/plaza"},
		"home":     map[string]any{"region_url": host + "/garden", "position": []any{1.0, 2.0, 3.0}},
	}
	spot := &[3]float32{1, 2, 3}
	for _, tt := range []struct {
		start string
		info  any
		want  Place
		fails string
	}{
		{"uri:Old Town&1&2&3", nil, Place{host + "/old%20town", spot}, ""},
		{"uri:https://other.test/x&1&2&3", nil, Place{"https://other.test/x", spot}, ""},
		{"last", known, Place{Seed: host + "/plaza"}, ""},
		{"home", known, Place{host + "/garden", spot}, ""},
		{"home", map[string]any{}, Place{}, `doesn't tell where "home" is: give a region`},
		{"last", 500, Place{}, "call capability agent/info"},
		{"uri:Plaza&1&2", nil, Place{}, "neither last, home nor"},
		{"uri:&1&2&3", nil, Place{}, "neither last, home nor"},
		{"uri:Plaza&1&two&3", nil, Place{}, `"two" is no coordinate`},
		{"", nil, Place{}, "neither last, home nor"},
	} {
		got, err := generous(t, map[string]any{infoAt: tt.info}).mustLogin().Start(t.Context(), tt.start)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err != nil) != (tt.fails != "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
			t.Errorf("%q: error %v (-want +got):\n%s", tt.start, err, diff)
		}
	}
	var nowhere *NowhereError
	if _, err := generous(t, map[string]any{infoAt: map[string]any{}}).mustLogin().Start(t.Context(), "last"); !errors.As(err, &nowhere) {
		t.Errorf("got %v", err)
	}
}

func TestPublicSeed(t *testing.T) {
	s := generous(t, map[string]any{
		"GET /plaza":  map[string]any{"connect": true, "capabilities": map[string]any{CapRequest: host + "/request"}},
		"GET /closed": map[string]any{"connect": true, "capabilities": map[string]any{}},
		"GET /odd":    map[string]any{"connect": true, "capabilities": "none"},
		"GET /bare":   map[string]any{"connect": false},
	})
	d := s.mustLogin()
	r, err := d.PublicSeed(t.Context(), d.Region("Plaza"))
	if err != nil {
		t.Fatal(err)
	}
	if url, err := r.URL(CapRequest); err != nil || url != host+"/request" {
		t.Errorf("got %q, %v", url, err)
	}
	for _, name := range []string{"closed", "bare"} {
		var missing *MissingError
		r, err := d.PublicSeed(t.Context(), d.Region(name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.URL(CapRequest); !errors.As(err, &missing) || !strings.Contains(err.Error(), "public seed gives no capability rez_avatar/request") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var status *caps.StatusError
	if _, err := d.PublicSeed(t.Context(), d.Region("nowhere")); !errors.As(err, &status) || status.Status != http.StatusNotFound {
		t.Errorf("no region: got %v", err)
	}
	if _, err := d.PublicSeed(t.Context(), d.Region("odd")); reason.Of(err) != "bad_body" {
		t.Errorf("no map: got %v", err)
	}
}

func TestLeaveNamesNoRegion(t *testing.T) {
	s := generous(t, map[string]any{placeAt: map[string]any{"connect": false}})
	if err := s.mustLogin().Leave(t.Context()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]any{"public_region_seed_capability": ""}, s.sent["/place/only-for-ada"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADomainPrintsNoSecrets(t *testing.T) {
	d := generous(t, nil).mustLogin()
	p, err := d.Place(t.Context(), Place{Seed: host + "/plaza"})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("values", "domain", d, "placement", *p)
	text := fmt.Sprintf("%v %+v %#v %s", d, d, d, d) + fmt.Sprintf("%v %+v %#v", p, *p, *p) + log.String()
	if strings.Contains(text, "only-for-ada") || strings.Contains(text, p.SessionID.String()) || strings.Contains(text, "4711") {
		t.Errorf("printed: %s", text)
	}
	if !strings.Contains(text, "Ada Example") {
		t.Errorf("nothing was printed: %s", text)
	}
}

func TestAuthAddress(t *testing.T) {
	for uri, want := range map[string]string{
		"http://127.0.0.1:9000":        "http://127.0.0.1:9000/cgi-bin/auth.cgi",
		"http://127.0.0.1:9000/":       "http://127.0.0.1:9000/cgi-bin/auth.cgi",
		"https://login.test/agent/in":  "https://login.test/agent/in",
		"http://login.test/auth.cgi?x": "http://login.test/auth.cgi?x",
		":nothing":                     ":nothing",
	} {
		if got := (&Client{URI: uri}).auth(); got != want {
			t.Errorf("%q: got %q, want %q", uri, got, want)
		}
	}
	c := Client{URI: ":nothing"}
	if _, err := c.Login(t.Context(), login.NewRequest("a", "b", "c")); !errors.Is(err, login.ErrURI) {
		t.Errorf("got %v", err)
	}
}
