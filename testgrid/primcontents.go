package testgrid

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// content is something in a prim.
type content struct {
	item
	script  *script // of a script that compiles
	running bool
}

func (it *content) copy() *content {
	twin := *it
	twin.id = uuid.New()
	return &twin
}

// scripted tells whether there are scripts in a prim.
func (p *prim) scripted() bool {
	return slices.ContainsFunc(p.contents, func(it *content) bool { return it.script != nil })
}

// touchable tells whether a script of a prim hears touches.
func (p *prim) touchable() bool {
	return slices.ContainsFunc(p.contents, func(it *content) bool {
		return it.running && it.script != nil && it.script.events["touch_start"] != nil
	})
}

// content finds something in a prim; nil if it isn't there.
func (p *prim) content(id uuid.UUID) *content {
	if i := slices.IndexFunc(p.contents, func(it *content) bool { return it.id == id }); i >= 0 {
		return p.contents[i]
	}
	return nil
}

// maxContents bounds what is in a prim.
const maxContents = 1000

// put puts something into a prim, whose owner it gets. A name that is taken gets
// a number.
func (r *region) put(p *prim, it item) *content {
	if len(p.contents) >= maxContents {
		return nil
	}
	name := it.name
	for n := 1; slices.ContainsFunc(p.contents, func(other *content) bool { return other.name == it.name }); n++ {
		it.name = fmt.Sprintf("%s %d", name, n)
	}
	if it.owner != p.root.owner {
		it.perms.base &= it.perms.next
		it.perms.owner &= it.perms.next
		it.perms.everyone &= it.perms.next
	}
	it.id, it.folder, it.owner = uuid.New(), p.id, p.root.owner
	added := &content{item: it}
	p.contents = append(p.contents, added)
	r.contentsChanged(p)
	return added
}

// remove takes something out of a prim.
func (r *region) remove(p *prim, it *content) {
	p.contents = slices.DeleteFunc(p.contents, func(other *content) bool { return other == it })
	r.contentsChanged(p)
}

func (r *region) contentsChanged(p *prim) {
	p.serial++
	r.looks(p)
}

// onRequestContents offers a file that lists what is in a prim. Who may not
// change the prim doesn't learn the assets' ids.
func (g *Grid) onRequestContents(ev *circuit.Event) {
	m := ev.Message.(*message.RequestTaskInventory)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.region.prims.local(m.InventoryData.LocalID)
	if p == nil {
		return
	}
	reply := &message.ReplyTaskInventory{}
	reply.InventoryData.TaskID = p.id
	if len(p.contents) > 0 {
		name := "inventory_" + uuid.NewString() + ".tmp"
		c.offer(name, p.listContents(p.permits(c)&permModify != 0))
		reply.InventoryData.Serial, reply.InventoryData.Filename = p.serial, message.Text(name)
	}
	c.tell(ev.Now, reply)
}

// contentKinds are the words for asset types in the list; inventory types have
// the same, but for those below.
var contentKinds = map[int8]string{
	kindTexture: "texture", kindSound: "sound", kindCallingCard: "callcard", kindLandmark: "landmark", kindClothing: "clothing",
	kindObject: "object", kindNotecard: "notecard", kindScript: "lsltext", kindBodyPart: "bodypart", kindAnimation: "animatn",
	kindGesture: "gesture", kindMesh: "mesh",
}

var contentUses = map[int8]string{
	kindScript: "script", kindClothing: "wearable", kindBodyPart: "wearable", kindAnimation: "animation",
}

// listContents writes the list: the prim itself as a folder, then each item as
// nested blocks of words and values, one a line; names end with "|".
func (p *prim) listContents(assets bool) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "\tinv_object\t0\n\t{\n\t\tobj_id\t%v\n\t\tparent_id\t%v\n\t\ttype\tcategory\n\t\tname\tContents|\n\t}\n", p.id, uuid.Nil)
	for _, it := range p.contents {
		asset, use := it.asset, contentUses[it.kind]
		if !assets {
			asset = uuid.Nil
		}
		if use == "" {
			use = contentKinds[it.kind]
		}
		fmt.Fprintf(&b, "\tinv_item\t0\n\t{\n\t\titem_id\t%v\n\t\tparent_id\t%v\n\tpermissions 0\n\t{\n", it.id, p.id)
		for _, mask := range []struct {
			name string
			bits uint32
		}{{"base", it.perms.base}, {"owner", it.perms.owner}, {"group", it.perms.group}, {"everyone", it.perms.everyone}, {"next_owner", it.perms.next}} {
			fmt.Fprintf(&b, "\t\t%s_mask\t%08x\n", mask.name, mask.bits)
		}
		fmt.Fprintf(&b, "\t\tcreator_id\t%v\n\t\towner_id\t%v\n\t\tlast_owner_id\t%v\n\t\tgroup_id\t%v\n\t}\n", it.creator, it.owner, it.owner, it.group)
		fmt.Fprintf(&b, "\t\tasset_id\t%v\n\t\ttype\t%s\n\t\tinv_type\t%s\n\t\tflags\t%08x\n", asset, contentKinds[it.kind], use, it.flags)
		fmt.Fprintf(&b, "\tsale_info\t0\n\t{\n\t\tsale_type\tnot\n\t\tsale_price\t0\n\t}\n")
		fmt.Fprintf(&b, "\t\tname\t%s|\n\t\tdesc\t%s|\n\t\tcreation_date\t%d\n\t}\n", plain(it.name), plain(it.description), it.created)
	}
	return append([]byte(b.String()), 0)
}

// plain is a text without what would end it in the list.
func plain(text string) string {
	return strings.NewReplacer("|", "", "\n", " ", "\t", " ").Replace(text)
}
