package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

// folderLife makes a folder with a note in it, changes both, and removes them.
func (c *Cast) folderLife(ctx context.Context, inv agent.Inventory) (err error) {
	var trash, f agent.Folder
	name := fmt.Sprintf("slload %08x", c.Rand.Uint32())
	err = c.Step("find the trash", func() error {
		trash, err = inv.FolderFor(ctx, agent.TrashFolder)
		return err
	})
	if err == nil {
		err = c.Step("create folder "+name, func() error {
			if f, err = inv.CreateFolder(ctx, inv.Root(), name, agent.NoFolderType); err != nil {
				return err
			}
			return c.folderIs(ctx, inv, f.ID, inv.Root(), name)
		})
	}
	if err != nil {
		return err
	}
	err = c.Step("rename it", func() error {
		if err := inv.RenameFolder(ctx, f, name+" renamed"); err != nil {
			return err
		}
		return c.folderIs(ctx, inv, f.ID, inv.Root(), name+" renamed")
	})
	if err == nil {
		err = c.noteLife(ctx, inv, f)
	}
	return errors.Join(err, c.bury(ctx, inv, f, trash))
}

// folderIs waits until a folder has that parent and name.
func (c *Cast) folderIs(ctx context.Context, inv agent.Inventory, id, in uuid.UUID, name string) error {
	return until(ctx, "the folder is there", func() (bool, error) {
		got, err := inv.Contents(ctx, in)
		f, ok := got.Subfolder(name)
		return ok && f.ID == id, err
	})
}

// bury moves a folder to the trash and removes it with all that is in it.
func (c *Cast) bury(ctx context.Context, inv agent.Inventory, f, trash agent.Folder) error {
	ctx, cancel := tidy(ctx)
	defer cancel()
	return c.Step("remove the folder", func() error {
		if err := inv.MoveFolder(ctx, f.ID, trash.ID); err != nil {
			return err
		}
		err := until(ctx, "the folder is in the trash", func() (bool, error) {
			got, err := inv.Contents(ctx, trash.ID)
			return hasFolder(got, f.ID), err
		})
		if err != nil {
			return err
		}
		if err := inv.RemoveFolder(ctx, f.ID); err != nil {
			return err
		}
		return until(ctx, "the folder has gone", func() (bool, error) {
			got, err := inv.Contents(ctx, trash.ID)
			return !hasFolder(got, f.ID), err
		})
	})
}

func hasFolder(c agent.Contents, id uuid.UUID) bool {
	for _, f := range c.Folders {
		if f.ID == id {
			return true
		}
	}
	return false
}
