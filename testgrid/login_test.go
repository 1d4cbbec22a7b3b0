package testgrid

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/xmlrpc"
)

func TestLoginAnswer(t *testing.T) {
	inWorld(t, Config{Regions: 4}, func(w *world) {
		fields := w.xmlLogin(credentials("Ann", inRegion(4, 10, 20, 0)))
		region := w.grid.regions[3]
		want := map[string]any{
			"login": "true", "first_name": "Ann", "last_name": "Tester", "agent_id": agentID("Ann", "Tester").String(),
			"sim_ip": "127.0.0.1", "sim_port": int32(region.addr.Port()),
			"region_x": int32(1001 * 256), "region_y": int32(1001 * 256), "region_size_x": int32(256), "region_size_y": int32(256),
			"look_at": "[r0,r1,r0]", "start_location": "url", "agent_access": "M", "agent_access_max": "A",
			"message": "Welcome to the embedded grid.", "max-agent-groups": int32(42), "http_port": int32(0),
		}
		got := maps.Clone(fields)
		for _, random := range []string{"session_id", "secure_session_id"} {
			_, err := uuid.Parse(fields[random].(string))
			check(t, err == nil, "%s is %v", random, fields[random])
			delete(got, random)
		}
		check(t, fields["session_id"] != fields["secure_session_id"], "the secure session id is the session id")
		check(t, fields["circuit_code"].(int32) > 0, "circuit code %v", fields["circuit_code"])
		check(t, strings.HasPrefix(fields["seed_capability"].(string), w.grid.LoginURI()+"CAPS/"), "seed %v", fields["seed_capability"])
		check(t, strings.HasPrefix(fields["home"].(string), "{'region_handle':[r"), "home %v", fields["home"])
		check(t, fields["seconds_since_epoch"].(int32) > 0, "time %v", fields["seconds_since_epoch"])
		for _, checked := range []string{"circuit_code", "seed_capability", "home", "seconds_since_epoch"} {
			delete(got, checked)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("fields (-want +got):\n%s", diff)
		}
		var look []float64
		if err := llsd.UnmarshalNotation([]byte(fields["look_at"].(string)), &look); err != nil || !slices.Equal(look, []float64{0, 1, 0}) {
			t.Errorf("look_at reads as %v, %v", look, err)
		}
		var home map[string]any
		if err := llsd.UnmarshalNotation([]byte(fields["home"].(string)), &home); err != nil || len(home) != 3 {
			t.Errorf("home reads as %v, %v", home, err)
		}
	})
}

func TestLoginBringsTheOptionsAskedFor(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		request := credentials("Ann", "last")
		request["options"] = []any{"inventory-root", "inventory-skeleton", "buddy-list", "no-such-thing"}
		fields := w.xmlLogin(request)
		root := fields["inventory-root"].([]any)[0].(map[string]any)["folder_id"]
		skeleton := fields["inventory-skeleton"].([]any)
		check(t, len(skeleton) == len(systemFolderTypes)+1, "%d folders came", len(skeleton))
		first := skeleton[0].(map[string]any)
		check(t, first["folder_id"] == root && first["parent_id"] == uuid.Nil.String(), "the skeleton begins with %v, not the root %v", first, root)
		for _, f := range skeleton[1:] {
			check(t, f.(map[string]any)["parent_id"] == root, "folder %v has another parent than the root", f)
		}
		check(t, len(fields["buddy-list"].([]any)) == 0, "buddies came")
		for option := range optional {
			_, there := fields[option]
			check(t, there == slices.Contains(request["options"].([]any), any(option)), "%s is there: %v", option, there)
		}
	})
}

func TestEveryOptionEncodes(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		request := credentials("Ann", "last")
		all := slices.Sorted(maps.Keys(optional))
		request["options"] = all
		fields := w.xmlLogin(request)
		for _, option := range all {
			_, isList := fields[option].([]any)
			check(t, isList, "%s is %v", option, fields[option])
		}
	})
}

