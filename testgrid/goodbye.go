package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// onLogout ends a presence: the answer goes out, the others are told, the event
// queue is gone, and the circuit closes when the answer was acknowledged.
func (g *Grid) onLogout(ev *circuit.Event) {
	m := &ev.Message.(*message.LogoutRequest).AgentData
	c := clientOf(ev, m.AgentID, m.SessionID)
	if c == nil || c.region.clients[m.AgentID] != c {
		return
	}
	c.region.counters.logouts++
	reply := &message.LogoutReply{}
	reply.AgentData.AgentID, reply.AgentData.SessionID = m.AgentID, m.SessionID
	reply.InventoryData = []message.LogoutReplyInventoryData{{ItemID: uuid.Nil}}
	c.region.dismiss(ev.Now, c, reply)
}

// onNames answers a request for residents' names, each with a reply of its own as
// OpenSim does. Unknown ones get none.
func (g *Grid) onNames(ev *circuit.Event) {
	c, ok := ev.Circuit.Owner.(*client)
	if !ok {
		return
	}
	for _, asked := range ev.Message.(*message.UUIDNameRequest).UUIDNameBlock {
		first, last, ok := g.directory.name(asked.ID)
		if !ok {
			continue
		}
		c.tell(ev.Now, &message.UUIDNameReply{UUIDNameBlock: []message.UUIDNameReplyUUIDNameBlock{
			{ID: asked.ID, FirstName: message.Text(first), LastName: message.Text(last)},
		}})
	}
}

// closeAll says goodbye to everybody, and calls done when all have heard or gone.
func (r *region) closeAll(now circuit.Instant, done func()) {
	left := len(r.clients)
	if left == 0 {
		done()
		return
	}
	for _, c := range r.clients {
		r.depart(now, c)
		gone := func(now circuit.Instant, _ error) {
			c.circuit.Close(now, nil)
			if left--; left == 0 {
				done()
			}
		}
		if err := c.circuit.SendReliable(now, &message.DisableSimulator{}, gone); err != nil {
			gone(now, err)
		}
	}
}
