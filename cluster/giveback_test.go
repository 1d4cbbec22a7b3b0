package cluster

import (
	"context"
	"testing"
	"time"
)

// A run that nobody joins when it is resumed is left as it was, for another try.
func TestNobodyJoinsARunThatIsResumed(t *testing.T) {
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
			_ = w.wait() // it was killed
		}
		l = resumeLead(t, th, dir, func(c *ControllerConfig) {
			c.JoinTimeout = 20 * time.Second
		})
		l.wait()
		wantErr[*JoinError](t, l.err)
		l = resumeLead(t, th, dir, nil)
		for range 3 {
			startWorker(t, th, url, nil)
		}
		s := l.wait()
		if n := exact(t, s); l.err != nil || n < 3*24 || n > th.total() || len(s.Run.Segments) != 2 {
			t.Errorf("it ended with %v, %d ticks of %d, and says of itself %+v", l.err, n, th.total(), s.Run)
		}
	})
}

// What the stream's reader still has for a loop that has ended doesn't hold up
// the end.
func TestPipesEndThoughNobodyReadsTheMailbox(t *testing.T) {
	c := &controller{mailbox: make(chan func(), 1), gone: make(chan struct{}), piped: make(chan struct{})}
	ctx, end := context.WithCancel(t.Context())
	c.pipes = end
	go func() {
		defer close(c.piped)
		<-ctx.Done()
		for range 3 {
			c.post(func() { t.Error("it is done all the same") })
		}
	}()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		c.closePipes()
	}()
	select {
	case <-closed:
	case <-time.After(testLimit):
		close(c.gone)
		t.Error("they don't end")
	}
}
