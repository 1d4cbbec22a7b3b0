package agent

import (
	"unique"

	"github.com/slload/slload/login"
)

// takeInventory notes where the inventories are, and hands the skeletons to
// whoever wants them.
func (a *Agent) takeInventory(resp *login.Response) {
	a.inventoryRoot = resp.Inventory.Root
	a.library = unique.Make(libraryRef{resp.Library.Owner, resp.Library.Root})
	if a.opt.OnSkeleton != nil {
		a.opt.OnSkeleton(skeleton(resp.Inventory.Folders), skeleton(resp.Library.Folders))
	}
}

func skeleton(folders []login.Folder) []Folder {
	list := make([]Folder, len(folders))
	for i, f := range folders {
		list[i] = Folder{ID: f.ID, Parent: f.Parent, Name: f.Name, Type: FolderType(f.Type), Version: f.Version}
	}
	return list
}
