package testgrid

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
)

// loopTime is how long an HTTP goroutine waits for a region.
const loopTime = 5 * time.Second

// serveScriptTask gives a script in an object the text that is uploaded, and
// answers with what the compiler said. Members of the object's group may write
// it that have it shared with them.
func (g *Grid) serveScriptTask(s *session, w http.ResponseWriter, r *http.Request) {
	g.serveTask(s, w, r, kindScript, func(now circuit.Instant, c *client, p *prim, it *content, running bool, data []byte) map[string]any {
		it.running = running
		errors := []any{}
		if err := c.region.load(now, p, it, string(data)); err != nil {
			errors = append(errors, err.Error())
		}
		// OpenSim, too, calls the item's id the asset's.
		return map[string]any{"state": "complete", "new_asset": it.id, "compiled": it.script != nil, "errors": errors}
	})
}

// serveNoteTask gives a note in an object the text that is uploaded. OpenSim
// lets its owner do it, and nobody else.
func (g *Grid) serveNoteTask(s *session, w http.ResponseWriter, r *http.Request) {
	g.serveTask(s, w, r, kindNotecard, func(_ circuit.Instant, _ *client, _ *prim, it *content, _ bool, _ []byte) map[string]any {
		return map[string]any{"state": "complete", "new_asset": it.asset, "new_inventory_item": it.id}
	})
}

// serveTask stores what is uploaded as an item's of an object, and answers with
// what then makes of it.
func (g *Grid) serveTask(s *session, w http.ResponseWriter, r *http.Request, kind int8,
	then func(now circuit.Instant, c *client, p *prim, it *content, running bool, data []byte) map[string]any) {
	var asked struct {
		Object  uuid.UUID `llsd:"task_id"`
		Item    uuid.UUID `llsd:"item_id"`
		Running bool      `llsd:"is_script_running"`
	}
	if !readLLSD(w, r, preferencesLimit, &asked) {
		return
	}
	g.offerUpload(w, func(data []byte) map[string]any {
		answer := refused("no such item, or no permission to change it", asked.Item)
		done := make(chan struct{})
		g.withClient(s, func(now circuit.Instant, c *client) {
			defer close(done)
			p, it := c.inside(asked.Object, asked.Item, kind)
			if it == nil || c.itemPermissions(p, it)&writing(kind) != writing(kind) {
				return
			}
			id, err := g.assets.put(asset{kind: kind, data: data})
			if err != nil {
				answer = refused(err.Error(), asked.Item)
				return
			}
			it.asset = id
			answer = then(now, c, p, it, asked.Running, data)
			c.region.contentsChanged(p)
		})
		select {
		case <-done:
		case <-time.After(loopTime): // the client has gone, or the grid ends
			return refused("the region doesn't answer", asked.Item)
		}
		return answer
	})
}

// itemPermissions are what a client may do with an item in an object.
func (c *client) itemPermissions(p *prim, it *content) uint32 {
	switch {
	case it.owner == c.session.agentID:
		return it.perms.owner
	case it.kind == kindScript && c.region.grid.inGroup(c.session.agentID, p.root.group):
		return it.perms.group
	}
	return 0
}
