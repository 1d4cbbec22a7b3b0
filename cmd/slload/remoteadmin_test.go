package main

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/xmlrpc"
)

// fakeAdmin answers as OpenSim's RemoteAdmin does. The account Old One is
// there already, and nobody can be called Bad.
type fakeAdmin struct {
	mu       sync.Mutex
	accounts map[string]string // passwords by name
	without  string            // a method that isn't enabled
}

func newFakeAdmin() *fakeAdmin { return &fakeAdmin{accounts: map[string]string{"Old One": "?"}} }

func (f *fakeAdmin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	method, params, err := xmlrpc.UnmarshalRequest(body)
	fields, ok := map[string]any{}, len(params) == 1
	if ok {
		fields, ok = params[0].(map[string]any)
	}
	if err != nil || !ok || r.Header.Get("Content-Type") != "text/xml" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if method == f.without {
		_, _ = w.Write(xmlrpc.MarshalFault(xmlrpc.Fault{Code: -32601, Message: "Requested method [" + method + "] not found"}))
		return
	}
	answer, err := xmlrpc.MarshalResponse(f.answer(method, fields))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(answer)
}

func (f *fakeAdmin) answer(method string, p map[string]any) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p["password"] != "radmin" {
		return map[string]any{"success": false, "accepted": false, "error": "wrong password"}
	}
	first, _ := p["user_firstname"].(string)
	last, _ := p["user_lastname"].(string)
	_, there := f.accounts[first+" "+last]
	if method == "admin_exists_user" {
		return map[string]any{"success": there, "lastlogin": int32(0)}
	}
	for _, name := range []string{"start_region_x", "start_region_y"} {
		if _, ok := p[name].(int32); !ok {
			return map[string]any{"success": false, "accepted": false, "error": "missing integer parameter " + name, "avatar_uuid": noUUID}
		}
	}
	password, _ := p["user_password"].(string)
	if there || first == "Bad" || password == "" {
		return map[string]any{"success": false, "error": "failed to create new user " + first + " " + last, "avatar_uuid": noUUID}
	}
	f.accounts[first+" "+last] = password
	return map[string]any{"success": true, "avatar_uuid": "3b241101-e2bb-4255-8caf-4136c566a962"}
}

const noUUID = "00000000-0000-0000-0000-000000000000"

// cmdRemoteAdmin starts a fake RemoteAdmin until the script's end and sets a
// variable to its address: remoteadmin VARIABLE [METHOD-THAT-LACKS].
func cmdRemoteAdmin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: remoteadmin VARIABLE [METHOD]")
	}
	fake := newFakeAdmin()
	if len(args) > 1 {
		fake.without = args[1]
	}
	srv := httptest.NewServer(fake)
	ts.Defer(srv.Close)
	ts.Setenv(args[0], srv.URL+"/")
}

func TestRemoteAdminCreates(t *testing.T) {
	fake := newFakeAdmin()
	srv := httptest.NewServer(fake)
	defer srv.Close()
	admin := &remoteAdmin{url: srv.URL, password: "radmin", http: srv.Client()}
	for _, tt := range []struct {
		first, last string
		created     bool
		err         string
	}{
		{"New", "One", true, ""},
		{"New", "One", false, ""}, // there by now
		{"Old", "One", false, ""},
		{"Bad", "One", false, "failed to create new user Bad One"},
	} {
		created, err := admin.create(t.Context(), tt.first, tt.last, "secret")
		if created != tt.created || (tt.err == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s %s: %v, %v; want %v, %q", tt.first, tt.last, created, err, tt.created, tt.err)
		}
	}
	if fake.accounts["New One"] != "secret" || fake.accounts["Old One"] != "?" {
		t.Errorf("accounts %v", fake.accounts)
	}
}

func TestRemoteAdminsThatAreNone(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	text := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer text.Close()
	down := httptest.NewServer(http.NotFoundHandler())
	defer down.Close()
	for _, tt := range []struct{ name, url, err string }{
		{"nobody there", gone.URL, "no grid answers"},
		{"not XML-RPC", text.URL, "read the answer"},
		{"no service", down.URL, "HTTP 404"},
		{"no address", "nonsense", `--remote-admin "nonsense"`},
	} {
		_, err := (&remoteAdmin{url: tt.url, password: "radmin", http: http.DefaultClient}).create(t.Context(), "New", "One", "secret")
		if err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.err)
		}
		if tt.url == gone.URL && !errors.As(err, new(*swarm.UnreachableError)) {
			t.Errorf("%s: %T is not unreachable", tt.name, err)
		}
	}
}
