package testgrid

import (
	"bytes"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
)

// fetchLimit is more than a request for a whole inventory takes.
const fetchLimit = 1 << 20

// itemMap is an item as capabilities carry it.
func (it *item) itemMap() map[string]any {
	return map[string]any{
		"item_id": it.id, "parent_id": it.folder, "asset_id": it.asset, "name": it.name, "desc": it.description,
		"type": int32(it.kind), "inv_type": int32(it.use), "flags": int32(it.flags), "created_at": it.created,
		"sale_info": map[string]any{"sale_type": int32(it.saleType), "sale_price": it.price},
		"permissions": map[string]any{
			"creator_id": it.creator, "owner_id": it.owner, "group_id": it.group, "is_owner_group": it.groupOwned,
			"base_mask": int32(it.perms.base), "owner_mask": int32(it.perms.owner), "group_mask": int32(it.perms.group),
			"everyone_mask": int32(it.perms.everyone), "next_owner_mask": int32(it.perms.next),
		},
	}
}

// folderMap is a folder as capabilities carry it.
func (f *folder) folderMap() map[string]any {
	return map[string]any{
		"category_id": f.id, "parent_id": f.parent, "name": f.name, "type_default": f.kind, "version": f.version,
	}
}

// serveFetchDescendents answers what is in each of a list of folders, the
// resident's own or the library's.
func (g *Grid) serveFetchDescendents(s *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Folders []struct {
			ID      uuid.UUID `llsd:"folder_id"`
			Owner   uuid.UUID `llsd:"owner_id"`
			Folders bool      `llsd:"fetch_folders"`
			Items   bool      `llsd:"fetch_items"`
		} `llsd:"folders"`
	}
	if !readLLSD(w, r, fetchLimit, &asked) {
		return
	}
	found, bad := []any{}, []any{}
	for _, ask := range asked.Folders {
		owner := s.agentID
		if ask.Owner == libraryOwner {
			owner = libraryOwner
		}
		f, folders, items, ok := g.inventories.contents(owner, ask.ID)
		if !ok {
			bad = append(bad, map[string]any{"folder_id": ask.ID, "error": "Unknown"})
			continue
		}
		categories, contents := []any{}, []any{}
		if ask.Folders {
			for _, sub := range folders {
				categories = append(categories, sub.folderMap())
			}
		}
		total := len(categories)
		if ask.Items {
			total += len(items)
			for _, it := range append(g.inventories.linked(owner, items), items...) {
				contents = append(contents, it.itemMap())
			}
		}
		found = append(found, map[string]any{
			"folder_id": f.id, "agent_id": owner, "owner_id": owner, "version": f.version,
			"descendents": int32(total), "categories": categories, "items": contents,
		})
	}
	body, err := llsd.MarshalXML(map[string]any{"folders": found})
	if err == nil && len(bad) > 0 {
		body, err = withBadFolders(body, bad)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeBody(w, llsd.ContentTypeXML, body)
}

// withBadFolders tells of folders that aren't there as OpenSim does: in a second
// map after the first, which makes the whole no LLSD. Clients must live with it.
func withBadFolders(body []byte, bad []any) ([]byte, error) {
	const end = "</llsd>"
	more, err := llsd.MarshalXML(map[string]any{"bad_folders": bad})
	if err != nil {
		return nil, err
	}
	at, from := bytes.LastIndex(body, []byte(end)), bytes.Index(more, []byte("<map>"))
	return append(body[:at:at], more[from:]...), nil
}

// serveFetchItems answers those of a list of items that are there.
func (g *Grid) serveFetchItems(s *session, w http.ResponseWriter, r *http.Request) {
	g.fetchItems(s.agentID, w, r)
}

func (g *Grid) serveFetchLibraryItems(_ *session, w http.ResponseWriter, r *http.Request) {
	g.fetchItems(libraryOwner, w, r)
}

func (g *Grid) fetchItems(owner uuid.UUID, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Items []struct {
			ID uuid.UUID `llsd:"item_id"`
		} `llsd:"items"`
	}
	if !readLLSD(w, r, fetchLimit, &asked) {
		return
	}
	found := []any{}
	for _, ask := range asked.Items {
		if it, ok := g.inventories.item(owner, ask.ID); ok {
			m := it.itemMap()
			m["permissions"].(map[string]any)["base_mask"] = int32(it.perms.owner) // as OpenSim has it
			found = append(found, m)
		}
	}
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{"agent_id": owner, "items": found})
}

// serveCreateCategory makes a folder with an id of the client's choice.
func (g *Grid) serveCreateCategory(s *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		ID     uuid.UUID `llsd:"folder_id"`
		Parent uuid.UUID `llsd:"parent_id"`
		Kind   int32     `llsd:"type"`
		Name   string    `llsd:"name"`
	}
	if !readLLSD(w, r, fetchLimit, &asked) {
		return
	}
	f := folder{id: asked.ID, parent: asked.Parent, kind: asked.Kind, name: cut(asked.Name, longestItemName)}
	if asked.Name == "" || !g.makeFolder(s.agentID, f) {
		http.Error(w, "no such parent, or the folder is there already", http.StatusBadRequest)
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{"folder_id": f.id, "name": f.name, "parent_id": f.parent, "type": f.kind})
}
