package target

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// names are what the tests' resolver knows.
var names = map[string][]string{
	"localhost":                 {"127.0.0.1", "::1"},
	"lan.test":                  {"192.168.1.7"},
	"grid.test":                 {"198.51.100.7"},
	"half.test":                 {"10.0.0.1", "198.51.100.7"},
	"metadata.test":             {"169.254.169.254"},
	"login.agni.lindenlab.com":  {"203.0.113.9"},
	"fakelindenlab.com":         {"127.0.0.1"},
	"sub.secondlife.com":        {"127.0.0.1"},
	"simulator.grid.test":       {"203.0.113.20"},
	"LOGIN.ADITI.LINDENLAB.COM": {"203.0.113.9"},
}

func testNames(_ context.Context, host string) ([]netip.Addr, error) {
	list, ok := names[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	var addrs []netip.Addr
	for _, a := range list {
		addrs = append(addrs, netip.MustParseAddr(a))
	}
	return addrs, nil
}

func TestWhichGridsMayBeLoaded(t *testing.T) {
	allow := func(names ...string) Policy { return Policy{Allow: names} }
	permitted := func(names ...string) Policy { return Policy{Allow: names, Permission: true} }
	for _, tt := range []struct {
		uri    string
		policy Policy
		want   string // in the error; "" where it is allowed
	}{
		{"http://127.0.0.1:9000/", Policy{}, ""},
		{"http://127.77.0.1:9000/", Policy{}, ""},
		{"http://[::1]:9000/", Policy{}, ""},
		{"http://[::ffff:127.0.0.1]:9000/", Policy{}, ""},
		{"http://localhost:9000/", Policy{}, ""},
		{"http://10.1.2.3/", Policy{}, ""},
		{"http://172.31.0.1/", Policy{}, ""},
		{"http://[fd00::1]/", Policy{}, ""},
		{"https://lan.test/", Policy{}, ""},
		{"http://unknown.test/", Policy{}, ""}, // can't be reached either
		{"nonsense", Policy{}, ""},
		{"http://me:hush@127.0.0.1:9000/", permitted("127.0.0.1"), "leave that part out"},
		{"http://me@localhost/", Policy{}, "localhost is no allowed target: its address holds a name"},

		{"http://198.51.100.7:9000/", Policy{}, "198.51.100.7 is no allowed target"},
		{"http://172.32.0.1/", Policy{}, "--allow-target 172.32.0.1"},
		{"http://0.0.0.0:9000/", Policy{}, "0.0.0.0"},
		{"http://169.254.169.254/", Policy{}, "169.254.169.254"},
		{"http://metadata.test/", Policy{}, "169.254.169.254"},
		{"http://[2001:db8::1]/", Policy{}, "2001:db8::1"},
		{"http://[::ffff:198.51.100.7]/", Policy{}, "198.51.100.7"},
		{"http://grid.test/", Policy{}, "grid.test (198.51.100.7)"},
		{"http://half.test/", Policy{}, "half.test (198.51.100.7)"},

		{"http://grid.test/", allow("grid.test"), ""},
		{"http://grid.test/", allow("198.51.100.7"), ""},
		{"http://grid.test/", allow("198.51.100.0/24"), ""},
		{"http://grid.test/", allow("lan.test"), "grid.test"},
		{"http://half.test/", allow("half.test"), ""},
		{"http://grid.test/", allow("http://grid.test/"), "want a host's name"},
		{"http://grid.test/", allow(""), "want a host's name"},
		{"http://grid.test/", allow("unknown.test"), "no such host"},

		{"https://login.agni.lindenlab.com/cgi-bin/login.cgi", Policy{}, "--i-have-permission"},
		{"https://LOGIN.ADITI.LINDENLAB.COM/", Policy{}, "--i-have-permission"},
		{"https://login.agni.lindenlab.com./", Policy{}, "--i-have-permission"},
		{"https://sub.secondlife.com/", Policy{}, "--i-have-permission"},
		{"https://login.agni.lindenlab.com/", allow("login.agni.lindenlab.com"), "--i-have-permission"},
		{"https://login.agni.lindenlab.com/", permitted(), "--allow-target"},
		{"https://login.agni.lindenlab.com/", permitted("login.agni.lindenlab.com"), ""},
		{"http://fakelindenlab.com/", Policy{}, ""},
	} {
		_, err := tt.policy.guard(t.Context(), testNames, []string{tt.uri})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s with %v: %v", tt.uri, tt.policy, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s with %v: %v; want %q", tt.uri, tt.policy, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: more than one line: %q", tt.uri, err)
		}
	}
}

// A grid that is somebody else's can't aim the swarm at third parties, nor at
// the private network of who runs it.
func TestWhereGridsMaySendTheSwarm(t *testing.T) {
	for _, tt := range []struct {
		grid  string
		allow []string
		to    string
		want  bool
	}{
		{"http://127.0.0.1:9000/", nil, "127.0.0.9", true},
		{"http://127.0.0.1:9000/", nil, "192.168.1.7", true},
		{"http://127.0.0.1:9000/", nil, "198.51.100.7", false},
		{"http://127.0.0.1:9000/", nil, "::ffff:198.51.100.7", false},
		{"http://127.0.0.1:9000/", []string{"203.0.113.0/24"}, "203.0.113.20", true},
		{"http://lan.test/", nil, "10.9.8.7", true},
		{"http://grid.test/", []string{"grid.test"}, "198.51.100.7", true},
		{"http://grid.test/", []string{"grid.test"}, "198.51.100.8", false},
		{"http://grid.test/", []string{"grid.test"}, "192.168.1.7", false},
		{"http://grid.test/", []string{"grid.test", "simulator.grid.test"}, "203.0.113.20", true},
		{"http://grid.test/", []string{"grid.test", "192.168.0.0/16"}, "192.168.1.7", true},
	} {
		g, err := Policy{Allow: tt.allow}.guard(t.Context(), testNames, []string{tt.grid})
		if err != nil {
			t.Fatal(err)
		}
		err = g.Permit(netip.MustParseAddr(tt.to))
		if (err == nil) != tt.want {
			t.Errorf("%s, allowed %v, sends to %s: %v; want allowed %t", tt.grid, tt.allow, tt.to, err, tt.want)
		}
		if refused := new(Error); err != nil && (!errors.As(err, &refused) || refused.Reason() != "target_refused") {
			t.Errorf("%s sends to %s: %v is no *Error", tt.grid, tt.to, err)
		}
	}
}

// The dialer asks after names are resolved: no connection is tried.
func TestConnectionsAreGuarded(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	g, err := New(t.Context(), Policy{})
	if err != nil {
		t.Fatal(err)
	}
	dialer := net.Dialer{Control: g.Control(nil)}
	conn, err := dialer.DialContext(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatalf("to loopback: %v", err)
	}
	_ = conn.Close()
	_, err = dialer.DialContext(t.Context(), "tcp", "198.51.100.7:80")
	if !errors.As(err, new(*Error)) {
		t.Errorf("to a stranger: %v, want an *Error", err)
	}
}
