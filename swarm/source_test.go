package swarm

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/testgrid"
)

// visits is a server that notes from where it was asked for what.
type visits struct {
	mu   sync.Mutex
	from map[string][]netip.AddrPort // by path
	host string
}

func (v *visits) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.from[req.URL.Path] = append(v.from[req.URL.Path], netip.MustParseAddrPort(req.RemoteAddr))
	v.host = req.Host
	if req.URL.Path == "/moved" {
		http.Redirect(w, req, "/there", http.StatusFound)
	}
}

func get(t *testing.T, c *http.Client, url string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if resp.Request.URL.Host != strings.Split(url, "/")[2] {
		t.Errorf("the answer is one to %v", resp.Request.URL)
	}
}

// refused gives the error of a request that fails.
func refused(c *http.Client, url string) error {
	resp, err := c.Get(url)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

func TestConnectionsAreNotPooledAcrossSources(t *testing.T) {
	seen := &visits{from: map[string][]netip.AddrPort{}}
	server := httptest.NewServer(seen)
	defer server.Close()
	shared, _ := newHTTP(true, new(target.Guard), maxDials)
	defer shared.CloseIdleConnections()
	a := clientFrom(shared, netip.MustParseAddr("127.0.5.1"))
	b := clientFrom(shared, netip.MustParseAddr("127.0.5.2"))
	for range 3 { // one after another: a connection to the host is idle each time
		get(t, a, server.URL+"/a")
		get(t, b, server.URL+"/b")
		get(t, a, server.URL+"/moved")
		get(t, shared, server.URL+"/kernel")
	}
	for path, want := range map[string]string{"/a": "127.0.5.1", "/b": "127.0.5.2", "/moved": "127.0.5.1", "/there": "127.0.5.1", "/kernel": "127.0.0.1"} {
		from := seen.from[path]
		if len(from) != 3 || from[0] != from[1] || from[1] != from[2] || from[0].Addr().String() != want {
			t.Errorf("%s was asked for from %v, want thrice over one connection from %s", path, from, want)
		}
	}
	if seen.from["/a"][0] != seen.from["/moved"][0] {
		t.Error("two requests of one source used two connections")
	}
	if "http://"+seen.host != server.URL {
		t.Errorf("the server was asked as %q, it is %s", seen.host, server.URL)
	}
}

func TestHTTPSFromASource(t *testing.T) {
	seen := &visits{from: map[string][]netip.AddrPort{}}
	server := httptest.NewUnstartedServer(seen)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	shared, _ := newHTTP(true, new(target.Guard), maxDials)
	defer shared.CloseIdleConnections()
	err := refused(clientFrom(shared, netip.MustParseAddr("127.0.5.1")), server.URL)
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Fatalf("a certificate that nobody vouches for: %v", err)
	}
	if strings.Contains(err.Error(), sourceMark) {
		t.Errorf("the mark shows: %v", err)
	}
}

func TestASourceThatIsNotOurs(t *testing.T) {
	shared, _ := newHTTP(true, new(target.Guard), maxDials)
	err := refused(clientFrom(shared, netip.MustParseAddr("198.51.100.9")), "http://127.0.0.1:1/")
	if err == nil || !strings.Contains(err.Error(), "198.51.100.9") {
		t.Errorf("%v doesn't name the address", err)
	}
}

// The grid sees what a Hypergrid checks: each agent's HTTP and UDP come from
// one address, and different agents have different ones.
func TestAnAgentHasOneSource(t *testing.T) {
	t.Parallel()
	grid := startGrid(t, testgrid.Config{})
	front := &forwarder{to: grid.LoginURI(), logins: map[netip.Addr]int{}}
	server := httptest.NewServer(front)
	defer server.Close()
	cfg := config(t, `
name: sources
agents: {executor: constant-agents, count: 4, login_rate: 20/s, duration: 10m}
behaviors: [{do: chat, rate: 2/s}, {do: login, rate: 2/s, even: true}]
`, server.URL, password)
	cfg.Shards = 2
	cfg.Sources = []netip.Prefix{netip.MustParsePrefix("127.0.6.0/24")}
	udp := map[netip.Addr]int{}
	cfg.tap = func(_ circuit.Instant, out bool, local, _ netip.AddrPort, _ []byte) {
		front.mu.Lock()
		defer front.mu.Unlock()
		if out {
			udp[local.Addr()]++
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cfg.OnProgress = func(p Progress) {
		if p.Agents.InWorld == 4 && front.count() > 4 { // a visitor has come, too
			cancel()
		}
	}
	s, err := Run(ctx, t.Context(), cfg)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s.Agents.Logins != 4 || s.Agents.LoginFailures != 0 || s.Agents.Lost != 0 || s.Actions.Failed != 0 {
		t.Errorf("agents %+v, actions %+v", s.Agents, s.Actions)
	}
	for from, n := range front.logins {
		if !cfg.Sources[0].Contains(from) || udp[from] == 0 {
			t.Errorf("%d logins came from %v, which sent %d datagrams", n, from, udp[from])
		}
	}
	for from := range udp {
		if front.logins[from] == 0 {
			t.Errorf("%v sent datagrams and never logged in", from)
		}
	}
}

// forwarder passes logins on and notes where they come from.
type forwarder struct {
	to     string
	mu     sync.Mutex
	logins map[netip.Addr]int
}

// count is how many logins have come by.
func (f *forwarder) count() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, of := range f.logins {
		n += of
	}
	return n
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Method == http.MethodPost {
		f.mu.Lock()
		f.logins[netip.MustParseAddrPort(req.RemoteAddr).Addr()]++
		f.mu.Unlock()
	}
	out, err := http.NewRequestWithContext(req.Context(), req.Method, f.to, req.Body)
	if err != nil {
		panic(err)
	}
	out.Header = req.Header
	resp, err := (&http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{}).DialContext}).RoundTrip(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}

func TestCheckSources(t *testing.T) {
	for sources, want := range map[string]string{
		"127.0.1.0/24":              "",
		"127.0.1.7/32 127.0.2.0/31": "",
		"198.51.100.9/32":           "198.51.100.9/32: .*ip addr add 198.51.100.9/32 dev",
		"198.51.100.0/28":           "198.51.100.0/28: .*ip addr add",
		"127.0.1.0/24 127.0.1.5/32": "overlap",
		"0.0.0.0/0":                 "8 bits or more",
	} {
		var list []netip.Prefix
		for _, s := range strings.Fields(sources) {
			list = append(list, netip.MustParsePrefix(s))
		}
		err := CheckSources(list)
		if want == "" && err != nil || want != "" && (err == nil || !regexp.MustCompile(want).MatchString(err.Error())) {
			t.Errorf("%s: %v, want %q", sources, err, want)
		}
	}
}
