package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// longer is the tests' profile with a stage of so long.
func longer(t *testing.T, stage string) func(*ControllerConfig) {
	return func(c *ControllerConfig) {
		c.Run.Profile = parseProfile(t, strings.ReplaceAll(testProfile, "over: 20s", "over: "+stage))
	}
}

// kill ends the controller as a kill would, and gives its directory in a copy:
// this process still has the lock of the first.
func (l *lead) kill() (dir string) {
	l.t.Helper()
	close(l.crash)
	l.wait()
	dir = filepath.Join(l.t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(l.dir)); err != nil {
		l.t.Fatal(err)
	}
	return dir
}

// resumeLead starts a controller that goes on with the run in dir.
func resumeLead(t *testing.T, th *theater, dir string, change func(*ControllerConfig)) *lead {
	t.Helper()
	l := startLead(t, th, func(c *ControllerConfig) {
		c.Resume, c.Run.Profile, c.Run.LoginURI, c.Run.Seed, c.Workers = dir, nil, "", 0, 0
		if change != nil {
			change(c)
		}
	})
	l.dir = dir
	return l
}

// The controller is killed and started again while the workers go on: the run is
// as if nothing had happened.
func TestControllerIsKilledAndGoesOn(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, longer(t, "140s"))
		url := l.at()
		for range 3 {
			startWorker(t, th, url, nil)
		}
		for _, at := range []time.Duration{25 * time.Second, 70 * time.Second} {
			l.untilT(at)
			l = resumeLead(t, th, l.kill(), nil)
			if got := l.at(); got != url {
				t.Errorf("it listens at %s now, and did at %s", got, url)
			}
		}
		s := l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		if n := exact(t, s); n != th.total() || n != 3*150 {
			t.Errorf("%d ticks of %d are in, want 450", n, th.total())
		}
		if len(s.Run.LostLoad) != 0 || len(s.Run.Segments) != 0 || s.Run.Seconds > 151 {
			t.Errorf("the run says of itself %+v", s.Run)
		}
		if len(s.Phases) != 4 { // with the logouts
			t.Errorf("it has the phases %+v", s.Phases)
		}
	})
}

// The power of the controller's machine fails, and its disk has nothing of what NATS
// had acked; it is back before the workers give up. Nothing is missing.
func TestPowerFails(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, longer(t, "140s"))
		url := l.at()
		for range 3 {
			startWorker(t, th, url, nil)
		}
		for _, at := range []time.Duration{25 * time.Second, 79 * time.Second} {
			l.untilT(at)
			l = resumeLead(t, th, l.cutPower(), nil)
			l.at()
		}
		s := l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		if n := exact(t, s); n != th.total() || n != 3*150 || len(s.Run.LostLoad) != 0 || len(s.Run.Segments) != 0 {
			t.Errorf("%d ticks of %d are in, want 450; the run says of itself %+v", n, th.total(), s.Run)
		}
	})
}

// cutPower ends the controller as a power cut would whose disk has nothing of NATS.
func (l *lead) cutPower() (dir string) {
	l.t.Helper()
	dir = l.kill()
	if err := os.RemoveAll(filepath.Join(dir, dirStore)); err != nil {
		l.t.Fatal(err)
	}
	return dir
}

// The machine stays dead until the workers have ended: what wasn't safe is in their
// spools, and in the run once others go on there.
func TestPowerFailsForLong(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, longer(t, "100s"))
		url, spool := l.at(), t.TempDir()
		set := func(c *WorkerConfig) { c.Spool = spool }
		var workers []*hand
		for range 3 {
			workers = append(workers, startWorker(t, th, url, set))
		}
		l.untilT(28 * time.Second)
		dir := l.cutPower()
		for _, w := range workers {
			wantErr[*OrphanError](t, w.wait())
		}
		l = resumeLead(t, th, dir, nil)
		for range 3 {
			startWorker(t, th, url, set)
		}
		s := l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		if n := exact(t, s); n != th.total() || len(s.Run.LostLoad) != 0 {
			t.Errorf("%d ticks of %d are in; the run says of itself %+v", n, th.total(), s.Run)
		}
	})
}

