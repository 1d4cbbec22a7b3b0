package web

import (
	"maps"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/slload/slload/results"
)

// What Prometheus gets. Labels come from short lists: operations are the
// program's own, reasons, regions and workers are bounded in number; an agent is
// never one.
// Histograms are native ones: a server takes them where it was started with
// --enable-feature=native-histograms, and shows their counts otherwise.
var (
	descInfo     = describe("run_info", "What runs, always 1.", "run", "profile", "version")
	descSeconds  = describe("run_seconds", "How long the run has gone on.")
	descPlanned  = describe("run_planned_seconds", "How long its plan takes, logouts left out.")
	descTarget   = describe("agents_target", "Agents that the plan has in world now.")
	descInWorld  = describe("agents_in_world", "Agents in world now.")
	descLogins   = describe("logins_total", "Agents that got in, each once.")
	descRefused  = describe("login_failures_total", "Logins that failed.")
	descLost     = describe("agents_lost_total", "Agents that were lost.")
	descActions  = describe("actions_total", "Actions of behaviours by what became of them.", "state")
	descResponse = describe("response_seconds", "Time of an operation from when it was due.", "op")
	descService  = describe("service_seconds", "Time of an operation from when it was really sent.", "op")
	descErrors   = describe("errors_total", "Operations that failed.", "op", "reason")
	descPackets  = describe("udp_packets_total", "Datagrams.", "way")
	descBytes    = describe("udp_bytes_total", "Bytes in datagrams.", "way")
	descTrouble  = describe("udp_trouble_total", "Datagrams sent again, given up, dropped by the kernel or malformed.", "kind")
	descCPU      = describe("cpu_seconds_total", "CPU time: of the generator, of the embedded grid, of all on this machine.", "of")
	descVerdict  = describe("generator_verdict", "What the generator says of itself, 1 for the word that holds.", "verdict")
	descLag      = describe("generator_timer_lag_seconds", "How late timers fire at p99, since the phase began.")
	descGC       = describe("generator_gc_pause_seconds", "Pauses of garbage collection at p99, since the phase began.")
	descFailing  = describe("thresholds_failing", "Thresholds that don't hold so far.")
	descFPS      = describe("simulator_fps", "Frames a second, as the region tells.", "region")
	descDilation = describe("simulator_time_dilation", "Time dilation, as the region tells.", "region")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("slload_"+name, help, labels, nil)
}

const (
	// maxErrors and maxRegions bound the series of each.
	maxErrors, maxRegions = 512, 64
	// maxLabel is how many letters of a label are told.
	maxLabel = 80
)

// metrics serves what is known of the run and of this process. Where no run
// goes on, that is this process alone.
func (s *Server) metrics() http.Handler {
	own := ownRegistry()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all := prometheus.Gatherers{own}
		a := &ask{state: make(chan *State, 1)}
		s.post(func(h *hub) { h.add(a, h.lastAsked) })
		st, ok := wait(r.Context(), stateWait, a.state)
		if !ok {
			s.post(func(h *hub) { h.drop(a) })
		}
		if st != nil {
			run := prometheus.NewPedanticRegistry()
			run.MustRegister(collector{st})
			all = append(all, run)
		}
		promhttp.HandlerFor(all, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	})
}

// ownRegistry tells of this process.
func ownRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// collector makes metrics of a state. It is the only one of its registry, which
// checks that all it gives fits together.
type collector struct{ *State }

// Describe tells all metrics.
func (collector) Describe(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descInfo, descSeconds, descPlanned, descTarget, descInWorld, descLogins, descRefused, descLost, descActions,
		descResponse, descService, descErrors, descPackets, descBytes, descTrouble, descCPU, descVerdict, descLag, descGC,
		descFailing, descFPS, descDilation,
	} {
		c <- d
	}
	describeWorkers(c)
}

