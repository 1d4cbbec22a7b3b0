package testgrid

import (
	"github.com/google/uuid"
)

// optional makes the parts of a login response that a client must ask for.
var optional = map[string]func(s *session) any{
	"inventory-root":        func(s *session) any { return one("folder_id", rootFolder(s)) },
	"inventory-skeleton":    func(s *session) any { return skeleton(s) },
	"inventory-lib-root":    func(*session) any { return one("folder_id", libraryRoot) },
	"inventory-lib-owner":   func(*session) any { return one("agent_id", libraryOwner) },
	"inventory-skel-lib":    func(*session) any { return librarySkeleton },
	"buddy-list":            func(*session) any { return []any{} },
	"gestures":              func(*session) any { return []any{} },
	"event_categories":      func(*session) any { return []any{} },
	"event_notifications":   func(*session) any { return []any{} },
	"classified_categories": func(*session) any { return classifiedCategories },
	"initial-outfit": func(*session) any {
		return []any{map[string]any{"folder_name": "Nightclub Female", "gender": "female"}}
	},
	"ui-config": func(*session) any { return one("allow_first_life", "Y") },
	"login-flags": func(*session) any {
		return []any{map[string]any{
			"daylight_savings": "N", "ever_logged_in": "Y", "gendered": "Y", "stipend_since_login": "N",
		}}
	},
	"global-textures": func(*session) any {
		return []any{map[string]any{
			"sun_texture_id":   "cce0f112-878f-4586-a2e2-a8f104bba271",
			"cloud_texture_id": "dc4b9f0b-d008-45c6-96a4-01dd947ac621",
			"moon_texture_id":  "ec4b9f0b-d008-45c6-96a4-01dd947ac621",
		}}
	},
}

// one is the form that most options have: a list with one record in it.
func one(key string, value any) []any { return []any{map[string]any{key: value}} }

// folders is the inventory that everybody has: the system folders by name, each
// with its folder type.
var folders = []struct {
	name string
	kind int32
}{
	{"Animations", 20}, {"Body Parts", 13}, {"Calling Cards", 2}, {"Clothing", 5}, {"Current Outfit", 46},
	{"Favorites", 23}, {"Gestures", 21}, {"Landmarks", 3}, {"Lost And Found", 16}, {"Notecards", 7},
	{"Objects", 6}, {"Photo Album", 15}, {"Scripts", 10}, {"Settings", 56}, {"Sounds", 1}, {"Textures", 0}, {"Trash", 14},
}

const rootFolderType = 8

func rootFolder(s *session) uuid.UUID { return derivedID(s.agentID, "My Inventory") }

// skeleton lists a resident's folders. Ids belong to the resident, so they are
// the same at every login.
func skeleton(s *session) []any {
	root := rootFolder(s)
	list := make([]any, 0, len(folders)+1)
	list = append(list, folder("My Inventory", root, uuid.Nil, rootFolderType))
	for _, f := range folders {
		list = append(list, folder(f.name, derivedID(root, f.name), root, f.kind))
	}
	return list
}

func folder(name string, id, parent uuid.UUID, kind int32) map[string]any {
	return map[string]any{"name": name, "folder_id": id, "parent_id": parent, "type_default": kind, "version": int32(1)}
}

// The library is a root without anything in it.
var (
	libraryRoot     = uuid.MustParse("00000112-000f-0000-0000-000100bba000")
	libraryOwner    = uuid.MustParse("11111111-1111-0000-0000-000100bba000")
	librarySkeleton = []any{folder("Library", libraryRoot, uuid.Nil, rootFolderType)}
)

var classifiedCategories = func() []any {
	var list []any
	for i, name := range []string{
		"Shopping", "Land Rental", "Property Rental", "Special Attraction", "New Products", "Employment", "Wanted", "Service", "Personal",
	} {
		list = append(list, map[string]any{"category_id": int32(i + 1), "category_name": name})
	}
	return list
}()
