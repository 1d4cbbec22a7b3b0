package testgrid

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

func listed(folders []folder, items []item) (all []string) {
	for _, f := range folders {
		all = append(all, f.name+"/")
	}
	for _, it := range items {
		all = append(all, it.name)
	}
	return all
}

func TestInventoryPutsThingsWhereTheyBelong(t *testing.T) {
	s, owner := newInventories(), uuid.New()
	for kind, want := range map[int8]string{
		kindNotecard: "Notecards", kindScript: "Scripts", kindObject: "Objects", kindTexture: "Textures", kindMesh: "My Inventory",
	} {
		put := s.put(owner, newItem(owner, kind, "thing", uuid.New()))
		in, ok := s.folder(owner, put.folder)
		if !ok || in.name != want || in.version != 2 {
			t.Errorf("asset type %d went to %+v, want %s at version 2", kind, in, want)
		}
		if got, ok := s.item(owner, put.id); !ok || got != put {
			t.Errorf("found %+v, put %+v", got, put)
		}
	}
	if _, ok := s.item(uuid.New(), uuid.New()); ok {
		t.Error("an item of nobody's was found")
	}
}

// Folders that a client makes of a system folder's type elsewhere take nothing
// away from it.
func TestTheDefaultFolderIsTheRootsOwn(t *testing.T) {
	s, owner := newInventories(), uuid.New()
	trash := s.folderFor(owner, kindTrash)
	for range 20 {
		s.addFolder(owner, folder{id: uuid.New(), parent: s.folderFor(owner, kindNotecard), name: "other", kind: kindTrash})
	}
	for range 20 {
		check(t, s.folderFor(owner, kindTrash) == trash, "another folder is Trash")
	}
}

// Who gives its root to itself again and again comes to an end.
func TestInventoriesDoNotDoubleForEver(t *testing.T) {
	s, owner := newInventories(), uuid.New()
	root, times := rootFolder(owner), 0
	for s.copyTree(owner, root, owner, root) != nil {
		times++
	}
	kept := len(s.of[owner].folders) + len(s.of[owner].items)
	check(t, times > 5 && kept <= mostKept, "%d folders and items after %d times", kept, times)
	check(t, !s.addFolder(owner, folder{id: uuid.New(), parent: root}) || kept < mostKept, "a folder was made beyond the bound")
}

func TestEmptyAssetsCost(t *testing.T) {
	s := newAssets()
	s.bytes = maxAssets - assetCost
	_, first := s.put(asset{})
	_, second := s.put(asset{})
	check(t, first == nil && second != nil, "put into a store with room for one: %v, %v", first, second)
}

func TestInventoryChangesMovesAndRemovesItems(t *testing.T) {
	s, owner := newInventories(), uuid.New()
	note := s.put(owner, newItem(owner, kindNotecard, "note", uuid.New()))
	got, ok := s.change(owner, note.id, func(it *item) { it.name, it.id, it.folder = "letter", uuid.New(), uuid.Nil })
	if !ok || got.name != "letter" || got.id != note.id || got.folder != note.folder {
		t.Errorf("changed to %+v", got)
	}
	trash := s.folderFor(owner, kindTrash)
	if !s.move(owner, note.id, trash, "rubbish") || s.move(owner, note.id, uuid.New(), "") {
		t.Error("want a move into the trash, and none to nowhere")
	}
	if _, folders, items, _ := s.contents(owner, trash); !slices.Equal(listed(folders, items), []string{"rubbish"}) {
		t.Errorf("the trash has %v", listed(folders, items))
	}
	if n := s.remove(owner, note.id, uuid.New()); n != 1 {
		t.Errorf("%d items removed, want 1", n)
	}
	if _, ok := s.item(owner, note.id); ok {
		t.Error("it is still there")
	}
}

