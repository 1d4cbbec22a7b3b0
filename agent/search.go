package agent

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// maxFolders bounds a walk through an inventory.
const maxFolders = 10_000

// Walk fetches the whole inventory, folder by folder from the root on, breadth
// first, and calls visit with each; visit tells whether to go on. Nothing of it
// is kept.
func (i Inventory) Walk(ctx context.Context, visit func(c Contents) bool) error {
	if i.root == uuid.Nil {
		return fmt.Errorf("walk the inventory: the login named no root")
	}
	next := []uuid.UUID{i.root}
	seen := map[uuid.UUID]bool{i.root: true}
	for n := 0; len(next) > 0; n++ {
		if n == maxFolders {
			return fmt.Errorf("walk the inventory: it has more than %d folders", maxFolders)
		}
		c, err := i.Contents(ctx, next[0])
		if err != nil {
			return err
		}
		if !visit(c) {
			return nil
		}
		next = next[1:]
		for _, f := range c.Folders {
			if !seen[f.ID] {
				seen[f.ID] = true
				next = append(next, f.ID)
			}
		}
	}
	return nil
}

// Search walks the inventory for items that match accepts, and gives at most
// that many of them; 0 is all.
func (i Inventory) Search(ctx context.Context, most int, match func(Item) bool) ([]Item, error) {
	var found []Item
	err := i.Walk(ctx, func(c Contents) bool {
		for _, it := range c.Items {
			if match(it) {
				found = append(found, it)
			}
		}
		return most == 0 || len(found) < most
	})
	if most > 0 && len(found) > most {
		found = found[:most]
	}
	return found, err
}

// Named matches items by a part of their names, in any case.
func Named(part string) func(Item) bool {
	part = strings.ToLower(part)
	return func(it Item) bool { return strings.Contains(strings.ToLower(it.Name), part) }
}

// FolderFor finds the default folder of a type among the root's own.
func (i Inventory) FolderFor(ctx context.Context, kind FolderType) (Folder, error) {
	c, err := i.Contents(ctx, i.root)
	if err != nil {
		return Folder{}, err
	}
	for _, f := range c.Folders {
		if f.Type == kind {
			return f, nil
		}
	}
	return Folder{}, fmt.Errorf("the inventory has no folder of type %d", kind)
}
