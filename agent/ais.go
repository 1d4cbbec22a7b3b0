package agent

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/caps"
)

// AIS, the agent inventory service, is an inventory as a tree of HTTP
// resources: /category/<id> is a folder, /item/<id> an item. What belongs to a
// resource comes with it as _embedded; what a change did, as lists of ids
// whose names begin with an underscore.
type aisAnswer struct {
	Version  int32       `llsd:"version"`
	Created  []uuid.UUID `llsd:"_created_categories"`
	Embedded aisEmbedded `llsd:"_embedded"`
}

type aisEmbedded struct {
	Folders map[string]folderLLSD `llsd:"categories"`
	Items   map[string]itemLLSD   `llsd:"items"`
	Links   map[string]itemLLSD   `llsd:"links"`
}

// callAIS asks for a resource, or changes it. A 404 is a *NotThereError.
func (i Inventory) callAIS(ctx context.Context, method, what string, id uuid.UUID, below string, in, out any) error {
	err := i.a.callAt(ctx, method, i.caps().ais, "/"+what+"/"+id.String()+below, in, out)
	var status *caps.StatusError
	if errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusGone) {
		if what == "category" {
			what = "folder"
		}
		return &NotThereError{what, id}
	}
	return err
}

func (i Inventory) contentsByAIS(ctx context.Context, folder uuid.UUID) (Contents, error) {
	var out aisAnswer
	if err := i.callAIS(ctx, http.MethodGet, "category", folder, "/children?depth=0", nil, &out); err != nil {
		return Contents{}, err
	}
	c := Contents{Folder: folder, Version: out.Version}
	for _, f := range sortedByID(out.Embedded.Folders) {
		c.Folders = append(c.Folders, f.folder())
	}
	for _, list := range []map[string]itemLLSD{out.Embedded.Items, out.Embedded.Links} {
		for _, it := range sortedByID(list) {
			c.Items = append(c.Items, it.item())
		}
	}
	c.Descendents = int32(len(c.Folders) + len(c.Items))
	return c, nil
}

// sortedByID gives a map's values in the order of their keys.
func sortedByID[V any](m map[string]V) []V {
	list := make([]V, 0, len(m))
	for _, key := range slices.SortedFunc(maps.Keys(m), strings.Compare) {
		list = append(list, m[key])
	}
	return list
}

func (i Inventory) itemByAIS(ctx context.Context, id uuid.UUID) (Item, error) {
	var out itemLLSD
	if err := i.callAIS(ctx, http.MethodGet, "item", id, "", nil, &out); err != nil {
		return Item{}, err
	}
	return out.item(), nil
}

// createByAIS makes folders or items in a folder. Tid is a number of the
// caller's choice that keeps a repeated request from doing it twice.
func (i Inventory) createByAIS(ctx context.Context, in uuid.UUID, what map[string]any) (aisAnswer, error) {
	var out aisAnswer
	err := i.callAIS(ctx, http.MethodPost, "category", in, "?tid="+uuid.NewString(), what, &out)
	return out, err
}

// errNothingMade is an answer without what was to be created.
var errNothingMade = &failure{"bad_body", "the answer names nothing that was created"}

func (i Inventory) createFolderByAIS(ctx context.Context, parent uuid.UUID, name string, kind FolderType) (Folder, error) {
	out, err := i.createByAIS(ctx, parent, map[string]any{
		"categories": []any{map[string]any{"name": name, "type_default": int32(kind), "parent_id": parent}},
	})
	if err != nil {
		return Folder{}, err
	}
	if len(out.Created) > 0 {
		id := out.Created[0]
		if f, ok := out.Embedded.Folders[id.String()]; ok {
			return f.folder(), nil
		}
		return Folder{ID: id, Parent: parent, Name: name, Type: kind}, nil
	}
	return Folder{}, errNothingMade
}

// linkByAIS makes a link to an item.
func (i Inventory) linkByAIS(ctx context.Context, in uuid.UUID, to Item) (Item, error) {
	out, err := i.createByAIS(ctx, in, map[string]any{"links": []any{map[string]any{
		"linked_id": to.ID, "type": int32(AssetLink), "inv_type": int32(to.InvType), "name": to.Name, "desc": to.Description,
	}}})
	if err != nil {
		return Item{}, err
	}
	for _, made := range []map[string]itemLLSD{out.Embedded.Links, out.Embedded.Items} {
		for _, it := range made {
			return it.item(), nil
		}
	}
	return Item{}, errNothingMade
}

// CopyFromLibrary copies a folder of the library, with all that is in it, into a
// folder of the agent's own inventory. Only AIS can.
func (i Inventory) CopyFromLibrary(ctx context.Context, folder, into uuid.UUID) error {
	_, err := i.a.invoke(ctx, "/category/"+folder.String()+"?tid="+uuid.NewString(), caps.Request{
		Method: "COPY", Name: libraryCaps.ais, Header: map[string]string{"Destination": into.String()},
	})
	return err
}
