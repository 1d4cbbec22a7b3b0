package agent

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// listed is what a simulator lists of a box with a script and a note in it.
const listed = `	inv_object	0
	{
		obj_id	11111111-2222-3333-4444-555555555555
		parent_id	00000000-0000-0000-0000-000000000000
		type	category
		name	Contents|
	}
	inv_item	0
	{
		item_id	00000000-0000-0000-0000-000000000001
		parent_id	11111111-2222-3333-4444-555555555555
	permissions 0
	{
		base_mask	7fffffff
		owner_mask	0008e000
		group_mask	00000000
		everyone_mask	00008000
		next_owner_mask	00082000
		creator_id	00000000-0000-0000-0000-00000000000a
		owner_id	00000000-0000-0000-0000-00000000000b
		last_owner_id	00000000-0000-0000-0000-00000000000c
		group_id	00000000-0000-0000-0000-000000000000
	}
		asset_id	00000000-0000-0000-0000-00000000000d
		type	lsltext
		inv_type	script
		flags	0000000f
	sale_info	0
	{
		sale_type	not
		sale_price	0
	}
		name	New Script|
		desc	with	a tab|
		creation_date	1000000000
	}
	inv_item	0
	{
		item_id	00000000-0000-0000-0000-000000000002
		type	notecard
		name	|
	}
` + "\x00"

func TestParseContents(t *testing.T) {
	id := func(n byte) uuid.UUID { return uuid.UUID{15: n} }
	want := []Item{
		{
			ID: id(1), Folder: self, Asset: id(13), Type: AssetScript, InvType: 10, Creator: id(10), Owner: id(11),
			Permissions: Permissions{PermAll, 0x8e000, 0, PermCopy, PermMove | PermTransfer}, Flags: 15,
			Name: "New Script", Description: "with a tab", Created: time.Unix(1e9, 0),
		},
		{ID: id(2), Type: AssetNotecard, InvType: 7},
	}
	got, err := parseContents(listed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for old, spoilt := range map[string]string{"0000000001": "x", "7fffffff": "all", "1000000000": "today"} {
		if list, err := parseContents(strings.Replace(listed, old, spoilt, 1)); err == nil {
			t.Errorf("with %q: %+v", spoilt, list)
		}
	}
}

func FuzzParseContents(f *testing.F) {
	f.Add(listed)
	f.Add("}\n}\ninv_item\n{\n{\n}\nname a|")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parseContents(text) })
}
