package web

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// game is a run that a test makes, and the server that shows it.
type game struct {
	*Server
	t         *testing.T
	collector *results.Collector
	loop      *results.Recorder
	sample    results.Sample
	asked     int // states that were asked for
}

// play begins a run and a server without a socket, within a bubble.
func play(t *testing.T) *game {
	t.Helper()
	g := &game{Server: newServer(guard{}), t: t}
	t.Cleanup(func() { close(g.hub.closed) })
	g.another()
	return g
}

// another begins another run.
func (g *game) another() {
	g.t.Helper()
	var th profiles.Threshold
	ok(g.t, th.UnmarshalText([]byte("login.p95 < 2s")))
	g.Begin()
	c, err := results.NewCollector(results.Config{
		Dir: filepath.Join(g.t.TempDir(), "run"), Phase: "stage 1", Profile: []byte("name: crowd\n"),
		Manifest: results.Manifest{
			Profile: "crowd", Agents: 10, PlannedSeconds: 60, Measured: []string{"stage 1"}, Version: "1.0",
			Started: time.Now(), Thresholds: []profiles.Threshold{th},
		},
	})
	ok(g.t, err)
	c.OnLine = g.Line
	g.collector, g.loop, g.sample = c, results.NewRecorder(), results.Sample{}
}

// second is a second of the run, in which so many log in.
func (g *game) second(logins int) {
	g.t.Helper()
	time.Sleep(time.Second)
	for range logins {
		g.loop.Record("login", 80*time.Millisecond, 40*time.Millisecond, "")
	}
	g.loop.Record("login", 0, 0, "presence")
	g.collector.Merge(g.loop.Swap(nil))
	g.sample.T += time.Second
	g.sample.Agents.InWorld += logins
	g.sample.Simulators = []results.Simulator{{Region: "Plaza", FPS: 44, TimeDilation: 0.9}}
	ok(g.t, g.collector.Tick(g.sample))
	g.Progress(func() *State {
		g.asked++
		return &State{
			Dir: g.collector.Dir(), Version: "1.0", Phase: "stage 1", Planned: 60, Agents: g.sample.Agents,
			Summary: g.collector.Summary(), Times: g.collector.Times(),
		}
	})
	synctest.Wait()
}

// finish ends the run.
func (g *game) finish(failure error) {
	g.t.Helper()
	_, err := g.collector.Finish(g.sample)
	ok(g.t, err)
	ok(g.t, g.End(g.collector.Dir(), failure))
	synctest.Wait()
}

// get asks for a path; what comes back comes when it comes.
func (g *game) get(path string) <-chan *httptest.ResponseRecorder {
	answer := make(chan *httptest.ResponseRecorder, 1)
	go func() {
		r := httptest.NewRequestWithContext(g.t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil)
		w := httptest.NewRecorder()
		g.handler().ServeHTTP(w, r)
		answer <- w
	}()
	synctest.Wait()
	return answer
}

// now is what has come; nil: nothing yet.
func now[T any](c <-chan *T) *T {
	select {
	case got := <-c:
		return got
	default:
		return nil
	}
}

var versionOf = regexp.MustCompile(`data-version="([^"]*)"`)

// version is the page's.
func version(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w == nil || w.Code != http.StatusOK {
		t.Fatalf("the answer is %+v, want a page", w)
	}
	found := versionOf.FindStringSubmatch(w.Body.String())
	if found == nil {
		t.Fatalf("the page has no version:\n%.500s", w.Body)
	}
	return found[1]
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