func TestRefusedLogins(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil  func(fields map[string]any)
		reason string
	}{
		"wrong password":      {func(f map[string]any) { f["passwd"] = "$1$" + hash("guess") }, "key"},
		"wrong password bare": {func(f map[string]any) { f["passwd"] = "guess" }, "key"},
		"no password":         {func(f map[string]any) { delete(f, "passwd") }, "key"},
		"no name":             {func(f map[string]any) { f["first"] = "" }, "key"},
		"name of no type":     {func(f map[string]any) { f["first"] = []any{} }, "key"},
		"endless name":        {func(f map[string]any) { f["last"] = strings.Repeat("x", 64) }, "key"},
		"no such region":      {func(f map[string]any) { f["start"] = "uri:Atlantis&1&2&3" }, "key"},
		"no place at all":     {func(f map[string]any) { f["start"] = "somewhere" }, "key"},
	} {
		inWorld(t, Config{}, func(w *world) {
			request := credentials("Ann", "last")
			tt.spoil(request)
			fields := w.xmlLogin(request)
			check(t, fields["login"] == "false" && fields["reason"] == tt.reason && fields["message"] != "", "%s: got %v", name, fields)
			check(t, len(fields) == 3, "%s: a refusal tells %v", name, fields)
			check(t, w.grid.directory.agents() == 0, "%s: somebody is logged in", name)
			s := w.grid.Stats(w.t.Context())
			check(t, s.LoginsRefused == 1 && s.Logins == 0, "%s: counted %d logins, %d refused", name, s.Logins, s.LoginsRefused)
		})
	}
}

func TestPasswordsThatMatch(t *testing.T) {
	for _, tt := range []struct {
		given string
		want  bool
	}{
		{"$1$5ebe2294ecd0e0f08eab7690d2a6ee69", true}, // md5("secret")
		{"$1$5EBE2294ECD0E0F08EAB7690D2A6EE69", true},
		{"secret", true},
		{"5ebe2294ecd0e0f08eab7690d2a6ee69", false},
		{"$1$secret", false},
		{"$1$", false},
	} {
		check(t, passwordMatches(tt.given, "secret") == tt.want, "%q matches: %v", tt.given, !tt.want)
	}
}

func TestRegionThatIsFull(t *testing.T) {
	inWorld(t, Config{Regions: 2, Capacity: 1}, func(w *world) {
		w.login("Ann", inRegion(1, 60, 60, 0))
		fields := w.xmlLogin(credentials("Bob", inRegion(1, 60, 60, 0)))
		check(t, fields["login"] == "false" && strings.Contains(fields["message"].(string), "full"), "the second in the region got %v", fields)
		bob := w.enter("Bob", inRegion(2, 60, 60, 0))
		bob.sendReliable(bob.logsOut())
		bob.listen()
		w.login("Cid", inRegion(2, 60, 60, 0)) // there is room again
	})
}

func TestLLSDLogin(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		request := credentials("Ann", at(60, 60, 0))
		request["options"] = []any{"inventory-root"}
		body, err := llsd.MarshalXML(request)
		if err != nil {
			t.Fatal(err)
		}
		answer := w.post("/", "application/llsd+xml", string(body))
		check(t, answer.Header().Get("Content-Type") == "application/llsd+xml", "answered as %q", answer.Header().Get("Content-Type"))
		var in loggedIn
		if err := llsd.UnmarshalXML(answer.Body.Bytes(), &in); err != nil {
			t.Fatal(err)
		}
		check(t, in.Login == "true" && in.Agent == agentID("Ann", "Tester"), "got %+v", in)
		w.viewer(in).arrive()
	})
}

func TestRequestsThatAreNoLogin(t *testing.T) {
	other, err := xmlrpc.MarshalRequest("get_everything", map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	none, err := xmlrpc.MarshalRequest("login_to_simulator")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		contentType, body string
		status            int
		contains          string
	}{
		"another method": {"text/xml", string(other), http.StatusOK, "faultCode"},
		"no parameters":  {"text/xml", string(none), http.StatusOK, "Incomplete"},
		"broken XML-RPC": {"text/xml", "<methodCall>", http.StatusBadRequest, ""},
		"broken LLSD":    {"application/llsd+xml", "<llsd>", http.StatusBadRequest, ""},
		"endless":        {"text/xml", strings.Repeat(" ", loginBodyLimit+1), http.StatusBadRequest, ""},
	} {
		inWorld(t, Config{}, func(w *world) {
			answer := w.post("/", tt.contentType, tt.body)
			check(t, answer.Code == tt.status && strings.Contains(answer.Body.String(), tt.contains), "%s: got %d %s", name, answer.Code, answer.Body)
		})
	}
}

func TestLooseVector(t *testing.T) {
	check(t, looseVector(defaultLook) == "[r0,r1,r0]", "got %s", looseVector(defaultLook))
}
