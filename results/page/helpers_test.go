package page

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

// hostile is what a grid may call a region.
const hostile = `</td><script>alert("Sandbox")</script>` + "\u202e\x00<img src=http://example.com/x>"

// write makes the directory of a short run by the writer that real runs have.
func write(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	c, err := results.NewCollector(results.Config{Dir: dir, Phase: "stage 1", Profile: []byte("name: crowd # <b>&amp;\n"), Manifest: results.Manifest{
		ID: "20261122-175633-crowd-3f2a", Profile: "crowd", Started: time.Date(2026, 11, 22, 17, 56, 33, 0, time.UTC),
		Seed: 42, Agents: 100, PlannedSeconds: 20, Measured: []string{"stage 2"}, Primary: []string{"msg.chat"},
		Tags: map[string]string{"build": "<1.4>"}, LoginURI: "http://someone:secret@127.0.0.1:9000/",
		Version: "1.0", OS: "linux", Arch: "amd64", Cores: 2, Loops: 1, Transport: "shared",
		Thresholds: []profiles.Threshold{threshold(t, "login.p95 < 2s"), threshold(t, "msg.chat.p99 < 10ms")},
	}})
	ok(t, err)
	loop := results.NewRecorder()
	state := results.Sample{Generator: results.Generator{Cores: 2, MachineCores: 2}}
	for second := range 20 {
		if second == 8 {
			ok(t, c.BeginPhase("stage 2", state))
		}
		play(loop, &state, second)
		c.Merge(loop.Swap(nil))
		ok(t, c.Tick(state))
	}
	ok(t, c.BeginPhase(results.PhaseLogout, state))
	_, err = c.Finish(state)
	ok(t, err)
	return dir
}

// play is a second of the run.
func play(loop *results.Recorder, state *results.Sample, second int) {
	state.T += time.Second
	state.Agents.Target = min(100, 20*(second+1))
	state.Agents.InWorld = min(100, 15*second)
	state.Actions.Intended += 50
	state.Actions.Started += 48
	state.Transport.PacketsSent += 1000
	state.Transport.BytesSent += 90_000
	state.Generator.CPUSeconds += 0.5
	state.Generator.MachineCPUSeconds += 0.9
	state.InPhase.TickLagP99NS = int64(300 * time.Microsecond)
	state.Simulators = []results.Simulator{
		{Region: hostile, FPS: 55, TimeDilation: 0.99}, {Region: "Plaza", FPS: 40 - float64(second), TimeDilation: 0.8, Agents: 20, Scripts: 4 * second},
	}
	for i := range 40 {
		d := time.Duration(5+i) * time.Millisecond
		loop.Record("msg.chat", d, d/2, "")
		if second < 6 && i < 10 {
			loop.Record("login", 20*d, 20*d, "")
		}
	}
	if second%5 == 4 {
		loop.Record("msg.im", 0, 0, "timeout")
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func threshold(t testing.TB, text string) profiles.Threshold {
	t.Helper()
	var th profiles.Threshold
	ok(t, th.UnmarshalText([]byte(text)))
	return th
}

// parsed is the page of r as a browser takes it.
func parsed(t testing.TB, r *Run) (page string, root *html.Node) {
	t.Helper()
	var b bytes.Buffer
	ok(t, r.WriteHTML(&b))
	root, err := html.Parse(bytes.NewReader(b.Bytes()))
	ok(t, err)
	return b.String(), root
}

// words are the text within n, charts and style left out.
func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Data == "svg" || n.Data == "style" {
		return ""
	}
	var parts []string
	for c := range n.ChildNodes() {
		parts = append(parts, words(c))
	}
	return strings.Join(parts, " ")
}

// outline is what a reader finds on the page: a line for each heading, fact,
// row and chart.
func outline(root *html.Node) string {
	var b strings.Builder
	for n := range root.Descendants() {
		switch n.Data {
		case "h1", "h2", "h3", "p", "li", "dt", "dd", "pre", "figcaption":
			fmt.Fprintf(&b, "%s: %s\n", n.Data, strings.Join(strings.Fields(words(n)), " "))
		case "tr":
			var cells []string
			for c := range n.ChildNodes() {
				if c.Type == html.ElementNode {
					cells = append(cells, strings.Join(strings.Fields(words(c)), " "))
				}
			}
			fmt.Fprintf(&b, "tr: %s\n", strings.Join(cells, " | "))
		}
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		ok(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	ok(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s; after a wanted change, run the test with -update (-want +got):\n%s", path, diff)
	}
}