// All are killed: the rest of the plan is made by others, after a gap.
func TestAllAreKilledAndOthersGoOn(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, longer(t, "100s"))
		url := l.at()
		var workers []*hand
		for range 3 {
			workers = append(workers, startWorker(t, th, url, nil))
		}
		l.untilT(25 * time.Second)
		dir := l.kill()
		for _, w := range workers {
			close(w.crash)
			_ = w.wait()
		}
		before := th.total()
		l = resumeLead(t, th, dir, nil)
		for range 3 {
			startWorker(t, th, url, nil)
		}
		s := l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		n := exact(t, s)
		if lost := th.total() - n; lost < 0 || lost > before-3*24 {
			t.Errorf("%d ticks of %d are in, of which %d before the kill", n, th.total(), before)
		}
		if len(s.Run.Segments) != 2 || s.Run.Segments[1].Plan < 24 || len(s.Run.LostLoad) != 0 {
			t.Errorf("the run says of itself %+v", s.Run)
		}
		if last := s.Phases[len(s.Phases)-1].Name; last != results.PhaseLogout {
			t.Errorf("its last phase is %s", last)
		}
	})
}

// The controller and NATS are gone for so long that the workers end their load:
// what they couldn't deliver is in their spools, two in one place, and in the
// run, once others go on there.
func TestSpoolsAreDelivered(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, longer(t, "100s"))
		url := l.at()
		spools := []string{t.TempDir(), t.TempDir()}
		spools = append(spools, spools[1]) // of workers on one machine
		var workers []*hand
		for _, dir := range spools {
			workers = append(workers, startWorker(t, th, url, func(c *WorkerConfig) {
				c.Spool = dir
			}))
		}
		l.untilT(25 * time.Second)
		dir := l.kill()
		for _, w := range workers {
			if e := wantErr[*OrphanError](t, w.wait()); e.Spool == "" {
				t.Error("a worker left no spool")
			}
		}
		l = resumeLead(t, th, dir, nil)
		for _, dir := range spools {
			startWorker(t, th, url, func(c *WorkerConfig) { c.Spool = dir })
		}
		s := l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		if n := exact(t, s); n != th.total() {
			t.Errorf("%d ticks of %d are in", n, th.total())
		}
		for _, dir := range spools {
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("the spool holds %v (%v)", left, err)
			}
		}
	})
}

// The plan ends while there is no controller: the last frames come from spools,
// and nothing is left to make.
func TestPlanEndsWithoutController(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, longer(t, "110s"))
		url := l.at()
		spools := []string{t.TempDir(), t.TempDir(), t.TempDir()}
		var workers []*hand
		for _, dir := range spools {
			workers = append(workers, startWorker(t, th, url, func(c *WorkerConfig) {
				c.Spool, c.times.orphan = dir, 150*time.Second
			}))
		}
		l.untilT(20 * time.Second)
		dir := l.kill()
		for _, w := range workers {
			_ = w.wait()
		}
		l = resumeLead(t, th, dir, nil)
		for _, dir := range spools {
			startWorker(t, th, url, func(c *WorkerConfig) { c.Spool = dir })
		}
		s := l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		if n := exact(t, s); n != th.total() || n != 3*120 || len(s.Run.Segments) != 0 {
			t.Errorf("%d ticks of %d are in, want 360; segments %v", n, th.total(), s.Run.Segments)
		}
	})
}

// NATS is shut down and started again on its store: nothing is lost, and nobody.
func TestNATSIsStartedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		store := t.TempDir()
		e := th.lan.start(t, store)
		l := startLead(t, th, func(c *ControllerConfig) {
			longer(t, "140s")(c)
			c.URL = here
		})
		for range 3 {
			startWorker(t, th, here, nil)
		}
		for _, at := range []time.Duration{25 * time.Second, 80 * time.Second} {
			l.untilT(at)
			e.close()
			e = th.lan.start(t, store)
		}
		s := l.wait()
		e.close()
		if l.err != nil {
			t.Fatal(l.err)
		}
		if n := exact(t, s); n != th.total() || n != 3*150 {
			t.Errorf("%d ticks of %d are in, want 450", n, th.total())
		}
	})
}

// Whose directory is no cluster's, or a run's that has ended, is told so.
func TestWhatCantBeResumed(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"none": filepath.Join(t.TempDir(), "none"), "empty": t.TempDir()} {
		l := resumeLead(t, nil, dir, nil)
		l.wait()
		if e := wantErr[*swarm.ConfigError](t, l.err); !strings.Contains(e.Error(), "holds no run of a cluster") {
			t.Errorf("%s: %v", name, e)
		}
	}
}
