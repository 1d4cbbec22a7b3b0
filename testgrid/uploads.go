package testgrid

import (
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
)

// Uploads by capability have two steps: a request that says what comes is
// answered with an uploader's URL, to which the data is then sent, once.

// uploaders are the URLs that wait for data. HTTP goroutines share them.
type uploaders struct {
	mu   sync.Mutex
	open map[uuid.UUID]uploader
}

// uploader takes one upload's data and gives the answer's fields.
type uploader struct {
	until time.Time
	take  func(data []byte) map[string]any
}

const (
	uploadTime   = 2 * time.Minute
	maxUploaders = 10_000
)

func newUploaders() *uploaders { return &uploaders{open: map[uuid.UUID]uploader{}} }

// offerUpload answers with the URL of a new uploader.
func (g *Grid) offerUpload(w http.ResponseWriter, take func(data []byte) map[string]any) {
	id, now := uuid.New(), time.Now()
	u := g.uploaders
	u.mu.Lock()
	for old, up := range u.open {
		if len(u.open) >= maxUploaders || up.until.Before(now) {
			delete(u.open, old)
		}
	}
	u.open[id] = uploader{now.Add(uploadTime), take}
	u.mu.Unlock()
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{"state": "upload", "uploader": g.base + "/UPLOAD/" + id.String()})
}

// serveUploader takes data.
func (g *Grid) serveUploader(w http.ResponseWriter, r *http.Request) {
	id, _ := uuid.Parse(r.PathValue("id"))
	g.uploaders.mu.Lock()
	up, ok := g.uploaders.open[id]
	delete(g.uploaders.open, id)
	g.uploaders.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAsset))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, up.take(data))
}

// refused is an upload's answer that says no.
func refused(why string, id uuid.UUID) map[string]any {
	return map[string]any{"state": "error", "message": why, "identifier": id}
}

// assetTypeNames are what NewFileAgentInventory calls asset types.
var assetTypeNames = map[string]int8{
	"texture": kindTexture, "sound": kindSound, "animation": kindAnimation, "animatn": kindAnimation,
	"notecard": kindNotecard, "lsltext": kindScript, "gesture": kindGesture, "clothing": kindClothing,
	"bodypart": kindBodyPart, "mesh": kindMesh, "landmark": kindLandmark,
}

// serveNewFile makes an item of what is uploaded.
func (g *Grid) serveNewFile(s *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Folder      uuid.UUID `llsd:"folder_id"`
		AssetType   string    `llsd:"asset_type"`
		Name        string    `llsd:"name"`
		Description string    `llsd:"description"`
		Everyone    uint32    `llsd:"everyone_mask"`
		Group       uint32    `llsd:"group_mask"`
		NextOwner   uint32    `llsd:"next_owner_mask"`
	}
	if !readLLSD(w, r, fetchLimit, &asked) {
		return
	}
	kind, known := assetTypeNames[asked.AssetType]
	if !known {
		writeLLSD(w, llsd.ContentTypeXML, refused("unknown asset type", uuid.Nil))
		return
	}
	g.offerUpload(w, func(data []byte) map[string]any {
		id, err := g.assets.put(asset{kind: kind, data: data})
		if err != nil {
			return refused(err.Error(), uuid.Nil)
		}
		it := newItem(s.agentID, kind, cut(asked.Name, longestItemName), id)
		it.folder, it.description = asked.Folder, cut(asked.Description, longestDescription)
		it.perms.everyone, it.perms.group = asked.Everyone, asked.Group
		if asked.NextOwner != 0 {
			it.perms.next = asked.NextOwner
		}
		it = g.inventories.put(s.agentID, it)
		return map[string]any{
			"state": "complete", "new_asset": id, "new_inventory_item": it.id,
			"new_next_owner_mask": int32(it.perms.next), "new_group_mask": int32(it.perms.group), "new_everyone_mask": int32(it.perms.everyone),
		}
	})
}

// writing is what it takes to write an item of a kind anew: what can't be
// copied can't be read, either.
func writing(kind int8) uint32 {
	if kind == kindGesture {
		return permModify
	}
	return permModify | permCopy
}

// updateItem gives an item of the resident's the data that is uploaded, which
// the client is told of.
func updateItem(kind int8) func(g *Grid, s *session, w http.ResponseWriter, r *http.Request) {
	return func(g *Grid, s *session, w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Item uuid.UUID `llsd:"item_id"`
		}
		if !readLLSD(w, r, fetchLimit, &asked) {
			return
		}
		if asked.Item == uuid.Nil {
			writeLLSD(w, llsd.ContentTypeXML, refused("failed to recode request", uuid.Nil))
			return
		}
		g.offerUpload(w, func(data []byte) map[string]any {
			it, ok := g.inventories.item(s.agentID, asked.Item)
			if !ok || it.kind != kind || it.perms.owner&writing(kind) != writing(kind) {
				return refused("Failed to update inventory item asset", asked.Item)
			}
			id, err := g.assets.put(asset{kind: kind, data: data})
			if err != nil {
				return refused(err.Error(), asked.Item)
			}
			it, _ = g.inventories.change(s.agentID, asked.Item, func(it *item) { it.asset = id })
			g.withClient(s, func(now circuit.Instant, c *client) { c.tellCreated(now, 0, it) })
			return map[string]any{"state": "complete", "new_asset": id, "new_inventory_item": asked.Item}
		})
	}
}
