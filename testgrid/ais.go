package testgrid

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
)

// AIS, the agent inventory service of Second Life, is an inventory as a tree of
// HTTP resources: /category/<id> is a folder, /item/<id> an item. OpenSim has
// none, so this part follows what viewers ask for and read.

// aisRequest is one request, taken apart.
type aisRequest struct {
	g     *Grid
	s     *session
	owner uuid.UUID
	w     http.ResponseWriter
	r     *http.Request
	id    uuid.UUID // of the folder or item
	below string    // children, links or nothing
}

// serveAIS answers for a resident's own inventory.
func (g *Grid) serveAIS(s *session, w http.ResponseWriter, r *http.Request) {
	g.ais(s, s.agentID, w, r)
}

// serveLibraryAIS answers for the library, which can be read and copied from.
func (g *Grid) serveLibraryAIS(s *session, w http.ResponseWriter, r *http.Request) {
	g.ais(s, libraryOwner, w, r)
}

func (g *Grid) ais(s *session, owner uuid.UUID, w http.ResponseWriter, r *http.Request) {
	what, rest, _ := strings.Cut(r.PathValue("rest"), "/")
	text, below, _ := strings.Cut(rest, "/")
	q := &aisRequest{g: g, s: s, owner: owner, w: w, r: r, below: below}
	if text == "root" {
		q.id = rootFolder(owner)
	} else if id, err := uuid.Parse(text); err == nil {
		q.id = id
	}
	known := what == "category" || what == "item"
	switch {
	case known && owner == libraryOwner && r.Method != http.MethodGet && r.Method != "COPY":
		http.Error(w, "the library can't be changed", http.StatusForbidden)
	case what == "category":
		q.category()
	case what == "item":
		q.item()
	default:
		http.NotFound(w, r)
	}
}

func (q *aisRequest) category() {
	if _, ok := q.g.inventories.folder(q.owner, q.id); !ok {
		http.NotFound(q.w, q.r)
		return
	}
	switch key := q.r.Method + " " + q.below; key {
	case "GET ", "GET children":
		q.answer(q.folderAnswer(q.id))
	case "POST ":
		q.create()
	case "PATCH ":
		q.renameFolder()
	case "DELETE ":
		q.removeFolder()
	case "DELETE children":
		folders, items := q.g.inventories.purge(q.owner, q.id)
		q.answer(map[string]any{"_categories_removed": list(folders), "_category_items_removed": list(items)})
	case "COPY ":
		q.copyFolder()
	default:
		http.Error(q.w, "no such request of a folder", http.StatusMethodNotAllowed)
	}
}

func (q *aisRequest) item() {
	it, ok := q.g.inventories.item(q.owner, q.id)
	if !ok {
		http.NotFound(q.w, q.r)
		return
	}
	switch q.r.Method {
	case http.MethodGet:
		q.answer(it.aisMap())
	case http.MethodPatch:
		q.changeItem()
	case http.MethodDelete:
		q.g.inventories.remove(q.owner, q.id)
		q.answer(map[string]any{"_removed_items": list([]uuid.UUID{q.id}), "_updated_category_versions": q.versions(it.folder)})
	default:
		http.Error(q.w, "no such request of an item", http.StatusMethodNotAllowed)
	}
}

func (q *aisRequest) answer(body map[string]any) { writeLLSD(q.w, llsd.ContentTypeXML, body) }

// aisMap is an item as AIS carries it: of a link it names what it links to.
func (it *item) aisMap() map[string]any {
	m := it.itemMap()
	m["agent_id"] = it.owner
	if it.kind == kindLink || it.kind == kindLinkFolder {
		delete(m, "asset_id")
		m["linked_id"] = it.asset
	}
	return m
}

// folderAnswer is a folder with what is in it.
func (q *aisRequest) folderAnswer(id uuid.UUID) map[string]any {
	f, folders, items, _ := q.g.inventories.contents(q.owner, id)
	m := f.folderMap()
	m["agent_id"], m["_embedded"] = q.owner, embedded(folders, items)
	return m
}

func embedded(folders []folder, items []item) map[string]any {
	categories, own, links := map[string]any{}, map[string]any{}, map[string]any{}
	for _, f := range folders {
		categories[f.id.String()] = f.folderMap()
	}
	for _, it := range items {
		if it.kind == kindLink || it.kind == kindLinkFolder {
			links[it.id.String()] = it.aisMap()
		} else {
			own[it.id.String()] = it.aisMap()
		}
	}
	return map[string]any{"categories": categories, "items": own, "links": links}
}

// versions tells the present versions of folders.
func (q *aisRequest) versions(ids ...uuid.UUID) map[string]any {
	m := map[string]any{}
	for _, id := range ids {
		if f, ok := q.g.inventories.folder(q.owner, id); ok {
			m[id.String()] = f.version
		}
	}
	return m
}

func list(ids []uuid.UUID) []any {
	all := make([]any, len(ids))
	for i, id := range ids {
		all[i] = id
	}
	return all
}