// Collect gives them.
func (m collector) Collect(c chan<- prometheus.Metric) {
	out := sink{c, prometheus.GaugeValue}
	sum := sink{c, prometheus.CounterValue}
	s := m.Summary
	out.put(descInfo, 1, label(s.Run.ID), label(s.Run.Profile), label(m.Version))
	out.put(descSeconds, s.Run.Seconds)
	out.put(descPlanned, m.Planned)
	out.put(descTarget, float64(m.Agents.Target))
	out.put(descInWorld, float64(m.Agents.InWorld))
	sum.put(descLogins, float64(s.Agents.Logins))
	sum.put(descRefused, float64(s.Agents.LoginFailures))
	sum.put(descLost, float64(s.Agents.Lost))
	sum.each(descActions, map[string]int64{
		"intended": s.Actions.Intended, "started": s.Actions.Started, "late": s.Actions.Late,
		"dropped": s.Actions.Dropped, "failed": s.Actions.Failed,
	})
	t := s.Transport
	sum.each(descPackets, map[string]int64{"sent": t.PacketsSent, "received": t.PacketsReceived})
	sum.each(descBytes, map[string]int64{"sent": t.BytesSent, "received": t.BytesReceived})
	sum.each(descTrouble, map[string]int64{
		"resent": t.Resent, "lost": t.Lost, "kernel_drop": t.KernelDrops, "malformed": t.Malformed,
	})
	for of, seconds := range map[string]float64{
		"generator": s.Generator.CPUSeconds, "embedded_grid": s.Generator.GridCPUSeconds, "machine": s.Generator.MachineCPUSeconds,
	} {
		sum.put(descCPU, seconds, of)
	}
	for _, verdict := range []results.Validity{results.Valid, results.Suspect, results.Invalid} {
		is := 0.0
		if verdict == s.Verdict.Generator {
			is = 1
		}
		out.put(descVerdict, is, string(verdict))
	}
	out.put(descLag, float64(m.Delays.TickLagP99NS)/1e9)
	out.put(descGC, float64(m.Delays.GCPauseP99NS)/1e9)
	out.put(descFailing, float64(len(s.Verdict.Failed)))
	m.operations(c, sum)
	m.simulators(out)
	m.workers(out, sum)
}

// operations gives the times and errors of all operations.
func (m collector) operations(c chan<- prometheus.Metric, sum sink) {
	for _, op := range slices.Sorted(maps.Keys(m.Times)) {
		t := m.Times[op]
		c <- native(descResponse, t.Response, m.Summary.Run.Started, label(op))
		c <- native(descService, t.Service, m.Summary.Run.Started, label(op))
	}
	failed := map[[2]string]int64{} // a reason may be a grid's word: two may look the same once they are cut
	for _, e := range m.Summary.Errors[:min(len(m.Summary.Errors), maxErrors)] {
		failed[[2]string{label(e.Op), label(e.Reason)}] += e.Count
	}
	for labels, n := range failed {
		sum.put(descErrors, float64(n), labels[:]...)
	}
}

// simulators gives what regions said of themselves. Their names are a grid's:
// two may look the same once they are cut.
func (m collector) simulators(out sink) {
	told := map[string]bool{}
	for _, sim := range m.Simulators {
		name := label(sim.Region)
		if told[name] || len(told) == maxRegions {
			continue
		}
		told[name] = true
		out.put(descFPS, sim.FPS, name)
		out.put(descDilation, sim.TimeDilation, name)
	}
}

// sink takes metrics of one type.
type sink struct {
	c    chan<- prometheus.Metric
	kind prometheus.ValueType
}

func (s sink) put(d *prometheus.Desc, v float64, labels ...string) {
	s.c <- prometheus.MustNewConstMetric(d, s.kind, v, labels...)
}

func (s sink) each(d *prometheus.Desc, values map[string]int64) {
	for name, v := range values {
		s.put(d, float64(v), name)
	}
}

// label makes of a text what can be a label: printable, and not too long.
func label(s string) string {
	letters := []rune(results.Plain(s))
	return string(letters[:min(len(letters), maxLabel)])
}
