package agent_test

import (
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/testgrid"
)

// pings is a loop's observer that tells of answered pings.
type pings chan time.Duration

func (p pings) Done(op string, _, sent, end circuit.Instant, reason string) {
	if op == circuit.OpPing && reason == "" {
		select {
		case p <- end.Sub(sent):
		default: // the first will do
		}
	}
}

func (pings) Count(string, int) {}

// Agent and simulator ask each other, every 5 s, and measure the answers.
func TestPingsGoBothWays(t *testing.T) {
	t.Parallel()
	mine := make(pings, 1)
	m := meetOn(t, testgrid.Config{}, func(c *circuit.Config) { c.Observer = mine })
	m.enter("Bot1")
	ctx := m.ctx()
	select {
	case took := <-mine:
		if took <= 0 || took > time.Second {
			t.Errorf("an answer took %v", took)
		}
	case <-ctx.Done():
		t.Fatal("the simulator answers no ping")
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for m.grid.Stats(ctx).Regions[0].Pings == 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the agent answers no ping")
		}
	}
}
