package testgrid

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

func TestAISRefusesWhatCannotBe(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		in := w.login("Ann", "last")
		urls := w.seed(in, "InventoryAPIv3", "LibraryAPIv3")
		own, library := urls["InventoryAPIv3"], urls["LibraryAPIv3"]
		root, trash := rootFolder(in.Agent).String(), derivedID(rootFolder(in.Agent), "Trash").String()
		for name, tt := range map[string]struct {
			method, url, body string
			status            int
		}{
			"its root by name":        {"GET", own + "/category/root/children?depth=0", "", 200},
			"its root by id":          {"GET", own + "/category/" + root, "", 200},
			"no such folder":          {"GET", own + "/category/" + uuid.NewString(), "", 404},
			"no such item":            {"DELETE", own + "/item/" + uuid.NewString(), "", 404},
			"no such resource":        {"GET", own + "/cupboard/" + root, "", 404},
			"nothing to create":       {"POST", own + "/category/" + root, "<llsd><map/></llsd>", 400},
			"a second trash":          {"POST", own + "/category/" + root, "<llsd><map><key>categories</key><array><map><key>name</key><string>x</string><key>type_default</key><integer>14</integer></map></array></map></llsd>", 400},
			"rename a system folder":  {"PATCH", own + "/category/" + trash, "<llsd><map><key>name</key><string>x</string></map></llsd>", 403},
			"remove a system folder":  {"DELETE", own + "/category/" + trash, "", 403},
			"no such request":         {"PUT", own + "/category/" + trash, "", 405},
			"change the library":      {"DELETE", library + "/category/" + libraryRoot.String() + "/children", "", 403},
			"copy from the own":       {"COPY", own + "/category/" + trash, "", 400},
			"another's capability":    {"GET", aisPath + uuid.NewString() + "/category/root", "", 404},
			"another kind of cap":     {"GET", aisPath + strings.Trim(w.seed(in, "GetTexture")["GetTexture"], "/")[len(w.grid.base)+1:] + "/category/root", "", 404},
			"what is no LLSD as body": {"PATCH", own + "/category/" + trash, "{}", 400},
		} {
			answer := w.request(t.Context(), tt.method, tt.url, llsd.ContentTypeXML, tt.body)
			check(t, answer.Code == tt.status, "%s: got %d %s, want %d", name, answer.Code, answer.Body, tt.status)
		}
	})
}

// gives offers an item to somebody.
func (v *viewer) gives(to *viewer, kind byte, id uuid.UUID) message.Message {
	m := v.writes(to, "a gift").(*message.ImprovedInstantMessage)
	m.MessageBlock.Dialog, m.MessageBlock.BinaryBucket = dialogOffer, append([]byte{kind}, id[:]...)
	return m
}

func TestWhatMayNotBeGivenStays(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann, bob := w.enter("Ann", at(10, 10, 21)), w.enter("Bob", at(12, 10, 21))
		mine := newItem(ann.Agent, kindNotecard, "mine", uuid.New())
		mine.perms.owner &^= permTransfer
		mine = w.grid.inventories.put(ann.Agent, mine)
		link := w.grid.inventories.put(ann.Agent, newItem(ann.Agent, kindLink, "link", mine.id))
		for what, id := range map[string]uuid.UUID{
			"doesn't have the Transfer permission": mine.id,
			"Can't give a link":                    link.id,
			"Item not found":                       uuid.New(),
		} {
			ann.sendReliable(ann.gives(bob, kindNotecard, id))
			alert := message.String(expect[*message.AlertMessage](ann).AlertData.Message)
			check(t, strings.Contains(alert, what), "got %q, want %q", alert, what)
		}
		ann.sendReliable(ann.gives(bob, kindFolder, mine.folder))
		check(t, strings.Contains(message.String(expect[*message.AlertMessage](ann).AlertData.Message), "can't be given"), "a folder with it was given")
		check(t, len(of[*message.ImprovedInstantMessage](bob.listen())) == 0, "the receiver was offered something")
		_, _, items, _ := w.grid.inventories.contents(bob.Agent, w.grid.inventories.folderFor(bob.Agent, kindNotecard))
		check(t, len(items) == 0, "the receiver has %v", items)
	})
}

