package cluster

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// exact checks that a run's deltas come to what its segments say that they
// counted: each frame is in once. It gives how many ticks are in.
func exact(t *testing.T, s *results.Summary) int {
	t.Helper()
	if s == nil {
		t.Fatal("there is no summary")
	}
	if chats(s) != s.Actions.Started || chats(s)%perTick != 0 {
		t.Errorf("the run has %d chats, and its segments started %d", chats(s), s.Actions.Started)
	}
	return int(chats(s) / perTick)
}

// lostOnce wants a run that is marked, and says so by its error.
func lostOnce(t *testing.T, l *lead, s *results.Summary, what string) results.LostLoad {
	t.Helper()
	e := wantErr[*WorkerLostError](t, l.err)
	if len(s.Run.LostLoad) != 1 || len(e.Lost) != 1 || !strings.Contains(s.Run.LostLoad[0].What, what) {
		t.Fatalf("lost: %+v, %v; want %s once", s.Run.LostLoad, e.Lost, what)
	}
	return s.Run.LostLoad[0]
}

// startThree starts a run with workers of the segments 0 to 2.
func startThree(t *testing.T, th *theater, change func(*ControllerConfig)) (*lead, []*hand) {
	t.Helper()
	l := startLead(t, th, change)
	url := l.at()
	var workers []*hand
	for i := range 3 {
		workers = append(workers, startWorker(t, th, url, func(c *WorkerConfig) { c.Segment = i }))
	}
	return l, workers
}

func TestLostWorkerAborts(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l, workers := startThree(t, th, func(c *ControllerConfig) {
			c.OnLoss = Abort
			c.Run.Profile = parseProfile(t, strings.ReplaceAll(testProfile, "over: 20s", "over: 2000s"))
		})
		l.untilT(5 * time.Second)
		close(workers[1].crash)
		s := l.wait()
		lost := lostOnce(t, l, s, "segment 1 of 3")
		if n, made := exact(t, s), th.total(); n > made || made-n > 6 {
			t.Errorf("%d ticks of %d are in", n, made)
		}
		if s.Run.Seconds > 20 || lost.From < 5 || lost.From > 7 {
			t.Errorf("it went on for %v s, lost from %v s", s.Run.Seconds, lost.From)
		}
		for _, w := range []*hand{workers[0], workers[2]} {
			if err := w.wait(); err != nil {
				t.Errorf("another worker ended with %v", err)
			}
		}
	})
}

// Who watches sees which worker is silent while the others wait for it.
func TestWhoWatchesIsToldOfSilence(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l, workers := startThree(t, th, nil)
		l.untilT(5 * time.Second)
		close(workers[1].crash)
		var at time.Duration
		l.until("one is silent", func(p swarm.Progress) bool {
			at = p.T
			return p.Workers[1].State == results.WorkerRunning && p.Workers[1].Lag > 7*time.Second && p.Workers[0].Lag < 2*time.Second
		})
		if at > 8*time.Second {
			t.Errorf("the run's figures go on to %v without it", at)
		}
		l.until("it is lost", func(p swarm.Progress) bool { return p.Workers[1].State == results.WorkerLost && p.T > at })
	})
}

func TestLostWorkerIsLeftOut(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l, workers := startThree(t, th, func(c *ControllerConfig) {
			c.Run.Profile = parseProfile(t, strings.ReplaceAll(testProfile, "over: 20s", "over: 80s"))
		})
		l.untilT(5 * time.Second)
		close(workers[2].crash)
		s := l.wait()
		if lost := lostOnce(t, l, s, "segment 2 of 3"); lost.From < 5 || lost.From > 7 || lost.To != 90 {
			t.Errorf("lost: %+v, want it to the end", lost)
		}
		n, others := exact(t, s), th.ticks[key{0, 1}]+th.ticks[key{1, 1}]
		if n < others+5 || n > th.total() || others != 180 {
			t.Errorf("%d ticks are in, of which %d are the others', of %d", n, others, th.total())
		}
	})
}

func TestLostSegmentIsTakenOver(t *testing.T) {
	for _, standby := range []bool{true, false} {
		t.Run(fmt.Sprint("standby ", standby), func(t *testing.T) {
			inBubble(t, func(t *testing.T, th *theater) { takeOverOne(t, th, standby) })
		})
	}
}

