package cluster

import (
	"strings"
	"testing"
	"time"
)

// A controller that is killed just after it has handed a segment out again, and
// is started again, must know that it did: else it would give the same numbers to
// somebody else's frames.
func TestTakeoversAreOnDiskBeforeTheyAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		saved := make(chan int, 1)
		l, workers := startThree(t, th, func(c *ControllerConfig) {
			c.OnLoss = Rebalance
			c.Run.Profile = parseProfile(t, strings.ReplaceAll(testProfile, "over: 20s", "over: 240s"))
			dir := c.Run.Out
			c.Tell = func(line string) { // it is called on the controller's loop
				if !strings.Contains(line, " takes segment 1 over") {
					return
				}
				s, err := readState(dir)
				if err != nil {
					t.Error(err)
					return
				}
				saved <- s.Slots[1].Epoch
			}
		})
		l.untilT(5 * time.Second)
		close(workers[1].crash)
		if s := l.wait(); len(s.Run.LostLoad) != 1 {
			t.Errorf("lost: %+v", s.Run.LostLoad)
		}
		if epoch := <-saved; epoch != 2 {
			t.Errorf("when the takeover was told, epoch %d of the segment was on disk, want 2", epoch)
		}
	})
}

// A run that is ended before its first second ends at once: nobody waits for the
// last frames of segments that never had a first one.
func TestARunIsEndedBeforeItsStart(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, func(c *ControllerConfig) { c.times.start = time.Hour })
		url := l.at()
		for range 3 {
			startWorker(t, th, url, nil)
		}
		<-l.beganIn
		l.end(nil)
		if s := l.wait(); th.total() != 0 || chats(s) != 0 || len(s.Run.LostLoad) != 0 {
			t.Errorf("%d ticks, the run says of itself %+v", th.total(), s.Run)
		}
	})
}

// When all are lost and somebody joins, the segment goes on with them.
func TestNewcomerTakesOver(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		lost := make(chan struct{})
		l := startLead(t, th, func(c *ControllerConfig) {
			c.Workers, c.OnLoss = 1, Rebalance
			c.Run.Profile = parseProfile(t, strings.ReplaceAll(testProfile, "over: 20s", "over: 300s"))
			c.Tell = func(line string) {
				if strings.Contains(line, " is lost with segment 0:") {
					close(lost)
				}
			}
		})
		first := startWorker(t, th, l.at(), nil)
		l.untilT(5 * time.Second)
		close(first.crash)
		<-lost
		startWorker(t, th, l.where, nil)
		s := l.wait()
		if mark := lostOnce(t, l, s, "segment 0 of 1"); mark.To <= mark.From || mark.To > 309 {
			t.Errorf("lost: %+v, want it until it was taken over", mark)
		}
		if n := exact(t, s); th.ticks[key{0, 2}] < 10 || n < th.ticks[key{0, 2}]+5 {
			t.Errorf("%d ticks are in, and %d are the newcomer's", n, th.ticks[key{0, 2}])
		}
	})
}
