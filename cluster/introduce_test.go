package cluster

import (
	"strings"
	"testing"
	"time"
)

// A controller that was started again gets to know who stands by, too, and can
// hand them what others lose.
func TestStandbysAreKnownAfterARestart(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		lines := make(chan string, 100)
		rebalance := func(c *ControllerConfig) {
			c.OnLoss = Rebalance
			c.Tell = func(line string) { lines <- line }
		}
		await := func(what string) {
			t.Helper()
			limit := time.After(testLimit)
			for {
				select {
				case line := <-lines:
					if strings.HasPrefix(line, "worker standby:") && strings.HasSuffix(line, what) {
						return
					}
				case <-limit:
					t.Fatalf("the standby never %s", what)
				}
			}
		}
		l := startLead(t, th, func(c *ControllerConfig) {
			longer(t, "400s")(c)
			rebalance(c)
		})
		url := l.at()
		var workers []*hand
		for i := range 3 {
			workers = append(workers, startWorker(t, th, url, func(c *WorkerConfig) { c.Segment = i }))
		}
		<-l.beganIn
		startWorker(t, th, url, func(c *WorkerConfig) { c.host = "standby" })
		await("stands by")
		l.untilT(25 * time.Second)
		l = resumeLead(t, th, l.kill(), rebalance)
		await("stands by")
		close(workers[1].crash)
		await("takes segment 1 over")
		l.end(nil)
		exact(t, l.wait())
	})
}