func takeOverOne(t *testing.T, th *theater, standby bool) {
	l, workers := startThree(t, th, func(c *ControllerConfig) {
		c.OnLoss = Rebalance
		c.Run.Profile = parseProfile(t, strings.ReplaceAll(testProfile, "over: 20s", "over: 240s"))
	})
	if standby {
		<-l.beganIn
		startWorker(t, th, l.where, nil)
	}
	l.untilT(5 * time.Second)
	close(workers[0].crash)
	s := l.wait()
	lost := lostOnce(t, l, s, "segment 0 of 3")
	// Ten seconds until it is lost, five to make it ready.
	if gap := lost.To - lost.From; gap < 14 || gap > 17 {
		t.Errorf("lost from %v s to %v s", lost.From, lost.To)
	}
	n := exact(t, s)
	rest := th.total() - th.ticks[key{0, 1}]
	if n < rest+5 || n > th.total() || th.ticks[key{0, 2}] < 10 {
		t.Errorf("%d ticks are in, %d of those that weren't killed, %d of the second epoch", n, rest, th.ticks[key{0, 2}])
	}
	lostWorkers, segments := 0, 0
	for _, w := range s.Workers {
		if segments += len(w.Segments); w.Lost {
			lostWorkers++
		}
	}
	if want := 3; lostWorkers != 1 || segments != want+1 {
		t.Errorf("of the workers %d are lost, and they had %d segments", lostWorkers, segments)
	}
}

// A worker that is cut off and comes back before anybody has its segment goes on
// with it: all that it measured meanwhile is in. So do all of them, as when the
// controller's machine was cut off.
func TestWorkersAreCutOffAndReturn(t *testing.T) {
	for name, cut := range map[string]func(segment int) bool{
		"one": func(segment int) bool { return segment == 1 },
		"all": func(int) bool { return true },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, th *theater) { cutOff(t, th, cut) })
		})
	}
}

func cutOff(t *testing.T, th *theater, cut func(segment int) bool) {
	lost := make(chan struct{}, 1)
	l := startLead(t, th, func(c *ControllerConfig) {
		c.Tell = func(line string) {
			if strings.Contains(line, "is lost with segment 1:") {
				close(lost)
			}
		}
		longer(t, "240s")(c)
	})
	url := l.at()
	line := &cable{lan: th.lan}
	for i := range 3 {
		startWorker(t, th, url, func(c *WorkerConfig) {
			if c.Segment = i; cut(i) {
				c.dial = line.dial
			}
		})
	}
	l.untilT(5 * time.Second)
	line.cut(true)
	select {
	case <-lost:
	case <-l.ended:
		t.Fatalf("the run ended: %v", l.err)
	}
	line.cut(false)
	s := l.wait()
	for _, lost := range s.Run.LostLoad {
		if lost.To <= lost.From {
			t.Errorf("lost: %+v, want it to its return", lost)
		}
	}
	if len(s.Run.LostLoad) == 0 {
		t.Error("nothing is said to be lost")
	}
	if n := exact(t, s); n != th.total() || n != 3*250 {
		t.Errorf("%d ticks of %d are in", n, th.total())
	}
}

// A worker that comes back when another has its segment stops it; what it had
// measured is in all the same.
func TestFencedWorkerReturns(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		back := make(chan struct{})
		l := startLead(t, th, func(c *ControllerConfig) {
			c.OnLoss = Rebalance
			c.Tell = func(line string) {
				if strings.HasSuffix(line, " is back") {
					close(back)
				}
			}
			c.Run.Profile = parseProfile(t, strings.ReplaceAll(testProfile, "over: 20s", "over: 2000s"))
		})
		url := l.at()
		line := &cable{lan: th.lan}
		for i := range 3 {
			startWorker(t, th, url, func(c *WorkerConfig) {
				if c.Segment = i; i == 1 {
					c.dial = line.dial
				}
			})
		}
		l.untilT(5 * time.Second)
		line.cut(true)
		l.until("another has it", func(p swarm.Progress) bool {
			for _, w := range p.Workers {
				if w.Epoch == 2 && w.State == results.WorkerRunning {
					return true
				}
			}
			return false
		})
		line.cut(false)
		<-back
		l.until("who was fenced has ended", func(swarm.Progress) bool {
			return th.ended(key{1, 1}) && th.ticksOf(key{1, 2}) > 10
		})
		l.end(errors.New("enough"))
		s := l.wait()
		lostOnce(t, l, s, "segment 1 of 3")
		if n := exact(t, s); n != th.total() {
			t.Errorf("%d ticks of %d are in", n, th.total())
		}
		if th.ticks[key{1, 1}] >= th.ticks[key{0, 1}] || th.ticks[key{1, 2}] == 0 {
			t.Errorf("who was fenced went on to %d, who took over to %d", th.ticks[key{1, 1}], th.ticks[key{1, 2}])
		}
	})
}