func TestInventoryFoldersMoveAndGo(t *testing.T) {
	s, owner := newInventories(), uuid.New()
	root := rootFolder(owner)
	a, b := uuid.New(), uuid.New()
	for _, f := range []folder{{id: a, parent: root, name: "a", kind: -1}, {id: b, parent: a, name: "b", kind: -1}} {
		if !s.addFolder(owner, f) || s.addFolder(owner, f) {
			t.Errorf("folder %s: want it added once", f.name)
		}
	}
	if s.moveFolder(owner, a, b, "") || s.moveFolder(owner, root, a, "") {
		t.Error("a folder went below itself")
	}
	it := newItem(owner, kindObject, "box", uuid.New())
	it.folder = b
	s.put(owner, it)
	if folders, items := s.purge(owner, a); !slices.Equal(folders, []uuid.UUID{b}) || !slices.Equal(items, []uuid.UUID{it.id}) {
		t.Errorf("purged folders %v, items %v", folders, items)
	}
	if s.removeFolder(owner, root) || s.removeFolder(owner, s.folderFor(owner, kindTrash)) || !s.removeFolder(owner, a) {
		t.Error("want a removed, and no system folder")
	}
	if n := len(s.skeleton(owner)); n != len(systemFolderTypes)+1 {
		t.Errorf("%d folders are left", n)
	}
}

func TestAnInventoryThatNobodyOpenedIsNotKept(t *testing.T) {
	s, owner := newInventories(), uuid.New()
	list := s.skeleton(owner)
	if len(s.of) != 0 || len(list) != len(systemFolderTypes)+1 || list[0].id != rootFolder(owner) {
		t.Errorf("%d inventories kept after listing %d folders", len(s.of), len(list))
	}
	s.folderFor(owner, kindNotecard)
	if again := s.skeleton(owner); len(again) != len(list) || again[0] != list[0] {
		t.Errorf("the skeleton changed from %v to %v", list, again)
	}
}

func TestAssetsNeverChange(t *testing.T) {
	s := newAssets()
	id, err := s.put(asset{kind: kindNotecard, data: []byte("first")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.put(asset{id: id, kind: kindNotecard, data: []byte("second")}); err != nil {
		t.Fatal(err)
	}
	if a, ok := s.get(id); !ok || string(a.data) != "first" {
		t.Errorf("got %q", a.data)
	}
	if _, err := s.put(asset{data: make([]byte, maxAsset+1)}); err == nil {
		t.Error("an asset above the bound was taken")
	}
}

func TestTheLibraryHasWhatItsItemsStandFor(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		_, shelves, _, _ := w.grid.inventories.contents(libraryOwner, libraryRoot)
		if len(shelves) != 3 {
			t.Fatalf("%d shelves", len(shelves))
		}
		for _, shelf := range shelves {
			_, _, items, _ := w.grid.inventories.contents(libraryOwner, shelf.id)
			for _, it := range items {
				if a, ok := w.grid.assets.get(it.asset); !ok || len(a.data) == 0 || a.kind != it.kind {
					t.Errorf("%s: %s stands for nothing", shelf.name, it.name)
				}
			}
			if len(items) == 0 {
				t.Errorf("%s is empty", shelf.name)
			}
		}
	})
}

func TestClientsHearOfNewItems(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		v := w.enter("Ann", at(10, 10, 21))
		it := w.grid.inventories.put(v.Agent, newItem(v.Agent, kindObject, "box", uuid.New()))
		w.on(0, func(r *region) {
			c := r.clients[v.Agent]
			c.tellCreated(r.loop.Now(), 7, it)
			c.tellItems(r.loop.Now(), it, it, it, it)
			c.tellFolder(r.loop.Now(), folder{id: it.folder, name: "Objects"})
		})
		created := expect[*message.UpdateCreateInventoryItem](v).InventoryData[0]
		if created.ItemID != it.id || created.CallbackID != 7 || message.String(created.Name) != "box" || created.BaseMask != permAll {
			t.Errorf("created %+v", created)
		}
		for _, want := range []int{3, 1} {
			bulk := expect[*message.BulkUpdateInventory](v)
			if len(bulk.ItemData) != want || bulk.ItemData[0].AssetID != it.asset {
				t.Errorf("items %+v, want %d", bulk.ItemData, want)
			}
		}
		if f := expect[*message.BulkUpdateInventory](v).FolderData[0]; message.String(f.Name) != "Objects" {
			t.Errorf("folder %+v", f)
		}
	})
}
