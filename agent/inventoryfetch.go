package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/llsd"
)

// The capabilities by which inventories are fetched: the agent's own, and the
// library's.
type inventoryCaps struct{ ais, contents, items string }

var (
	ownCaps     = inventoryCaps{"InventoryAPIv3", "FetchInventoryDescendents2", "FetchInventory2"}
	libraryCaps = inventoryCaps{"LibraryAPIv3", "FetchLibDescendents2", "FetchLib2"}
)

func (i Inventory) caps() inventoryCaps {
	if i.library {
		return libraryCaps
	}
	return ownCaps
}

// choose is the way that a call takes: the wanted one, or the best that the
// region has. Web is the capability for the way HTTP.
func (i Inventory) choose(ctx context.Context, web string) (Way, error) {
	if i.way != BestWay {
		return i.way, nil
	}
	for _, try := range []struct {
		way  Way
		name string
	}{{AIS, i.caps().ais}, {HTTP, web}} {
		_, err := i.a.Capability(ctx, try.name)
		var missing *NoCapabilityError
		switch {
		case err == nil:
			return try.way, nil
		case !errors.As(err, &missing):
			return 0, err
		}
	}
	return UDP, nil
}

// Contents fetches what is directly in a folder. A folder that isn't there is a
// *NotThereError, but over UDP, where it gets no answer.
func (i Inventory) Contents(ctx context.Context, folder uuid.UUID) (Contents, error) {
	way, err := i.choose(ctx, i.caps().contents)
	var c Contents
	if err == nil {
		switch way {
		case AIS:
			c, err = i.contentsByAIS(ctx, folder)
		case HTTP:
			c, err = i.contentsByHTTP(ctx, folder)
		default:
			c, err = i.contentsByUDP(ctx, folder)
		}
	}
	if err != nil {
		return Contents{}, fmt.Errorf("fetch folder %s: %w", folder, err)
	}
	return c, nil
}

// Item fetches one item. One that isn't there is a *NotThereError, but over
// UDP, where it gets no answer.
func (i Inventory) Item(ctx context.Context, id uuid.UUID) (Item, error) {
	way, err := i.choose(ctx, i.caps().items)
	var it Item
	if err == nil {
		switch way {
		case AIS:
			it, err = i.itemByAIS(ctx, id)
		case HTTP:
			it, err = i.itemByHTTP(ctx, id)
		default:
			it, err = i.itemByUDP(ctx, id)
		}
	}
	if err != nil {
		return Item{}, fmt.Errorf("fetch item %s: %w", id, err)
	}
	return it, nil
}

// itemLLSD is an item as capabilities carry it.
type itemLLSD struct {
	ID          uuid.UUID       `llsd:"item_id"`
	Folder      uuid.UUID       `llsd:"parent_id"`
	Asset       uuid.UUID       `llsd:"asset_id"`
	Linked      uuid.UUID       `llsd:"linked_id"` // AIS: of a link, in place of asset_id
	Name        string          `llsd:"name"`
	Description string          `llsd:"desc"`
	Type        int8            `llsd:"type"`
	InvType     int8            `llsd:"inv_type"`
	Flags       uint32          `llsd:"flags"`
	Created     int64           `llsd:"created_at"` // Unix seconds
	Permissions permissionsLLSD `llsd:"permissions"`
	Sale        struct {
		Type  uint8 `llsd:"sale_type"`
		Price int32 `llsd:"sale_price"`
	} `llsd:"sale_info"`
}

type permissionsLLSD struct {
	Creator    uuid.UUID `llsd:"creator_id"`
	Owner      uuid.UUID `llsd:"owner_id"`
	Group      uuid.UUID `llsd:"group_id"`
	GroupOwned bool      `llsd:"is_owner_group"`
	Base       uint32    `llsd:"base_mask"`
	OwnerMask  uint32    `llsd:"owner_mask"`
	GroupMask  uint32    `llsd:"group_mask"`
	Everyone   uint32    `llsd:"everyone_mask"`
	NextOwner  uint32    `llsd:"next_owner_mask"`
}