// A gift is in the inventory, and the receiver told so, when the offer comes.
func TestGiftsComeBeforeTheirOffer(t *testing.T) {
	inWorld(t, Config{Regions: 2}, func(w *world) {
		ann := w.enter("Ann", at(10, 10, 21))
		mine := w.grid.inventories.put(ann.Agent, newItem(ann.Agent, kindNotecard, "mine", uuid.New()))
		for first, start := range map[string]string{"Near": at(12, 10, 21), "Far": inRegion(2, 12, 10, 21)} {
			to := w.enter(first, start)
			ann.sendReliable(ann.gives(to, kindNotecard, mine.id))
			given := expect[*message.BulkUpdateInventory](to).ItemData[0]
			offer := expect[*message.ImprovedInstantMessage](to).MessageBlock
			check(t, offer.Dialog == dialogOffer && offer.ID == given.ItemID, "%s was offered %v, got %v", first, offer.ID, given.ItemID)
			_, ok := w.grid.inventories.item(to.Agent, given.ItemID)
			check(t, ok, "%s hasn't got it", first)
		}
	})
}

// Where the next owner may do nothing, transfer is left.
func TestGivenCutsPermissions(t *testing.T) {
	owner, to := uuid.New(), uuid.New()
	for next, want := range map[uint32]uint32{
		0:                              permTransfer,
		permCopy:                       permCopy,
		permModify | permTransfer:      permModify | permTransfer,
		permCopy | permMove | permNext: permCopy | permTransfer,
	} {
		it := newItem(owner, kindObject, "box", uuid.New())
		it.perms.next = next
		got := it.given(to)
		const three = permCopy | permModify | permTransfer
		check(t, got.perms.owner&three == want && got.perms.base&three == want && got.owner == to && got.creator == owner && got.id != it.id,
			"next owner %#x: got %+v, want %#x", next, got, want)
		check(t, it.given(owner).perms == it.perms, "the owner's own copy was cut")
	}
}

func TestUploadersTakeDataOnceAndNotForever(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		in := w.login("Ann", "last")
		newFile := w.seed(in, "NewFileAgentInventory")["NewFileAgentInventory"]
		ask := func() string {
			answer := w.post(newFile, llsd.ContentTypeXML, "<llsd><map><key>asset_type</key><string>notecard</string><key>name</key><string>n</string></map></llsd>")
			var offered struct {
				State    string `llsd:"state"`
				Uploader string `llsd:"uploader"`
			}
			if err := llsd.UnmarshalXML(answer.Body.Bytes(), &offered); err != nil || offered.State != "upload" {
				t.Fatalf("got %s, %v", answer.Body, err)
			}
			return offered.Uploader
		}
		first := ask()
		check(t, w.post(first, "application/octet-stream", "data").Code == http.StatusOK, "the data wasn't taken")
		check(t, w.post(first, "application/octet-stream", "data").Code == http.StatusNotFound, "the data was taken twice")
		late := ask()
		w.pass(uploadTime + time.Second)
		newFile = w.seed(w.login("Ann", "last"), "NewFileAgentInventory")["NewFileAgentInventory"] // the old login was given up
		ask()                                                                                      // sweeps
		check(t, w.post(late, "application/octet-stream", "data").Code == http.StatusNotFound, "the data was taken too late")
		check(t, w.post(ask(), "application/octet-stream", strings.Repeat("x", maxAsset+1)).Code == http.StatusRequestEntityTooLarge, "too much was taken")
		answer := w.post(newFile, llsd.ContentTypeXML, "<llsd><map><key>asset_type</key><string>sandwich</string></map></llsd>")
		check(t, strings.Contains(answer.Body.String(), "unknown asset type"), "got %s", answer.Body)
	})
}

func TestAssetsComeInParts(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		url := w.seed(w.login("Ann", "last"), "GetTexture")["GetTexture"]
		plywood := "?texture_id=" + wellKnownTextures[0].id
		whole := w.request(t.Context(), "GET", url+"/"+plywood, "", "")
		check(t, whole.Code == http.StatusOK && whole.Body.Len() == textureBytes && whole.Header().Get("Content-Type") == "image/x-j2c",
			"got %d, %d bytes, %v", whole.Code, whole.Body.Len(), whole.Header())
		for query, want := range map[string]int{"?texture_id=nonsense": 400, "?texture_id=" + uuid.NewString(): 404, "": 400} {
			check(t, w.request(t.Context(), "GET", url+query, "", "").Code == want, "%q: want %d", query, want)
		}
	})
}
