package swarm

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/testgrid"
)

// A soak in virtual time: the whole swarm against the whole embedded grid, on a
// network without sockets and with a clock that runs ahead as soon as everybody
// waits. SLLOAD_SOAK_AGENTS and SLLOAD_SOAK_HOURS make it as large as in `make
// soak-sim`; otherwise it is a short one.

// soak is how large a soak is, and when its faults come. All times are parts of
// its length, so that a short one has everything that a long one has.
type soak struct {
	agents int
	length time.Duration
}

func soakOf(t *testing.T) soak {
	t.Helper()
	number := func(name string, short float64) float64 {
		text := os.Getenv(name)
		if text == "" {
			return short
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n <= 0 {
			t.Fatalf("%s is %q: want a number", name, text)
		}
		return n
	}
	hours := number("SLLOAD_SOAK_HOURS", 0.25)
	return soak{int(number("SLLOAD_SOAK_AGENTS", 12)), time.Duration(hours * float64(time.Hour)).Round(time.Second)}
}

// part is a moment of the soak.
func (s soak) part(of float64) time.Duration {
	return time.Duration(of * float64(s.length)).Round(time.Second)
}

const (
	// outage is for how long nothing passes: longer than the minute after
	// which a silent circuit is given up.
	outage = 2 * time.Minute
	// lossPercent of the datagrams get lost for a twelfth of the time, each way.
	lossPercent = 5
	// pingEvery is the circuits' own.
	pingEvery = 5 * time.Second
)

// Two outages, one in each half: what the first one makes pools grow to is no
// leak, what the second one adds would be.
func (s soak) outages() []time.Duration { return []time.Duration{s.part(0.22), s.part(0.72)} }

// lossy is when datagrams get lost.
func (s soak) lossy() (from, until time.Duration) { return s.part(1.0 / 12), s.part(2.0 / 12) }

func (s soak) faults(t *testing.T) testgrid.Config {
	t.Helper()
	from, until := s.lossy()
	text := fmt.Sprintf(`
faults:
  - {login: presence, percent: 25, until: %v}
  - {udp: delay, ms: 20, jitter_ms: 15, message: CompletePingCheck, way: from_grid}
  - {udp: delay, ms: 30, jitter_ms: 25, message: ImprovedInstantMessage, way: from_grid}
  - {udp: loss, percent: %d, from: %v, until: %v}
`, s.part(1.0/12), lossPercent, from, until)
	for _, at := range s.outages() {
		text += fmt.Sprintf("  - {udp: loss, from: %v, until: %v}\n", at, at+outage)
	}
	list, err := profiles.ParseFaults([]byte(text), "faults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return testgrid.Config{Faults: list, Seed: 1, UpdateHz: 1} // nobody moves
}

func (s soak) profile() string {
	return fmt.Sprintf(`
name: soak-sim
agents: {executor: constant-agents, count: %d, login_rate: 20/s, duration: %v}
agent: {idle_update_rate: 1/m}
behaviors:
  - {do: im, rate: 1/m}
  - {do: look, rate: 1/m}
`, s.agents, s.length)
}

// state is what a soak has come to at a moment.
type state struct {
	at         time.Duration
	heap       int64
	goroutines int
	files      map[string]int64 // bytes
	progress   Progress
}

func (s state) String() string {
	var files int64
	for _, n := range s.files {
		files += n
	}
	a, x, t := s.progress.Agents, s.progress.Actions, s.progress.Transport
	return fmt.Sprintf("%8v  %6.1f MB heap  %6d goroutines  %6.2f MB of files  %6d in world  %6d lost  %9d actions  %10d packets",
		s.at.Round(time.Second), float64(s.heap)/1e6, s.goroutines, float64(files)/1e6, a.InWorld, a.Lost, x.Started, t.PacketsSent+t.PacketsReceived)
}

func stateOf(p Progress) state {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := state{at: p.T, heap: int64(m.HeapAlloc), goroutines: runtime.NumGoroutine(), files: map[string]int64{}, progress: p}
	for _, name := range []string{"histograms.hlog", "timeline.jsonl", "events.jsonl", "checkpoint.json", "slload.log", "manifest.json", "config.yaml"} {
		if info, err := os.Stat(filepath.Join(p.Dir, name)); err == nil {
			s.files[name] = info.Size()
		}
	}
	return s
}

// steps is into how many parts a soak is cut to look at it.
const steps = 24

func TestSoakInVirtualTime(t *testing.T) {
	s := soakOf(t)
	began := time.Now()
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // what lives is looked at after a collection of its own
	inBubble(t, s.faults(t), func(b *bubble) {
		cfg := b.config(s.profile())
		var states []state
		cfg.OnProgress = func(p Progress) {
			if p.T >= s.length*time.Duration(len(states)+1)/steps {
				states = append(states, stateOf(p))
				b.Log(states[len(states)-1])
			}
		}
		summary, err := Run(b.Context(), b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.isAsPlanned(s, cfg, summary)
		b.isAsTheFaultsImply(s, cfg, summary)
		b.isFlat(states)
	})
	t.Logf("%d agents, %v: simulated in %v", s.agents, s.length, time.Since(began).Round(time.Second))
}

// isAsPlanned compares what was done with the plan.
func (b *bubble) isAsPlanned(s soak, cfg Config, got *results.Summary) {
	b.Helper()
	outages := int64(len(s.outages()))
	n := int64(s.agents)
	if a := got.Agents; a.Logins != n || a.Peak != s.agents || a.InWorldAtEnd != s.agents || a.Lost != outages*n {
		b.Errorf("agents %+v: want %d, all lost in each of %d outages and back", a, n, outages)
	}
	if in, out := got.Ops["login"].Count, got.Ops["logout"].Count; in != n*(1+outages) || out != n {
		b.Errorf("%d logins and %d logouts: want %d and %d", in, out, n*(1+outages), n)
	}
	x := got.Actions
	if want := intendedBy(b.T, cfg); x.Intended != want {
		b.Errorf("%d actions were intended, the plan has %d", x.Intended, want)
	}
	if x.Started+x.Dropped != x.Intended || x.Dropped != x.Absent || x.Late != 0 {
		b.Errorf("actions %+v: none may be late, or dropped with their agent in world", x)
	}
	// An agent is away from a minute into an outage until a while after its end.
	least, most := int64(0), int64(0)
	for _, at := range s.outages() {
		least += dueBetween(b.T, cfg, at+70*time.Second, at+outage)
		most += dueBetween(b.T, cfg, at, at+outage+70*time.Second)
	}
	if x.Absent < least || x.Absent > most {
		b.Errorf("%d actions had nobody to do them: by plan %d to %d fall into the outages", x.Absent, least, most)
	}
}

// dueBetween counts the plan's actions that fall due in a stretch of the run.
func dueBetween(t *testing.T, cfg Config, from, until time.Duration) (n int64) {
	t.Helper()
	plan, err := cfg.plan()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range plan.Sessions {
		actions := plan.Actions(s)
		for a, more := actions.Next(); more && s.Login+a.At < until; a, more = actions.Next() {
			if s.Login+a.At >= from {
				n++
			}
		}
	}
	return n
}

// isAsTheFaultsImply compares what failed with the faults and the grid's books.
func (b *bubble) isAsTheFaultsImply(s soak, cfg Config, got *results.Summary) {
	b.Helper()
	books := b.grid.Stats(b.Context())
	if in, refused := got.Ops["login.auth"].Count, counted(got, "login.auth", "presence"); uint64(in) != books.Logins || uint64(refused) != books.LoginsRefused || refused == 0 {
		b.Errorf("%d logins were granted and %d refused; the grid has %d and %d", in, refused, books.Logins, books.LoginsRefused)
	}
	// A ping fails if it or its answer gets lost. In an outage an agent sends
	// those of a minute, and the last few are never told of.
	from, until := s.lossy()
	pings := float64(s.agents) * float64((until-from)/pingEvery)
	const passes = 1 - lossPercent/100.0 // one way
	const p = 1 - passes*passes
	spread := 5 * math.Sqrt(pings*p*(1-p))
	inOutages := float64(len(s.outages()) * s.agents)
	failed := float64(counted(got, "msg.ping", "timeout"))
	if least, most := pings*p-spread+7*inOutages, pings*p+spread+13*inOutages; failed < least || failed > most {
		b.Errorf("%.0f pings failed: the faults imply %.0f to %.0f", failed, least, most)
	}
	if t := got.Transport; t.Resent == 0 || t.Malformed != 0 || t.KernelDrops != 0 {
		b.Errorf("transport %+v", t)
	}
	// In an outage each agent's queue ends with its session, each fails to enter
	// again once or twice, and what was said then isn't heard.
	ofAll, said := int64(len(s.outages())*s.agents), int64(0)
	for _, at := range s.outages() {
		said += dueBetween(b.T, cfg, at-time.Minute, at+outage)
	}
	most := map[string]int64{
		"login.auth presence": int64(books.LoginsRefused), "login presence": int64(books.LoginsRefused),
		"msg.ping timeout": int64(failed), "eq.poll gone": ofAll, "login handshake_timeout": 2 * ofAll, "login.handshake timeout": 2 * ofAll,
		"msg.im agent_left": said, "msg.im timeout": said,
	}
	for _, e := range got.Errors {
		if e.Count > most[e.Op+" "+e.Reason] {
			b.Errorf("%d times %s failed with %s: the faults imply %d at most", e.Count, e.Op, e.Reason, most[e.Op+" "+e.Reason])
		}
	}
	if got.Agents.LoginFailures != got.Ops["login"].Errors {
		b.Errorf("%d logins failed, %d of them were noted as failed", got.Agents.LoginFailures, got.Ops["login"].Errors)
	}
	if books.Agents != 0 {
		b.Errorf("%d agents are still on the grid", books.Agents)
	}
}

// isFlat wants memory at the end as it was at the beginning, and files that
// don't grow faster and faster.
func (b *bubble) isFlat(states []state) {
	b.Helper()
	if len(states) < steps {
		b.Fatalf("%d states, want %d", len(states), steps)
	}
	const quarter = steps / 4
	early, late := states[steps/2-quarter+1:steps/2], states[steps-quarter+1:] // each after an outage
	mean := func(list []state, of func(state) int64) (sum int64) {
		for _, s := range list {
			sum += of(s) / int64(len(list))
		}
		return sum
	}
	heap := func(s state) int64 { return s.heap }
	first, last := mean(early, heap), mean(late, heap)
	if last > first+first/20+1e6 {
		b.Errorf("the heap had %d bytes in the second quarter and has %d in the last", first, last)
	}
	goroutines := func(s state) int64 { return int64(s.goroutines) }
	if first, last := mean(early, goroutines), mean(late, goroutines); last > first+first/20+10 {
		b.Errorf("there were %d goroutines in the second quarter and are %d in the last", first, last)
	}
	for name, size := range states[steps-1].files {
		// The second half has an outage, as the first has.
		half := states[steps/2-1].files[name]
		if size > half*5/2+64<<10 {
			b.Errorf("%s had %d bytes after half of the time and has %d at the end", name, half, size)
		}
	}
	_, err := results.ReadSummary(b.out)
	if err = errors.Join(err, sumsAgree(b.out)); err != nil {
		b.Error(err)
	}
}

// sumsAgree compares the totals of the files with one another.
func sumsAgree(dir string) error {
	s, err := results.ReadSummary(dir)
	if err != nil {
		return err
	}
	var pings, failed int64
	err = results.ReadTimeline(dir, func(l results.Line) {
		pings += l.Ops["msg.ping"].Count
		failed += l.Ops["msg.ping"].Errors
	})
	if err != nil {
		return err
	}
	times, err := results.ReadTimes(dir)
	if err != nil {
		return err
	}
	if o := s.Ops["msg.ping"]; o.Count != pings || o.Errors != failed || times["msg.ping"].Response.TotalCount() != o.Count {
		return fmt.Errorf("%d pings and %d failures in the summary, %d and %d in the timeline, %d in the histograms",
			o.Count, o.Errors, pings, failed, times["msg.ping"].Response.TotalCount())
	}
	return nil
}