func (i *itemLLSD) item() Item {
	p := &i.Permissions
	it := Item{
		ID: i.ID, Folder: i.Folder, Name: i.Name, Description: i.Description, Asset: i.Asset,
		Type: AssetType(i.Type), InvType: i.InvType, Flags: i.Flags, SaleType: i.Sale.Type, SalePrice: i.Sale.Price,
		Creator: p.Creator, Owner: p.Owner, Group: p.Group, GroupOwned: p.GroupOwned,
		Permissions: Permissions{Mask(p.Base), Mask(p.OwnerMask), Mask(p.GroupMask), Mask(p.Everyone), Mask(p.NextOwner)},
		Created:     time.Unix(i.Created, 0).UTC(),
	}
	if i.Linked != uuid.Nil {
		it.Asset = i.Linked
	}
	return it
}

// folderLLSD is a folder as capabilities carry it. OpenSim says type_default,
// Second Life preferred_type or type in some places.
type folderLLSD struct {
	ID       uuid.UUID `llsd:"category_id"`
	FolderID uuid.UUID `llsd:"folder_id"`
	Parent   uuid.UUID `llsd:"parent_id"`
	Name     string    `llsd:"name"`
	Type     int32     `llsd:"type_default"`
	Version  int32     `llsd:"version"`
}

func (f *folderLLSD) folder() Folder {
	id := f.ID
	if id == uuid.Nil {
		id = f.FolderID
	}
	return Folder{ID: id, Parent: f.Parent, Name: f.Name, Type: FolderType(f.Type), Version: f.Version}
}

// contentsByHTTP asks FetchInventoryDescendents2 or its twin. OpenSim adds the
// items that links point to, wherever they are, a second time where they are in
// the folder itself.
func (i Inventory) contentsByHTTP(ctx context.Context, folder uuid.UUID) (Contents, error) {
	in := map[string]any{"folders": []any{map[string]any{
		"folder_id": folder, "owner_id": i.owner, "sort_order": int32(0), "fetch_folders": true, "fetch_items": true,
	}}}
	var out struct {
		Folders []struct {
			ID          uuid.UUID    `llsd:"folder_id"`
			Version     int32        `llsd:"version"`
			Descendents int32        `llsd:"descendents"`
			Folders     []folderLLSD `llsd:"categories"`
			Items       []itemLLSD   `llsd:"items"`
		} `llsd:"folders"`
	}
	if err := i.callContents(ctx, folder, in, &out); err != nil {
		return Contents{}, err
	}
	for _, f := range out.Folders {
		if f.ID != folder {
			continue
		}
		c := Contents{Folder: folder, Version: f.Version, Descendents: f.Descendents}
		for _, sub := range f.Folders {
			c.Folders = append(c.Folders, sub.folder())
		}
		seen := map[uuid.UUID]bool{}
		for _, it := range f.Items {
			if it.Folder == folder && !seen[it.ID] {
				seen[it.ID] = true
				c.Items = append(c.Items, it.item())
			}
		}
		return c, nil
	}
	return Contents{}, &NotThereError{"folder", folder}
}

// callContents is call, with an eye on OpenSim's answer for folders that aren't
// there: a document of two values, which is no LLSD.
func (i Inventory) callContents(ctx context.Context, folder uuid.UUID, in, out any) error {
	data, err := llsd.MarshalXML(in)
	if err != nil {
		return err
	}
	name := i.caps().contents
	body, err := i.a.invoke(ctx, "", caps.Request{Method: http.MethodPost, Name: name, ContentType: llsd.ContentTypeXML, Body: data})
	if err != nil {
		return err
	}
	err = llsd.Decode(body, out)
	switch {
	case err == nil:
		return nil
	case bytes.Contains(body, []byte("<key>bad_folders</key>")) && bytes.Contains(body, []byte(folder.String())):
		return &NotThereError{"folder", folder}
	}
	return fmt.Errorf("call capability %s: %w", name, &caps.BodyError{Err: err})
}

func (i Inventory) itemByHTTP(ctx context.Context, id uuid.UUID) (Item, error) {
	in := map[string]any{"agent_id": i.a.ID, "items": []any{map[string]any{"item_id": id, "owner_id": i.owner}}}
	var out struct {
		Items []itemLLSD `llsd:"items"`
	}
	if err := i.a.call(ctx, http.MethodPost, i.caps().items, in, &out); err != nil {
		return Item{}, err
	}
	for _, it := range out.Items {
		if it.ID == id {
			return it.item(), nil
		}
	}
	return Item{}, &NotThereError{"item", id}
}
