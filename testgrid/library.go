package testgrid

import (
	"github.com/google/uuid"
)

// The library is an inventory that nobody can change and everybody can read.
var (
	libraryRoot  = uuid.MustParse("00000112-000f-0000-0000-000100bba000")
	libraryOwner = uuid.MustParse("11111111-1111-0000-0000-000100bba000")
)

// Textures that every viewer and every simulator knows by id.
var wellKnownTextures = []struct{ name, id string }{
	{"Plywood", "89556747-24cb-43ed-920b-47caed15465f"},
	{"Blank", "5748decc-f629-461c-9a36-a35a221fe21f"},
	{"Transparent", "8dcd4a48-2d37-4909-9f78-f7a9eb4ef903"},
	{"Default Avatar", "c228d1cf-4b5d-4ba8-84f4-899a0796aa97"},
}

const (
	welcomeNote = "Welcome to the embedded grid. This note is in everybody's library."
	helloScript = "default\n{\n    state_entry()\n    {\n        llSay(0, \"Hello, Avatar!\");\n    }\n}\n"
)

// stockLibrary puts in what the library offers.
func (g *Grid) stockLibrary() {
	shelf := func(name string, kind int32) uuid.UUID {
		id := derivedID(libraryRoot, name)
		g.inventories.addFolder(libraryOwner, folder{id: id, parent: libraryRoot, name: name, kind: kind})
		return id
	}
	textures := shelf("Textures Library", kindTexture)
	for _, t := range wellKnownTextures {
		g.shelve(textures, kindTexture, t.name, asset{id: uuid.MustParse(t.id), data: paint(t.id)})
	}
	g.shelve(shelf("Notecards Library", kindNotecard), kindNotecard, "Welcome", asset{data: notecard(welcomeNote)})
	g.shelve(shelf("Scripts Library", kindScript), kindScript, "Hello, Avatar!", asset{data: []byte(helloScript)})
}

// shelve puts one asset into the library, as an item with an id that is always
// the same.
func (g *Grid) shelve(in uuid.UUID, kind int8, name string, a asset) {
	a.kind = kind
	if a.id == uuid.Nil {
		a.id = derivedID(in, "asset of "+name)
	}
	id, err := g.assets.put(a)
	if err != nil {
		g.log.Warn("library incomplete", "item", name, "error", err)
		return
	}
	it := newItem(libraryOwner, kind, name, id)
	it.id, it.folder = derivedID(in, name), in
	it.perms = permissions{base: permAll, owner: permAll, everyone: permAll, next: permAll}
	g.inventories.put(libraryOwner, it)
}

// textureBytes is a small texture's size.
const textureBytes = 6000

// paint makes data that begins as a JPEG 2000 codestream does: nobody here
// looks at pictures, but their length and their sameness are looked at.
func paint(seed string) []byte {
	data := []byte{0xFF, 0x4F, 0xFF, 0x51}
	for i := 0; len(data) < textureBytes; i++ {
		id := derivedID(agentNamespace, seed+string(rune('a'+i%26)))
		data = append(data, id[:]...)
	}
	return data[:textureBytes]
}
