package swarm

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/results"
)

// frames is what OpenSimulator answers at /jsonSimStats/, cut to what matters:
// numbers are strings.
const frames = `{"Dilatn":"0.98","SimFPS":"54.9","RootAg":"47","TotlFt":"18.19","RegionName":"A","Uptime":"00:03:03.2552080","Version":"OpenSim 0.9.2.2 Yeti Release"}`

// packets is its /ManagedStats/, of two regions; those of its scenes are zeros.
const packets = `{"clientstack":{"A":{"IncomingPacketsOrphanedCount":{"Value":69.0},"IncomingUDPReceivesCount":{"Value":72644.0},"OutgoingPacketsResentCount":{"Value":3.0},"OutgoingUDPSendsCount":{"Value":136433.0},"IncomingPacketsMalformedCount":{"Value":1.0}},
"B 2":{"IncomingUDPReceivesCount":{"Value":5.0},"OutgoingUDPSendsCount":{"Value":-1}}},"scene":{"A":{"SimFPS":{"Value":0.0}}},"httpserver":{"9000":{"HTTPRequestsServed":{"Value":1275.0}}}}`

// simulator answers like one; an empty answer is a 404.
type simulator map[string]string

func (s simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := s[r.URL.RequestURI()]
	if text == "" {
		http.NotFound(w, r)
		return
	}
	fmt.Fprint(w, text)
}

func TestWhatASimulatorTells(t *testing.T) {
	of := results.SimFrames{FPS: 54.9, TimeDilation: 0.98, FrameMS: 18.19, Agents: 47}
	a := &results.SimPackets{Received: 72644, Sent: 136433, Resent: 3, Orphaned: 69, Malformed: 1}
	for _, test := range []struct {
		name string
		sim  simulator
		want []results.SimReport
		err  string
	}{
		{"all", simulator{"/ManagedStats/": packets, "/jsonSimStats/?region=A": frames, "/jsonSimStats/?region=B+2": strings.Replace(frames, `"A"`, `"B 2"`, 1)},
			[]results.SimReport{{Region: "A", Frames: &of, Packets: a}, {Region: "B 2", Frames: &of, Packets: &results.SimPackets{Received: 5}}}, ""},
		{"no managed statistics, as a simulator comes", simulator{"/jsonSimStats/": frames}, []results.SimReport{{Region: "A", Frames: &of}}, "404"},
		{"one region that has just started", simulator{"/ManagedStats/": packets, "/jsonSimStats/?region=A": frames, "/jsonSimStats/?region=B+2": " "},
			[]results.SimReport{{Region: "A", Frames: &of, Packets: a}, {Region: "B 2", Packets: &results.SimPackets{Received: 5}}}, "unexpected end"},
		{"nothing", simulator{}, nil, "404"},
		{"nonsense", simulator{"/ManagedStats/": "[]", "/jsonSimStats/": `{"SimFPS":"NaN","Dilatn":"1","TotlFt":"1","RootAg":"1"}`}, nil, "SimFPS"},
		{"a page", simulator{"/ManagedStats/": "<html>", "/jsonSimStats/": "<html>"}, nil, "invalid character"},
		{"an endless answer", simulator{"/ManagedStats/": "{" + strings.Repeat(" ", maxSimStats) + "}", "/jsonSimStats/": frames}, []results.SimReport{{Region: "A", Frames: &of}}, "more than 1024 KB"},
	} {
		srv := httptest.NewServer(test.sim)
		got, err := fetchReports(t.Context(), srv.Client(), srv.URL+"/")
		srv.Close()
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %v, want %q", test.name, err, test.err)
		}
	}
}

// TestASimulatorWithManyRegionsIsNotFlooded bounds what is asked of it at once.
func TestASimulatorWithManyRegionsIsNotFlooded(t *testing.T) {
	var all []string
	for i := range 100 {
		all = append(all, fmt.Sprintf(`"R%03d":{}`, i))
	}
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path == "/ManagedStats/" {
			fmt.Fprintf(w, `{"clientstack":{%s}}`, strings.Join(all, ","))
		}
	}))
	defer srv.Close()
	if list, _ := fetchReports(t.Context(), srv.Client(), srv.URL+"/"); asked != maxSimRegions+1 || len(list) != maxSimRegions {
		t.Errorf("%d requests for %d regions, want %d and %d", asked, len(list), maxSimRegions+1, maxSimRegions)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestSimulatorsAreAskedNowAndThen has one that hangs: it is told of once, and
// takes nothing from the other.
func TestSimulatorsAreAskedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked []time.Duration
		began := time.Now()
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "hangs" {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			if r.URL.Path == "/ManagedStats/" {
				asked = append(asked, time.Since(began))
			}
			w := httptest.NewRecorder()
			simulator{"/jsonSimStats/": frames}.ServeHTTP(w, r)
			return w.Result(), nil
		})}
		warned := 0
		s := &swarm{simReports: make(chan []results.SimReport, 1), http: client}
		w := &simStats{
			client: client, bases: []string{"http://good/", "http://hangs/"}, reports: s.simReports, failing: map[string]bool{},
			warn: func(base string, err error) {
				if warned++; base != "http://hangs/" || err == nil {
					t.Errorf("warned of %s: %v", base, err)
				}
			},
		}
		done := make(chan struct{})
		go func() { w.run(t.Context()); close(done) }()
		for range 4 {
			time.Sleep(simStatsEvery)
			synctest.Wait()
			if got := <-s.simReports; len(got) != 1 || got[0].Region != "A" {
				t.Errorf("the reports are %+v", got)
			}
		}
		if want := []time.Duration{0, 5e9, 10e9, 15e9, 20e9}; !cmp.Equal(asked, want) {
			t.Errorf("asked at %v, want %v", asked, want)
		}
		if warned != 1 {
			t.Errorf("warned %d times, want once", warned)
		}
	})
}

func TestAddressesOfSimulatorsAreChecked(t *testing.T) {
	for _, base := range []string{"", "127.0.0.1:9000", "ftp://127.0.0.1/", "http://", "http://127.0.0.1/?x=1"} {
		if err := checkSimStats([]string{base}); !errors.As(err, new(*ConfigError)) {
			t.Errorf("%q: %v, want a *ConfigError", base, err)
		}
	}
	if err := checkSimStats([]string{"http://me:secret@127.0.0.1:9000/"}); !errors.As(err, new(*ConfigError)) || strings.Contains(err.Error(), "secret") {
		t.Errorf("with a password: %v, want a *ConfigError that doesn't tell it", err)
	}
	if err := checkSimStats([]string{"http://127.0.0.1:9000", "https://[::1]/"}); err != nil {
		t.Error(err)
	}
}

// TestSimulatorsMustBeAllowed keeps a run from asking strangers for statistics.
func TestSimulatorsMustBeAllowed(t *testing.T) {
	cfg := config(t, long, "http://127.0.0.1:1/", password)
	cfg.SimStats = []string{"http://" + stranger + ":9000/"}
	_, err := Run(t.Context(), t.Context(), cfg)
	if !errors.As(err, new(*target.Error)) || !strings.Contains(err.Error(), stranger) {
		t.Errorf("the run ended with %v, want a refusal of %s", err, stranger)
	}
}
