package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// tellAnyone sends m to a resident who is logged in anywhere in the grid, and
// tells whether there is one: in this region at once, in another one through
// its loop's mailbox, as forward has it. Another loop may hold m after the
// return: nobody may change it.
func (r *region) tellAnyone(now circuit.Instant, to uuid.UUID, m message.Message) bool {
	return r.withAnyone(now, to, func(now circuit.Instant, target *client) { target.tell(now, m) })
}

// withAnyone is tellAnyone for what takes more than one message: f runs on the
// loop of the region where the resident is.
func (r *region) withAnyone(now circuit.Instant, to uuid.UUID, f func(now circuit.Instant, target *client)) bool {
	if target := r.anyone(to); target != nil {
		f(now, target)
		return true
	}
	s := r.grid.directory.byAgent(to)
	if s == nil || s.entry.region == r {
		return false
	}
	other := s.entry.region
	err := other.loop.Post(dontWait, func(now circuit.Instant) {
		if target := other.anyone(to); target != nil {
			f(now, target)
		}
	})
	if err != nil {
		r.counters.unsent++
	}
	return true
}

// alert shows a client's resident a line.
func (c *client) alert(now circuit.Instant, text string) {
	m := &message.AlertMessage{}
	m.AlertData.Message = message.Text(text)
	c.tell(now, m)
}
