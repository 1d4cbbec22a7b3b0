package swarm

import (
	"errors"
	"strings"
	"testing"

	"github.com/slload/slload/circuit"
)

// Two runs of one process share its descriptors: what one has, the other has not.
func TestRunsOfOneProcessShareItsDescriptors(t *testing.T) {
	size := func(agents int) Size {
		return Size{Agents: agents, EventQueue: true, Mode: circuit.ModeShared, Loops: 1}
	}
	most := Limits{Descriptors: 100, MaxDescriptors: 2000}
	var first, second claim
	before := claimed.Load()
	if before != 0 {
		t.Fatalf("%d descriptors are still claimed by runs that have ended", before)
	}
	take := func(c *claim, agents int, want string) {
		t.Helper()
		before := *c
		all, err := c.take(size(agents), most)
		switch {
		case want == "" && (err != nil || all != uint64(claimed.Load()) || int(*c) != size(agents).Descriptors()):
			t.Errorf("%d agents: %d, %v", agents, all, err)
		case want != "" && (!errors.As(err, new(*ConfigError)) || !strings.Contains(err.Error(), want) || *c != before):
			t.Errorf("%d agents: %v, want %s; it has %d and had %d", agents, err, want, *c, before)
		}
	}
	take(&first, 1000, "")
	take(&second, 600, "the run needs 949 (600 for event queues, 1 for UDP, 348 for other), there are 651")
	take(&second, 200, "")
	take(&first, 1200, "there are 1507") // scaled up
	take(&first, 500, "")
	take(&second, 600, "")
	first.giveBack()
	second.giveBack()
	if n := claimed.Load(); n != 0 {
		t.Errorf("%d are still claimed", n)
	}
	take(&first, 1000, "")
	first.giveBack()
}