// Nobody is heard of any more, because the controller is dead or the way there cut:
// the worker ends its load within a minute, though its logouts hang, and keeps what
// it can't deliver.
func TestOrphan(t *testing.T) {
	for _, what := range []string{"controller killed", "cable cut"} {
		t.Run(what, func(t *testing.T) {
			inBubble(t, func(t *testing.T, th *theater) {
				th.clings = true
				l := startLead(t, th, func(c *ControllerConfig) {
					c.Workers = 1
					longer(t, "2000s")(c)
				})
				line := &cable{lan: th.lan}
				h := startWorker(t, th, l.at(), func(c *WorkerConfig) { c.dial = line.dial })
				l.untilT(5 * time.Second)
				alone := time.Now()
				if what == "cable cut" {
					line.cut(true)
				} else {
					close(l.crash)
				}
				e := wantErr[*OrphanError](t, h.wait())
				if after := th.over[key{0, 1}].Sub(alone); after > time.Minute || after < 40*time.Second {
					t.Errorf("its load had ended %v after, want a minute at most", after)
				}
				checkSpool(t, l, e.Spool)
			})
		})
	}
}

// checkSpool wants a spool to end with what an orphan says last.
func checkSpool(t *testing.T, l *lead, path string) {
	t.Helper()
	frames, err := spool{l.runID(), path}.read(subjects{name: DefaultName})
	if err != nil || len(frames) == 0 {
		t.Fatalf("its spool %q has %d frames (%v)", path, len(frames), err)
	}
	last, err := readFrame(frames[len(frames)-1].data)
	if err != nil || last.Kind != frameFinal || last.Why != endOrphan {
		t.Errorf("the last frame is %+v (%v)", last, err)
	}
	if last.Sample.Agents.InWorld != 0 {
		t.Errorf("%d agents are still in world", last.Sample.Agents.InWorld)
	}
}

// A beat tells of the worker's own segments; what it says of others, or of none that
// there is, is nothing.
func TestBeatsOfOthersSegments(t *testing.T) {
	c := newController(ControllerConfig{})
	c.stage = running
	liar := &member{}
	c.slots = []*slot{{key: key{0, 2}, worker: &member{}}, {key: key{1, 2}, worker: liar}}
	for _, k := range []key{{0, 2}, {1, 1}, {1, 3}, {2, 1}, {maxSegments - 1, 1}} {
		liar.beat.Segments = append(liar.beat.Segments, segmentBeat{key: k, State: stateFailed})
	}
	c.heard(liar) // would need more of a controller to lose one
	for _, s := range c.slots {
		if s.lost {
			t.Errorf("segment %s is lost", s.key)
		}
	}
}

// A worker that is told to stop says so: nobody waits until it isn't heard any
// more.
func TestWorkerThatLeavesIsReplacedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		var told []string
		l, workers := startThree(t, th, func(c *ControllerConfig) {
			c.OnLoss = Rebalance
			longer(t, "240s")(c)
			tell := c.Tell
			c.Tell = func(line string) { told = append(told, line); tell(line) }
		})
		<-l.beganIn
		startWorker(t, th, l.where, nil)
		l.untilT(20 * time.Second)
		workers[1].stop(errors.New("enough"))
		s := l.wait()
		lost := lostOnce(t, l, s, "segment 1 of 3")
		if gap := lost.To - lost.From; gap > 8 {
			t.Errorf("lost from %v s to %v s: %q", lost.From, lost.To, told)
		}
		if n := exact(t, s); n != th.total() {
			t.Errorf("%d ticks of %d are in", n, th.total())
		}
	})
}
