package testgrid

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/xmlrpc"
)

const password = "secret"

// world is a running grid on a network without sockets, in a bubble of its own
// time.
type world struct {
	t    *testing.T
	grid *Grid
	net  *udp.Memory
}

// inWorld runs f beside a grid, in a synctest bubble, and ends the grid after it.
func inWorld(t *testing.T, cfg Config, f func(w *world)) {
	t.Helper()
	// The bubble's clock begins in the year 2000: let instants count from there.
	defer func(epoch time.Time) { circuit.Epoch = epoch }(circuit.Epoch)
	synctest.Test(t, func(t *testing.T) {
		circuit.Epoch = time.Now().Add(-time.Hour)
		w := &world{t: t, net: udp.NewMemory()}
		cfg.Password = password
		cfg.openUDP = func(c udp.Config) (udp.Conn, error) { return w.net.Conn(c), nil }
		cfg.openHTTP = func(at netip.AddrPort) (net.Listener, error) { return newDeafListener(at), nil }
		var err error
		if w.grid, err = New(cfg); err != nil {
			t.Fatal(err)
		}
		ran := make(chan error, 1)
		go func() { ran <- w.grid.Run(context.Background()) }()
		defer func() {
			if err := w.grid.Close(context.Background()); err != nil {
				t.Error(err)
			}
			if err := <-ran; err != nil {
				t.Errorf("Run returned %v", err)
			}
		}()
		synctest.Wait()
		f(w)
	})
}

// deafListener accepts nobody: tests call the handler.
type deafListener struct {
	at     netip.AddrPort
	closed chan struct{}
}

func newDeafListener(at netip.AddrPort) *deafListener { return &deafListener{at, make(chan struct{})} }

func (l *deafListener) Accept() (net.Conn, error) {
	<-l.closed
	return nil, net.ErrClosed
}

func (l *deafListener) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *deafListener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.at) }

// post asks the grid over HTTP and gives the answer.
func (w *world) post(url, contentType, body string) *httptest.ResponseRecorder {
	return w.request(context.Background(), http.MethodPost, url, contentType, body)
}

func (w *world) request(ctx context.Context, method, url, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, strings.TrimPrefix(url, w.grid.base), strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	answer := httptest.NewRecorder()
	w.grid.handler().ServeHTTP(answer, r)
	return answer
}

// xmlLogin logs in by XML-RPC and gives the answer's fields.
func (w *world) xmlLogin(fields map[string]any) map[string]any {
	w.t.Helper()
	body, err := xmlrpc.MarshalRequest("login_to_simulator", fields)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := w.post("/", "text/xml", string(body))
	if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != "text/xml" {
		w.t.Fatalf("login answered %d %q", answer.Code, answer.Header().Get("Content-Type"))
	}
	value, err := xmlrpc.UnmarshalResponse(answer.Body.Bytes())
	if err != nil {
		w.t.Fatal(err)
	}
	return value.(map[string]any)
}

// credentials are a good login's fields.
func credentials(first, start string) map[string]any {
	return map[string]any{"first": first, "last": "Tester", "passwd": "$1$" + hash(password), "start": start}
}

// at is a start location in the first region.
func at(x, y, z float64) string { return inRegion(1, x, y, z) }

func inRegion(n int, x, y, z float64) string {
	return fmt.Sprintf("uri:Region %d&%g&%g&%g", n, x, y, z)
}

// loggedIn is what of a login answer the rest needs.
type loggedIn struct {
	Agent   uuid.UUID `llsd:"agent_id"`
	Session uuid.UUID `llsd:"session_id"`
	Code    uint32    `llsd:"circuit_code"`
	IP      string    `llsd:"sim_ip"`
	Port    uint16    `llsd:"sim_port"`
	Seed    string    `llsd:"seed_capability"`
	Login   string    `llsd:"login"`
	Reason  string    `llsd:"reason"`
}

// login logs an account in that must get in.
func (w *world) login(first, start string) loggedIn {
	w.t.Helper()
	var in loggedIn
	fields := w.xmlLogin(credentials(first, start))
	if err := llsd.Convert(fields, &in); err != nil {
		w.t.Fatal(err)
	}
	if in.Login != "true" {
		w.t.Fatalf("%s could not log in at %s: %v", first, start, fields)
	}
	return in
}

// seed asks the seed capability and gives the URLs.
func (w *world) seed(in loggedIn, names ...string) map[string]string {
	w.t.Helper()
	body, err := llsd.MarshalXML(names)
	if err != nil {
		w.t.Fatal(err)
	}
	answer := w.post(in.Seed, llsd.ContentTypeXML, string(body))
	if answer.Code != http.StatusOK {
		w.t.Fatalf("seed answered %d", answer.Code)
	}
	urls := map[string]string{}
	if err := llsd.UnmarshalXML(answer.Body.Bytes(), &urls); err != nil {
		w.t.Fatal(err)
	}
	return urls
}

// pass lets time go by.
func (w *world) pass(d time.Duration) { time.Sleep(d) }

// stats gives what a region counted.
func (w *world) stats(i int) RegionStats { return w.grid.Stats(w.t.Context()).Regions[i] }

// on runs f on a region's loop.
func (w *world) on(i int, f func(r *region)) {
	w.t.Helper()
	r := w.grid.regions[i]
	if err := r.loop.Call(w.t.Context(), func(circuit.Instant) { f(r) }); err != nil {
		w.t.Fatal(err)
	}
}

// clients is how many clients a region has.
func (w *world) clients(i int) (n int) {
	w.on(i, func(r *region) { n = len(r.clients) })
	return n
}