// aisNew is what a POST may bring.
type aisNew struct {
	Folders []struct {
		Name string `llsd:"name"`
		Kind int32  `llsd:"type_default"`
	} `llsd:"categories"`
	Items []aisNewItem `llsd:"items"`
	Links []aisNewItem `llsd:"links"`
}

type aisNewItem struct {
	Name        string    `llsd:"name"`
	Description string    `llsd:"desc"`
	Kind        int8      `llsd:"type"`
	Use         int8      `llsd:"inv_type"`
	Linked      uuid.UUID `llsd:"linked_id"`
	Asset       uuid.UUID `llsd:"asset_id"`
}

// create makes folders, items and links in a folder.
func (q *aisRequest) create() {
	var asked aisNew
	if !readLLSD(q.w, q.r, fetchLimit, &asked) {
		return
	}
	var folders []folder
	var items []item
	for _, n := range asked.Folders {
		f := folder{id: uuid.New(), parent: q.id, name: cut(n.Name, longestItemName), kind: n.Kind, version: 1}
		if q.g.makeFolder(q.owner, f) {
			folders = append(folders, f)
		}
	}
	for _, n := range asked.Items {
		items = append(items, q.put(n, n.Kind, n.Asset))
	}
	for _, n := range asked.Links {
		items = append(items, q.put(n, max(n.Kind, kindLink), n.Linked))
	}
	if len(folders)+len(items) == 0 {
		http.Error(q.w, "nothing was created", http.StatusBadRequest)
		return
	}
	var made, in []uuid.UUID
	for _, f := range folders {
		made = append(made, f.id)
	}
	for _, it := range items {
		in = append(in, it.id)
	}
	q.answer(map[string]any{
		"_created_categories": list(made), "_created_items": list(in),
		"_embedded": embedded(folders, items), "_updated_category_versions": q.versions(q.id),
	})
}

func (q *aisRequest) put(n aisNewItem, kind int8, stands uuid.UUID) item {
	it := newItem(q.owner, kind, cut(n.Name, longestItemName), stands)
	it.use, it.folder, it.description = n.Use, q.id, cut(n.Description, longestDescription)
	return q.g.inventories.put(q.owner, it)
}

func (q *aisRequest) renameFolder() {
	var asked struct {
		Name   string    `llsd:"name"`
		Parent uuid.UUID `llsd:"parent_id"`
	}
	if !readLLSD(q.w, q.r, fetchLimit, &asked) {
		return
	}
	f, _ := q.g.inventories.folder(q.owner, q.id)
	if asked.Parent == uuid.Nil {
		asked.Parent = f.parent
	}
	if f.kind != noFolderType || !q.g.inventories.moveFolder(q.owner, q.id, asked.Parent, cut(asked.Name, longestItemName)) {
		http.Error(q.w, "a system folder stays as it is", http.StatusForbidden)
		return
	}
	q.answer(map[string]any{"_updated_categories": list([]uuid.UUID{q.id}), "_updated_category_versions": q.versions(q.id)})
}

func (q *aisRequest) removeFolder() {
	if !q.g.inventories.removeFolder(q.owner, q.id) {
		http.Error(q.w, "a system folder stays", http.StatusForbidden)
		return
	}
	q.answer(map[string]any{"_categories_removed": list([]uuid.UUID{q.id})})
}

func (q *aisRequest) changeItem() {
	var raw map[string]any
	if !readLLSD(q.w, q.r, fetchLimit, &raw) {
		return
	}
	masks, _ := raw["permissions"].(map[string]any)
	it, _ := q.g.inventories.change(q.owner, q.id, func(it *item) {
		if name, ok := raw["name"].(string); ok {
			it.name = cut(name, longestItemName)
		}
		if text, ok := raw["desc"].(string); ok {
			it.description = cut(text, longestDescription)
		}
		for key, mask := range map[string]*uint32{
			"group_mask": &it.perms.group, "everyone_mask": &it.perms.everyone, "next_owner_mask": &it.perms.next,
		} {
			if n, ok := masks[key].(int32); ok {
				*mask = uint32(n) & it.perms.base
			}
		}
	})
	m := it.aisMap()
	m["_updated_items"] = list([]uuid.UUID{q.id})
	q.answer(m)
}

// copyFolder copies a folder of the library, and all that is in it, into the
// folder that the header Destination names.
func (q *aisRequest) copyFolder() {
	into, err := uuid.Parse(q.r.Header.Get("Destination"))
	if err != nil || q.owner != libraryOwner {
		http.Error(q.w, "copy a folder of the library, to a Destination", http.StatusBadRequest)
		return
	}
	made := q.g.inventories.copyTree(libraryOwner, q.id, q.s.agentID, into)
	if made == nil {
		http.NotFound(q.w, q.r)
		return
	}
	q.answer(map[string]any{"_created_categories": list(made)})
}
