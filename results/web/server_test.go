package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/results"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatNobodyWatchesIsNotDrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		for range 30 {
			g.second(1)
		}
		g.finish(nil)
		if g.asked != 0 || g.hub.versions != 0 {
			t.Errorf("%d states were asked for and %d pages drawn, with nobody there", g.asked, g.hub.versions)
		}
	})
}

func TestThePageRenewsItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		first := g.get("/")
		if now(first) != nil {
			t.Fatal("there is a page before the run's first second")
		}
		g.second(3)
		page := <-first
		v := version(t, page)
		if text := page.Body.String(); !strings.Contains(text, "RUNNING</span>: 0:01 of 1:00, stage 1") || !strings.Contains(text, "<td>login</td><td>3</td><td>1</td>") {
			t.Errorf("the page after a second says:\n%s", text[:min(len(text), 6000)])
		}
		second := g.get("/?after=" + v)
		if now(second) != nil {
			t.Fatal("there is another page though nothing has happened")
		}
		g.second(2)
		page = <-second
		if version(t, page) == v || !strings.Contains(page.Body.String(), "<td>login</td><td>5</td><td>2</td>") {
			t.Errorf("after 5 logins the page doesn't tell of them")
		}
	})
}

// TestManyWatchForThePriceOfOne has 40 browsers ask as fast as they can.
func TestManyWatchForThePriceOfOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		const watchers, seconds = 40, 20
		after := make([]string, watchers)
		pages := 0
		var waiting [watchers]<-chan *httptest.ResponseRecorder
		for range seconds {
			for i := range watchers {
				if waiting[i] == nil {
					waiting[i] = g.get("/?after=" + after[i])
				}
			}
			g.second(1)
			for i := range watchers {
				if w := now(waiting[i]); w != nil {
					after[i], waiting[i], pages = version(t, w), nil, pages+1
				}
			}
		}
		if g.hub.versions > seconds || g.asked > seconds+1 {
			t.Errorf("%d pages were drawn of %d states in %d s", g.hub.versions, g.asked, seconds)
		}
		if pages < watchers*(seconds-1) {
			t.Errorf("%d watchers got %d pages in %d s", watchers, pages, seconds)
		}
		g.finish(nil)
		for i := range watchers {
			if waiting[i] != nil {
				<-waiting[i]
			}
		}
	})
}

func TestAHiddenPageWaitsForTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		first := g.get("/")
		g.second(1)
		v := version(t, <-first)
		drawn := g.hub.versions
		hidden := g.get("/?until=over&after=" + v)
		for range 10 {
			g.second(1)
		}
		if now(hidden) != nil || g.hub.versions != drawn {
			t.Fatalf("a page that is hidden was answered, or drawn: %d pages", g.hub.versions)
		}
		g.finish(errors.New("a threshold aborted the run"))
		text := (<-hidden).Body.String()
		for _, want := range []string{`class="PASSED">✓ PASSED</span>: 1 of 1 thresholds`, `data-state="over"`, "before its time: a threshold aborted the run"} {
			if !strings.Contains(text, want) {
				t.Errorf("the run's end doesn't say %q", want)
			}
		}
		if again := <-g.get("/"); version(t, again) != versionOf.FindStringSubmatch(text)[1] {
			t.Error("the end was drawn twice")
		}
	})
}

func TestNoNewsIsSaidAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		if w := <-g.get("/"); w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
			t.Errorf("before the first page: %d", w.Code)
		}
		first := g.get("/")
		g.second(1)
		v := version(t, <-first)
		began := time.Now()
		w := <-g.get("/?after=" + v)
		if w.Code != http.StatusNoContent || time.Since(began) != maxWait {
			t.Errorf("without news: %d after %v", w.Code, time.Since(began))
		}
		synctest.Wait()
		if n := len(g.hub.waiting); n != 0 {
			t.Errorf("%d who have gone are still waited for", n)
		}
	})
}

func TestAnotherRunTakesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		first := g.get("/")
		g.second(7)
		v := version(t, <-first)
		g.finish(nil)
		over := <-g.get("/?after=" + v)
		g.another()
		next := g.get("/?after=" + version(t, over))
		g.second(2)
		text := (<-next).Body.String()
		if !strings.Contains(text, "<td>login</td><td>2</td>") || !strings.Contains(text, `data-state="going"`) {
			t.Error("the second run isn't shown, or with figures of the first")
		}
		if n := len(g.hub.timeline.Lines()); n != 1 {
			t.Errorf("the second run's timeline has %d lines, want 1", n)
		}
	})
}

// TestAResumedRunIsShownWhole has lines in the directory from before the server.
func TestAResumedRunIsShownWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		g.collector.OnLine = nil
		for range 5 {
			g.second(1)
		}
		g.collector.OnLine = g.Line
		g.second(1)
		g.second(1)
		first := g.get("/")
		g.second(1)
		version(t, <-first)
		wantLines(t, g, 8)
	})
}

// TestAResumedRunIsShownWholeBeforeItsFirstLine is one whose lines are far apart:
// somebody watches before one comes.
func TestAResumedRunIsShownWholeBeforeItsFirstLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := play(t)
		g.collector.OnLine = nil
		for range 5 {
			g.second(1)
		}
		first := g.get("/")
		g.second(1)
		version(t, <-first)
		wantLines(t, g, 6)
		var last results.Line
		ok(t, results.ReadTimeline(g.collector.Dir(), func(l results.Line) { last = l }))
		g.Line(last) // which was on its way when the directory was read
		g.collector.OnLine = g.Line
		g.second(1)
		g.second(1)
		wantLines(t, g, 8)
	})
}

// wantLines wants a line for each of so many seconds.
func wantLines(t *testing.T, g *game, seconds int) {
	t.Helper()
	var at, want []float64
	for _, l := range g.hub.timeline.Lines() {
		at = append(at, l.T)
	}
	for i := range seconds {
		want = append(want, float64(i+1))
	}
	if !slices.Equal(at, want) {
		t.Errorf("the timeline has lines of %v s, want %v", at, want)
	}
}

func TestPace(t *testing.T) {
	at := time.Unix(1000, 0)
	for took, want := range map[time.Duration]time.Duration{
		10 * time.Millisecond:  time.Second,
		50 * time.Millisecond:  time.Second,
		400 * time.Millisecond: 8 * time.Second,
	} {
		if got := pace(at, took).Sub(at); got != want {
			t.Errorf("after a page that took %v the next one is drawn after %v, want %v", took, got, want)
		}
	}
}

// TestOverSockets has a browser wait when the run ends: it sees the end, then
// the server goes.
func TestOverSockets(t *testing.T) {
	t.Parallel()
	s, err := Listen("127.0.0.1:0", "")
	ok(t, err)
	g := &game{Server: s, t: t}
	g.another()
	browser := &http.Client{Transport: &http.Transport{}}
	defer browser.CloseIdleConnections()
	answer := make(chan error, 1)
	go func() {
		r, err := browser.Get(s.URL())
		if err == nil {
			defer r.Body.Close()
		}
		if err == nil && (r.StatusCode != http.StatusOK || !r.Uncompressed || !strings.Contains(r.Header.Get("Content-Security-Policy"), "script-src 'sha256-")) {
			err = fmt.Errorf("the page came as %+v", r)
		}
		answer <- err
	}()
	_, err = g.collector.Finish(g.sample)
	ok(t, err)
	ok(t, s.End(g.collector.Dir(), nil))
	ok(t, <-answer)
	s.Close()
	if r, err := browser.Get(s.URL()); err == nil {
		r.Body.Close()
		t.Error("a closed server answers")
	}
	s.Line(results.Line{}) // a run that is late with a line doesn't wait for ever
}

func TestListenRefuses(t *testing.T) {
	for address, want := range map[string]string{"8080": "want an address", "localhost:1": "want an address", ":8080": "want an address", "127.0.0.1:99999": "want an address"} {
		if _, err := Listen(address, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	if _, err := Listen("127.0.0.1:0", "short"); err == nil || !strings.Contains(err.Error(), "16") {
		t.Errorf("a short token: %v", err)
	}
}
