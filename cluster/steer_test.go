package cluster

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
)

// A run of several machines is steered as one of one machine.
func TestSteer(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, longer(t, "300s"))
		url := l.at()
		ctx := t.Context()
		if _, err := l.control.Status(ctx); err == nil {
			t.Error("it has a status before it began")
		}
		for range 3 {
			startWorker(t, th, url, nil)
		}
		l.untilT(15 * time.Second)
		if err := l.control.Resume(ctx); !errors.Is(err, swarm.ErrNotPaused) {
			t.Errorf("resume: %v", err)
		}
		if err := l.control.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		if err := l.control.Pause(ctx); !errors.Is(err, swarm.ErrPaused) {
			t.Errorf("paused again: %v", err)
		}
		l.until("it is paused", func(p swarm.Progress) bool { return p.Phase == profiles.PausedPhase && p.Holding })
		status, err := l.control.Status(ctx)
		if err != nil || status.State != swarm.StatePaused {
			t.Errorf("paused, its status is %+v (%v)", status, err)
		}
		l.until("it has been so for 20 s", func(p swarm.Progress) bool { return p.Paused >= 20*time.Second })
		if err := l.control.Resume(ctx); err != nil {
			t.Fatal(err)
		}
		l.until("it goes on", func(p swarm.Progress) bool { return p.Phase == "stage 2" && !p.Holding })
		if err := l.control.Scale(ctx, -1); !errors.As(err, new(*swarm.ConfigError)) {
			t.Errorf("scaled to -1: %v", err)
		}
		if err := l.control.Scale(ctx, 30); err != nil {
			t.Fatal(err)
		}
		l.until("each segment has its part", func(p swarm.Progress) bool { return p.Agents.Target == 30 })
		l.end(errors.New("enough"))
		s := l.wait()
		if l.err == nil || l.err.Error() != "enough" {
			t.Errorf("it ended with %v", l.err)
		}
		if n := exact(t, s); n != th.total() {
			t.Errorf("%d ticks of %d are in", n, th.total())
		}
		var phases []string
		for _, p := range s.Phases {
			phases = append(phases, p.Name)
		}
		if diff := cmp.Diff([]string{"stage 1", "warmup", "stage 2", "paused", "stage 2", "logout"}, phases); diff != "" {
			t.Errorf("its phases: %s", diff)
		}
		if !s.Run.HandScaled || s.Run.PausedSeconds <= 0 || len(s.Run.LostLoad) != 0 {
			t.Errorf("the run says of itself %+v", s.Run)
		}
		if err := l.control.Pause(ctx); !errors.Is(err, swarm.ErrNotRunning) {
			t.Errorf("ended, it says %v", err)
		}
	})
}

// Who takes a segment over while the run is paused and scaled is paused and scaled
// itself, and its phases are those of the others.
func TestTakeoverOfAPausedRun(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l, workers := startThree(t, th, func(c *ControllerConfig) {
			c.OnLoss = Rebalance
			longer(t, "120s")(c)
		})
		l.untilT(12 * time.Second)
		ctx := t.Context()
		if err := l.control.Scale(ctx, 30); err != nil {
			t.Fatal(err)
		}
		if err := l.control.Pause(ctx); err != nil {
			t.Fatal(err)
		}
		close(workers[1].crash)
		l.until("another has it, and pauses", func(p swarm.Progress) bool {
			for _, w := range p.Workers {
				if w.Segment == 1 && w.Epoch == 2 && w.T > 0 {
					return p.Agents.Target == 30
				}
			}
			return false
		})
		if err := l.control.Resume(ctx); err != nil {
			t.Fatal(err)
		}
		s := l.wait()
		lostOnce(t, l, s, "segment 1 of 3")
		exact(t, s)
		if got := th.ticks[key{1, 2}]; got == 0 || got > 120 {
			t.Errorf("who took over made %d seconds of the plan", got)
		}
		var phases []string
		for _, p := range s.Phases {
			phases = append(phases, p.Name)
		}
		want := "stage 1 warmup stage 2 paused stage 2 logout"
		if got := strings.Join(phases, " "); got != want {
			t.Errorf("its phases are %s, want %s", got, want)
		}
	})
}
