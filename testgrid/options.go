package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/xmlrpc"
)

// optional makes the parts of a login response that a client must ask for.
var optional = map[string]func(g *Grid, s *session) any{
	"inventory-root":        func(_ *Grid, s *session) any { return one("folder_id", rootFolder(s.agentID)) },
	"inventory-skeleton":    func(g *Grid, s *session) any { return g.skeleton(s.agentID) },
	"inventory-lib-root":    func(*Grid, *session) any { return one("folder_id", libraryRoot) },
	"inventory-lib-owner":   func(*Grid, *session) any { return one("agent_id", libraryOwner) },
	"inventory-skel-lib":    func(g *Grid, _ *session) any { return g.skeleton(libraryOwner) },
	"buddy-list":            func(g *Grid, s *session) any { return g.records.buddies(s.agentID) },
	"gestures":              func(*Grid, *session) any { return []any{} },
	"event_categories":      func(*Grid, *session) any { return []any{} },
	"event_notifications":   func(*Grid, *session) any { return []any{} },
	"classified_categories": func(*Grid, *session) any { return classifiedCategories },
	"initial-outfit": func(*Grid, *session) any {
		return []any{map[string]any{"folder_name": "Nightclub Female", "gender": "female"}}
	},
	"ui-config": func(*Grid, *session) any { return one("allow_first_life", "Y") },
	"login-flags": func(*Grid, *session) any {
		return []any{map[string]any{
			"daylight_savings": "N", "ever_logged_in": "Y", "gendered": "Y", "stipend_since_login": "N",
		}}
	},
	"global-textures": func(*Grid, *session) any {
		return []any{map[string]any{
			"sun_texture_id":   "cce0f112-878f-4586-a2e2-a8f104bba271",
			"cloud_texture_id": "dc4b9f0b-d008-45c6-96a4-01dd947ac621",
			"moon_texture_id":  "ec4b9f0b-d008-45c6-96a4-01dd947ac621",
		}}
	},
}

// one is the form that most options have: a list with one record in it.
func one(key string, value any) []any { return []any{map[string]any{key: value}} }

// skeleton lists an owner's folders as a login answer has them.
func (g *Grid) skeleton(owner uuid.UUID) folderTable { return g.inventories.skeleton(owner) }

// folderTable writes itself: folders are most of what a login answer says.
type folderTable []folder

// WriteRows makes it an xmlrpc.Table.
func (t folderTable) WriteRows(w *xmlrpc.RowWriter) {
	for i := range t {
		f := &t[i]
		w.Row()
		w.ID("folder_id", f.id)
		w.Text("name", f.name)
		w.ID("parent_id", f.parent)
		w.Integer("type_default", f.kind)
		w.Integer("version", f.version)
	}
}

// asTrees puts trees in the place of an answer's tables, which XML-RPC alone has.
func asTrees(fields map[string]any) map[string]any {
	for name, value := range fields {
		if folders, ok := value.(folderTable); ok {
			fields[name] = folders.tree()
		}
	}
	return fields
}

// tree is the table as LLSD has it.
func (t folderTable) tree() []any {
	list := make([]any, 0, len(t))
	for _, f := range t {
		list = append(list, map[string]any{
			"name": f.name, "folder_id": f.id, "parent_id": f.parent, "type_default": f.kind, "version": f.version,
		})
	}
	return list
}

var classifiedCategories = func() []any {
	var list []any
	for i, name := range []string{
		"Shopping", "Land Rental", "Property Rental", "Special Attraction", "New Products", "Employment", "Wanted", "Service", "Personal",
	} {
		list = append(list, map[string]any{"category_id": int32(i + 1), "category_name": name})
	}
	return list
}()
