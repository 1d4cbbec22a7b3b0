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
// answers with what the compiler said.
func (g *Grid) serveScriptTask(s *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Object  uuid.UUID `llsd:"task_id"`
		Item    uuid.UUID `llsd:"item_id"`
		Running bool      `llsd:"is_script_running"`
	}
	if !readLLSD(w, r, preferencesLimit, &asked) {
		return
	}
	g.offerUpload(w, func(data []byte) map[string]any {
		answer := refused("no such script, or no permission to change it", asked.Item)
		done := make(chan struct{})
		g.withClient(s, func(now circuit.Instant, c *client) {
			defer close(done)
			p, it := c.script(asked.Object, asked.Item)
			if it == nil || it.perms.owner&permModify == 0 {
				return
			}
			id, err := g.assets.put(asset{kind: kindScript, data: data})
			if err != nil {
				answer = refused(err.Error(), asked.Item)
				return
			}
			it.asset, it.running = id, asked.Running
			errors := []any{}
			if err := c.region.load(now, p, it, string(data)); err != nil {
				errors = append(errors, err.Error())
			}
			c.region.contentsChanged(p)
			// OpenSim, too, calls the item's id the asset's.
			answer = map[string]any{"state": "complete", "new_asset": it.id, "compiled": it.script != nil, "errors": errors}
		})
		select {
		case <-done:
		case <-time.After(loopTime): // the client has gone, or the grid ends
			return refused("the region doesn't answer", asked.Item)
		}
		return answer
	})
}
