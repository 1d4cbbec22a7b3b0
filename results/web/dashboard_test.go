package web

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// dashboard is what a test needs of Grafana's JSON.
type dashboard struct {
	Panels []struct {
		Title   string
		GridPos struct{ X, Y, W, H int }
		Targets []struct{ Expr string }
	}
	Templating struct {
		List []struct{ Name, Query string }
	}
}

var (
	metricName = regexp.MustCompile(`\b(slload|go|process)_[a-z0-9_]+`)
	byLabels   = regexp.MustCompile(`by \(([^)]*)\)`)
	descText   = regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
)

// described are the metrics of what gathers them, with their labels.
func described(t *testing.T, c prometheus.Collector) map[string][]string {
	t.Helper()
	list := make(chan *prometheus.Desc)
	go func() {
		c.Describe(list)
		close(list)
	}()
	metrics := map[string][]string{}
	for d := range list {
		m := descText.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("%s has no name", d)
		}
		metrics[m[1]] = strings.Split(m[2], ",")
	}
	return metrics
}

// TestTheDashboardAsksForWhatThereIs holds the queries of the dashboard against
// the metrics, and the metrics against the dashboard.
func TestTheDashboardAsksForWhatThereIs(t *testing.T) {
	data, err := os.ReadFile("../../deploy/grafana/slload.json")
	ok(t, err)
	var d dashboard
	ok(t, json.Unmarshal(data, &d))
	ours := described(t, collector{})
	known := map[string]bool{}
	for _, name := range processMetrics(t) {
		known[name] = true
	}
	shown := map[string]bool{}
	check := func(where, query string) {
		for _, name := range metricName.FindAllString(query, -1) {
			if _, is := ours[name]; !is && !known[name] {
				t.Errorf("%s asks for %s, which there isn't", where, name)
			}
			shown[name] = true
			for _, by := range byLabels.FindAllStringSubmatch(query, -1) {
				for label := range strings.SplitSeq(by[1], ", ") {
					if !slices.Contains(ours[name], label) {
						t.Errorf("%s: %s has no label %s", where, name, label)
					}
				}
			}
		}
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			if !metricName.MatchString(target.Expr) || !strings.Contains(target.Expr, `instance=~"$instance"`) {
				t.Errorf("panel %q asks %q: for no metric, or of all generators", p.Title, target.Expr)
			}
			check(p.Title, target.Expr)
		}
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q is wider than the dashboard", p.Title)
		}
	}
	for _, v := range d.Templating.List {
		check("the variable "+v.Name, v.Query)
	}
	for name := range ours {
		if !shown[name] {
			t.Errorf("nothing on the dashboard shows %s", name)
		}
	}
}

// processMetrics are the names of what every Go program tells.
func processMetrics(t *testing.T) []string {
	t.Helper()
	families, err := ownRegistry().Gather()
	ok(t, err)
	var names []string
	for _, f := range families {
		names = append(names, f.GetName())
	}
	return names
}
