package main

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		of   []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1}, 5},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 100, 1, 2}, 3},
	} {
		if got := median(test.of); got != test.want {
			t.Errorf("median of %v is %g, want %g", test.of, got, test.want)
		}
	}
}

func TestMedianLiesInTheMiddle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.SliceOfN(rapid.Float64Range(0.1, 100), 1, 20).Draw(t, "of")
		m := median(of)
		var below, above int
		for _, v := range of {
			if v < m {
				below++
			}
			if v > m {
				above++
			}
		}
		if below > len(of)/2 || above > len(of)/2 {
			t.Fatalf("%g has %d of %d below and %d above", m, below, len(of), above)
		}
	})
}

// made is a run that did so much.
func made(name string, out, in, cost float64) run {
	return run{Round: 1, Name: name, Counts: true, figures: figures{Sent: out, Received: in, Cost: cost}}
}

func TestRunCountsIfItDeliveredWhatItsFloorDid(t *testing.T) {
	floor := made("floor pkt", 1000, 2000, 1)
	agents := func(f figures) figures {
		f.Agent = &agentFigures{AcksSent: 300, PingsSent: 20, OtherSent: 5, PingsReceived: 20, Resent: 7}
		return f
	}
	for _, test := range []struct {
		name   string
		f      figures
		counts bool
	}{
		{"all", figures{Sent: 1000, Received: 2000}, true},
		{"99 %", figures{Sent: 990, Received: 1980}, true},
		{"more", figures{Sent: 1100, Received: 2100}, true},
		{"too few out", figures{Sent: 989, Received: 2000}, false},
		{"too few in", figures{Sent: 1000, Received: 1979}, false},
		{"all and the protocol's own", agents(figures{Sent: 1325, Received: 2027}), true},
		{"acks in place of load", agents(figures{Sent: 1310, Received: 2027}), false},
		{"pings and resends in place of load", agents(figures{Sent: 1325, Received: 2005}), false},
	} {
		r := run{Counts: true, figures: test.f}
		r.judge(&floor)
		if r.Counts != test.counts || r.Counts != (r.Note == "") {
			t.Errorf("%s: counts %v, note %q; want %v, and a note if not", test.name, r.Counts, r.Note, test.counts)
		}
	}
}

func TestRunThatDoesNotCountSaysWhy(t *testing.T) {
	floor := made("floor pkt", 1000, 1000, 1)
	r := made("shared", 900, 1000, 1)
	r.Waited = 12.3
	r.judge(&floor)
	want := "doesn't count: 90.0 % of the floor's packets out, 100.0 % in (99 % needed); its threads waited for the CPU for 12 % of the window"
	if r.Note != want {
		t.Errorf("note %q, want %q", r.Note, want)
	}
}

func TestRunAgainstAFloorThatDidNothing(t *testing.T) {
	floor, r := made("floor pkt", 0, 0, 1), made("shared", 0, 0, 1)
	r.judge(&floor)
	if r.Counts {
		t.Error("a run counts that delivered nothing, as its floor did")
	}
}

func TestFloorThatFellShortSaysSo(t *testing.T) {
	full, short := made("floor pkt", 1000, 995, 1), made("floor pkt", 1000, 900, 1)
	full.noteShortfall(1000)
	short.noteShortfall(1000)
	if full.Note != "" || !strings.Contains(short.Note, "1000/s") || !short.Counts {
		t.Errorf("notes %q and %q, counts %v", full.Note, short.Note, short.Counts)
	}
}

// threeRounds is a result with a spread, and an epoll that never kept up.
func threeRounds() *result {
	res := &result{}
	for i, cost := range []struct{ pkt, shared, agent, floor, epoll float64 }{
		{2.5, 2.75, 3.5, 3.25, 3.5}, {2, 9, 4, 3, 3.25}, {3, 2.5, 30, 3.5, 3.5},
	} {
		pkt := made("floor pkt", 100000, 100000, cost.pkt)
		shared := made("shared", 100000, 99990, cost.shared)
		agents := made("agent", 145000, 104000, cost.agent)
		agents.Waited = 1.5
		agents.Agent = &agentFigures{AcksSent: 41000, PingsSent: 4000, PingsReceived: 4000, LoadCost: 4.5, Chats: 50000, PeerCPU: 60, LateTimers: 12}
		if i == 2 {
			agents.Received = 90000
		}
		floor := made("floor epoll", 100000, 100000, cost.floor)
		epoll := made("epoll", 97000, 100000, cost.epoll)
		shared.judge(&pkt)
		agents.judge(&pkt)
		epoll.judge(&floor)
		for _, r := range []run{pkt, shared, agents, floor, epoll} {
			r.Round, r.CPUPercent = i+1, 50
			res.Runs = append(res.Runs, r)
		}
	}
	res.conclude(kinds)
	return res
}

func TestRatioIsThatOfTheMediansOfWhatCounts(t *testing.T) {
	res := threeRounds()
	if got := *res.Ratio.Shared; got != 1.1 { // 2.75 / 2.5
		t.Errorf("shared %g, want 1.1", got)
	}
	if got := *res.Ratio.Agent; got != 1.5 { // (3.5 + 4)/2 / 2.5: the third doesn't count
		t.Errorf("agent %g, want 1.5", got)
	}
	if res.Ratio.Epoll != nil {
		t.Errorf("epoll %g, want none", *res.Ratio.Epoll)
	}
}

func TestRatioThatCannotBeGivenIsAnError(t *testing.T) {
	res := threeRounds()
	err := res.missing(kinds)
	if err == nil || !strings.Contains(err.Error(), "no ratio for epoll: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, want one line about epoll", err)
	}
	if err := res.missing(kinds[:2]); err != nil {
		t.Errorf("error %v about what wasn't asked for", err)
	}
}

func TestResultAsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := threeRounds().write(&b, "json", []string{"no heading in JSON"}); err != nil {
		t.Fatal(err)
	}
	golden(t, "result.json", b.Bytes())

	var got map[string]json.RawMessage
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var ratio map[string]*float64
	if err := json.Unmarshal(got["ratio"], &ratio); err != nil {
		t.Fatal(err)
	}
	shared, agents := 1.1, 1.5
	if diff := cmp.Diff(map[string]*float64{"shared": &shared, "epoll": nil, "agent": &agents}, ratio); diff != "" || len(got) != 2 {
		t.Errorf("ratio (-want +got):\n%s\nof %d keys", diff, len(got))
	}
}

func TestResultAsText(t *testing.T) {
	var b bytes.Buffer
	if err := threeRounds().write(&b, "text", []string{"Some CPU, 2 cores", "10000 endpoints"}); err != nil {
		t.Fatal(err)
	}
	golden(t, "result.txt", b.Bytes())
}

func TestFiguresOfAWindow(t *testing.T) {
	from := sample{cpu: 1e9, waited: 1e8, sent: 50, received: 70}
	to := sample{at: from.at.Add(2e9), cpu: 2e9, waited: 2e8, sent: 1050, received: 3070}
	want := figures{Sent: 500, Received: 1500, CPUPercent: 50, Waited: 5, Cost: 250}
	if diff := cmp.Diff(want, from.until(to), cmp.Comparer(near)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if f := from.until(sample{at: to.at, sent: 50, received: 70}); f.Cost != 0 {
		t.Errorf("cost %g of no packets, want 0", f.Cost)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
