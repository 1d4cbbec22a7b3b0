package agent

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// The current outfit is a folder of links to what is worn. Viewers keep it up
// to date with AgentIsNowWearing; a grid that bakes looks into it.

// Outfit reads the current outfit folder: links, whose Asset is the item that
// is worn. Version counts its changes, for ServerBake.
func (s Appearance) Outfit(ctx context.Context) (Contents, error) {
	folder, err := s.a.Inventory().FolderFor(ctx, OutfitFolder)
	if err != nil {
		return Contents{}, err
	}
	c, err := s.a.Inventory().Contents(ctx, folder.ID)
	if err != nil {
		return c, err
	}
	var links []Item
	for _, it := range c.Items {
		if it.Type == AssetLink { // OpenSim adds what they point to
			links = append(links, it)
		}
	}
	c.Items = links
	return c, nil
}

// PutOn wears an item of the inventory, clothing or a body part, in place of
// what was worn there, and links it in the current outfit, from which it takes
// the links to that.
func (s Appearance) PutOn(ctx context.Context, it Item) error {
	kind, err := wearableType(it)
	if err != nil {
		return err
	}
	before, err := s.Wearables(ctx)
	if err != nil {
		return err
	}
	worn := []Wearable{{Type: kind, Item: it.ID}}
	var replaced []uuid.UUID
	for _, w := range before {
		if w.Type == kind {
			replaced = append(replaced, w.Item)
		} else {
			worn = append(worn, w)
		}
	}
	if err := s.SetWearables(ctx, worn); err != nil {
		return err
	}
	outfit, err := s.unlink(ctx, replaced)
	if err != nil {
		return err
	}
	_, err = s.a.Inventory().Link(ctx, it, outfit)
	return err
}

// TakeOffItem takes off an item that is worn, and its link out of the current
// outfit.
func (s Appearance) TakeOffItem(ctx context.Context, it Item) error {
	kind, err := wearableType(it)
	if err != nil {
		return err
	}
	if _, err := s.TakeOff(ctx, kind); err != nil {
		return err
	}
	_, err = s.unlink(ctx, []uuid.UUID{it.ID})
	return err
}

// wearableType is what of the body an item is for.
func wearableType(it Item) (WearableType, error) {
	if it.Type != AssetClothing && it.Type != AssetBodyPart {
		return 0, fmt.Errorf("wear %q: it is no clothing and no body part (asset type %d)", it.Name, it.Type)
	}
	return WearableType(it.Flags & 0xff), nil
}

// unlink takes the links to items out of the current outfit, and gives its
// folder.
func (s Appearance) unlink(ctx context.Context, items []uuid.UUID) (uuid.UUID, error) {
	outfit, err := s.Outfit(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	gone := map[uuid.UUID]bool{}
	for _, id := range items {
		gone[id] = true
	}
	var links []uuid.UUID
	for _, link := range outfit.Items {
		if gone[link.Asset] {
			links = append(links, link.ID)
		}
	}
	if len(links) == 0 {
		return outfit.Folder, nil
	}
	return outfit.Folder, s.a.Inventory().Remove(ctx, links...)
}
