package cluster

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// startNATS starts an embedded server for the test, and connects to it.
func startNATS(t *testing.T) (*embedded, *nats.Conn) {
	t.Helper()
	var log atomic.Pointer[slog.Logger]
	e, err := embed("127.0.0.1:0", openDoor, TLS{}, &log)
	if err != nil {
		t.Fatal(err)
	}
	nc, err := dial("nats://"+e.addr(), "test", testToken, TLS{}, testLog(t, "client"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close(); e.close() })
	return e, nc
}

// However wrong a worker's clock is, it learns how wrong, to half a round trip.
func TestClockOffset(t *testing.T) {
	t.Parallel()
	_, nc := startNATS(t)
	s := subjects{DefaultName, "run"}
	sub, err := serveClock(nc, s, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, skew := range []time.Duration{0, time.Hour, -42 * time.Second} {
		begin := time.Now()
		got, err := clockOffset(t.Context(), nc, s, func() time.Time { return time.Now().Add(skew) })
		most := time.Since(begin) // all round trips
		if err != nil || (got+skew).Abs() > most {
			t.Errorf("a clock that is %v ahead learns %v (%v)", skew, got, err)
		}
	}
	if _, err := clockOffset(t.Context(), nc, s.of("other"), time.Now); err == nil {
		t.Error("it believes the controller of another run")
	}
	if err := sub.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	if _, err := clockOffset(t.Context(), nc, s, time.Now); err == nil {
		t.Error("it knows the time of nobody")
	}
}

// Workers whose clocks disagree begin at the same instant.
func TestWorkersBeginTogether(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, nil)
		url := l.at()
		for i := range 3 {
			skew := time.Duration(i-1) * time.Hour
			startWorker(t, th, url, func(c *WorkerConfig) {
				c.Segment = i
				c.now = func() time.Time { return time.Now().Add(skew) }
				c.play = th.skewed(skew)
			})
		}
		l.wait()
		if l.err != nil {
			t.Fatal(l.err)
		}
		first := th.started[key{1, 1}]
		for k, at := range th.started {
			if at != first { // where a round trip takes no time
				t.Errorf("segment %d begins %v after segment 1", k.Segment, at.Sub(first))
			}
		}
	})
}
