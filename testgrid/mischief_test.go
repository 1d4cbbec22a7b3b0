package testgrid

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/testgrid/faults"
	"github.com/slload/slload/xmlrpc"
)

// faulty runs a grid with faults on real ports until the test ends.
func faulty(t *testing.T, list ...faults.Fault) *Grid {
	t.Helper()
	g, err := New(Config{Password: password, Faults: list, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- g.Run(context.Background()) }()
	t.Cleanup(func() {
		if err := errors.Join(g.Close(context.Background()), <-ended); err != nil {
			t.Error(err)
		}
	})
	return g
}

// asked is an answer as far as it came.
type asked struct {
	status int
	body   string
	err    error
	took   time.Duration
}

// ask posts to a grid, gives up after limit and reads 2 MiB at most.
func ask(t *testing.T, limit time.Duration, url, contentType, body string) asked {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	began := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return asked{err: err, took: time.Since(began)}
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(io.LimitReader(resp.Body, 2<<20))
	return asked{resp.StatusCode, string(got), err, time.Since(began)}
}

func askLogin(t *testing.T, g *Grid, limit time.Duration) (asked, map[string]any) {
	t.Helper()
	body, err := xmlrpc.MarshalRequest("login_to_simulator", credentials("Ann", "last"))
	if err != nil {
		t.Fatal(err)
	}
	a := ask(t, limit, g.LoginURI(), "text/xml", string(body))
	value, _ := xmlrpc.UnmarshalResponse([]byte(a.body)) // nil where it is none
	fields, _ := value.(map[string]any)
	return a, fields
}

func TestLoginsMeetTheirFaults(t *testing.T) {
	for _, tt := range []struct {
		fault faults.Fault
		want  func(g *Grid, a asked, fields map[string]any) bool
	}{
		{faults.Fault{Login: faults.Error}, func(_ *Grid, a asked, _ map[string]any) bool { return a.status == 503 }},
		{faults.Fault{Login: faults.Error, Status: 500}, func(_ *Grid, a asked, _ map[string]any) bool { return a.status == 500 }},
		{faults.Fault{Login: faults.Refuse}, func(_ *Grid, _ asked, f map[string]any) bool { return f["login"] == "false" && f["reason"] == "key" }},
		{faults.Fault{Login: faults.Refuse, Reason: "tos"}, func(_ *Grid, _ asked, f map[string]any) bool { return f["reason"] == "tos" }},
		{faults.Fault{Login: faults.Presence}, func(_ *Grid, _ asked, f map[string]any) bool { return f["reason"] == "presence" }},
		{faults.Fault{Login: faults.Indeterminate}, func(g *Grid, _ asked, f map[string]any) bool {
			return f["login"] == "indeterminate" && f["next_url"] == g.LoginURI() && f["next_method"] == "login_to_simulator"
		}},
		{faults.Fault{Login: faults.Garbage}, func(_ *Grid, a asked, f map[string]any) bool {
			return a.status == http.StatusOK && a.body != "" && f == nil
		}},
		{faults.Fault{Login: faults.Cut}, func(_ *Grid, a asked, _ map[string]any) bool { return errors.Is(a.err, io.ErrUnexpectedEOF) }},
		{faults.Fault{Login: faults.Slow, MS: 30}, func(_ *Grid, a asked, f map[string]any) bool {
			return f["login"] == "true" && a.took >= 30*time.Millisecond
		}},
		{faults.Fault{Login: faults.Trickle, MS: 0.01}, func(_ *Grid, _ asked, f map[string]any) bool { return f["login"] == "true" }},
		{faults.Fault{Login: faults.Endless}, func(_ *Grid, a asked, _ map[string]any) bool { return a.err == nil && len(a.body) == 2<<20 }},
		{faults.Fault{Login: faults.Error, From: faults.Duration(time.Hour)}, func(_ *Grid, _ asked, f map[string]any) bool { return f["login"] == "true" }},
		{faults.Fault{Seed: faults.Error}, func(_ *Grid, _ asked, f map[string]any) bool { return f["login"] == "true" }},
	} {
		t.Run(tt.fault.String(), func(t *testing.T) {
			g := faulty(t, tt.fault)
			if a, fields := askLogin(t, g, patience); !tt.want(g, a, fields) {
				t.Errorf("%+v: %d %.80q %v after %v", tt.fault, a.status, a.body, a.err, a.took)
			}
		})
	}
}

// A request that is never answered ends with its client's patience, or the grid.
func TestHangingRequestsEndWithTheGrid(t *testing.T) {
	g := faulty(t, faults.Fault{Login: faults.Hang})
	if a, _ := askLogin(t, g, 50*time.Millisecond); !errors.Is(a.err, context.DeadlineExceeded) {
		t.Errorf("%+v", a)
	}
	answered := make(chan asked)
	go func() {
		a, _ := askLogin(t, g, patience)
		answered <- a
	}()
	if err := g.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if a := <-answered; a.err == nil || a.took >= patience {
		t.Errorf("%+v", a)
	}
}

// urls logs Ann in and gives her capabilities.
func (g *Grid) urls(t *testing.T, names ...string) map[string]string {
	t.Helper()
	_, fields := askLogin(t, g, patience)
	seed, _ := fields["seed_capability"].(string)
	body, err := llsd.MarshalXML(names)
	if err != nil {
		t.Fatal(err)
	}
	answer := ask(t, patience, seed, llsd.ContentTypeXML, string(body))
	urls := map[string]string{}
	if err := llsd.UnmarshalXML([]byte(answer.body), &urls); err != nil || len(urls) != len(names) {
		t.Fatalf("%d %s: %v", answer.status, answer.body, err)
	}
	return urls
}

func TestCapabilitiesMeetTheirFaults(t *testing.T) {
	g := faulty(t, faults.Fault{Capability: faults.Error, Name: "AgentPreferences", Status: 503}, faults.Fault{Capability: faults.Garbage, Name: "HomeLocation"})
	urls := g.urls(t, "AgentPreferences", "HomeLocation", "UpdateAgentLanguage")
	said := "<llsd><map><key>language</key><string>de</string></map></llsd>"
	for name, want := range map[string]func(a asked) bool{
		"AgentPreferences":    func(a asked) bool { return a.status == 503 },
		"HomeLocation":        func(a asked) bool { return a.status == 200 && llsd.UnmarshalXML([]byte(a.body), new(any)) != nil },
		"UpdateAgentLanguage": func(a asked) bool { return a.status == 200 && strings.Contains(a.body, "language") },
	} {
		if a := ask(t, patience, urls[name], llsd.ContentTypeXML, said); !want(a) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestSeedsMeetTheirFaults(t *testing.T) {
	g := faulty(t, faults.Fault{Seed: faults.Error})
	_, fields := askLogin(t, g, patience)
	if a := ask(t, patience, fields["seed_capability"].(string), llsd.ContentTypeXML, "<llsd><array/></llsd>"); a.status != http.StatusNotFound {
		t.Errorf("%+v", a)
	}
}

// queued gives Ann's queue, with one event in it.
func queued(t *testing.T, g *Grid) (url string, s *session) {
	t.Helper()
	url = g.urls(t, "EventQueueGet")["EventQueueGet"]
	c, ok := g.lookUp(url[strings.LastIndexByte(url, '/')+1:])
	if !ok || !c.session.events.put("Test", map[string]any{"n": int32(1)}) {
		t.Fatal("no queue")
	}
	return url, c.session
}

func TestQueuesMeetTheirFaults(t *testing.T) {
	t.Run("early 502", func(t *testing.T) {
		g := faulty(t, faults.Fault{EventQueue: faults.Error})
		url, _ := queued(t, g)
		if a := ask(t, patience, url, llsd.ContentTypeXML, poll); a.status != http.StatusBadGateway {
			t.Errorf("%+v", a)
		}
	})
	t.Run("lost events", func(t *testing.T) {
		g := faulty(t, faults.Fault{EventQueue: faults.Lose})
		url, s := queued(t, g)
		if a := ask(t, patience, url, llsd.ContentTypeXML, poll); a.err == nil {
			t.Errorf("%+v", a)
		}
		if events, _, how := s.events.take(); how != pollNothing {
			t.Errorf("the queue still has %v", events)
		}
	})
	t.Run("wrong ids", func(t *testing.T) {
		g := faulty(t, faults.Fault{EventQueue: faults.WrongIDs})
		url, s := queued(t, g)
		var b batch
		a := ask(t, patience, url, llsd.ContentTypeXML, poll)
		if err := llsd.UnmarshalXML([]byte(a.body), &b); err != nil || len(b.Events) != 1 {
			t.Fatalf("%+v: %v", a, err)
		}
		s.events.mu.Lock()
		defer s.events.mu.Unlock()
		if next := s.events.id; b.ID == next-1 {
			t.Errorf("the id is the right one, %d", b.ID)
		}
	})
}
