package agent_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

// A script of the inventory is put into a box, and runs.
func TestScriptOfTheInventory(t *testing.T) {
	ctx, agents := builders(t, "Ann")
	ann := agents[0]
	m := &meeting{T: t}
	script, _, err := ann.Inventory().CreateScript(ctx, uuid.Nil, "crier", `default { state_entry() { llSay(0, "hear, hear"); } }`)
	m.must(err)
	box := build(ctx, t, ann)
	hears(ctx, t, ann, "hear, hear", func() error { return ann.Objects().RezScript(ctx, box, script) })
	list := got[[]agent.Item](m)(ann.Objects().Contents(ctx, box))
	if len(list) != 1 || list[0].Name != "crier" {
		t.Errorf("the box has %+v", list)
	}
}

// A note in a box is written anew, a gesture in the inventory, too.
func TestNoteInABoxAndGesture(t *testing.T) {
	ctx, agents := builders(t, "Ann")
	ann := agents[0]
	m := &meeting{T: t}
	box := build(ctx, t, ann)
	note := got[agent.Item](m)(ann.Inventory().CreateNote(ctx, uuid.Nil, "letter", "dear"))
	m.must(ann.Objects().Insert(ctx, box.LocalID, note))
	inside := got[[]agent.Item](m)(ann.Objects().ContentsWhen(ctx, box, func(l []agent.Item) bool { return len(l) == 1 }))[0]
	got[agent.Uploaded](m)(ann.Objects().UploadNote(ctx, box, inside.ID, "dear sir"))
	now := got[[]agent.Item](m)(ann.Objects().ContentsWhen(ctx, box, func(l []agent.Item) bool { return len(l) == 1 && l[0].Asset != inside.Asset }))[0]
	data := got[[]byte](m)(ann.Assets().TransferItem(ctx, now, box.ID))
	if text := got[string](m)(agent.DecodeNotecard(data)); text != "dear sir" {
		t.Errorf("the note says %q", text)
	}

	inv := ann.Inventory()
	gesture := got[agent.Item](m)(inv.CreateItem(ctx, agent.NewItem{Type: agent.AssetGesture, Name: "wave"}))
	const wave = "2\n0\n0\n/wave\n\n0\n"
	up := got[agent.Uploaded](m)(ann.Assets().UpdateGesture(ctx, gesture.ID, []byte(wave)))
	kept := got[agent.Item](m)(inv.Item(ctx, gesture.ID))
	if kept.Asset != up.Asset {
		t.Errorf("the gesture has %v, uploaded was %v", kept.Asset, up.Asset)
	}
	if back := got[[]byte](m)(ann.Assets().Fetch(ctx, kept.Asset, agent.AssetGesture)); string(back) != wave {
		t.Errorf("the gesture came back as %q", back)
	}
}

// A thing of the library is fetched by its id, in each way.
func TestItemOfTheLibrary(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	found := got[[]agent.Item](m)(a.Library().Search(m.ctx(), 1, func(agent.Item) bool { return true }))
	if len(found) != 1 {
		t.Fatalf("the library has %v", found)
	}
	for _, way := range ways {
		it, err := a.Library().Over(way).Item(m.ctx(), found[0].ID)
		if err != nil || it.Name != found[0].Name || it.Asset != found[0].Asset {
			t.Errorf("%v: %+v, %v; want %+v", way, it, err, found[0])
		}
	}
}
