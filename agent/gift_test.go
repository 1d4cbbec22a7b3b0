package agent_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/agent"
)

func offered(to *agent.Agent, from *agent.Agent) *agent.Expectation[agent.InventoryOffered] {
	return agent.Expect(to, func(e agent.InventoryOffered) bool { return e.From == from.ID })
}

func answered(a *agent.Agent, by *agent.Agent) *agent.Expectation[agent.InventoryAnswered] {
	return agent.Expect(a, func(e agent.InventoryAnswered) bool { return e.From == by.ID })
}

func TestGiftsAreCutToTheNextOwnersPermissions(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	note := got[agent.Item](m)(a.Inventory().CreateItem(m.ctx(), agent.NewItem{
		Name: "present", Type: agent.AssetNotecard, NextOwner: agent.PermCopy | agent.PermMove,
	}))
	offer, answer := offered(b, a), answered(a, b)
	m.must(a.Inventory().Give(m.ctx(), note, b.ID))
	o := got[agent.InventoryOffered](m)(offer.Wait(m.ctx(), "the offer"))
	if o.Type != agent.AssetNotecard || o.Name != "present" || o.FromObject || o.FromName != "Load Bot1" {
		t.Errorf("offered %+v", o)
	}
	m.must(b.Inventory().Accept(m.ctx(), o, uuid.Nil))
	if e := got[agent.InventoryAnswered](m)(answer.Wait(m.ctx(), "the answer")); !e.Accepted || e.ID != o.ID {
		t.Errorf("answered %+v to offer %v", e, o.ID)
	}
	gift := got[agent.Item](m)(b.Inventory().Item(m.ctx(), o.Item))
	if gift.Permissions.Owner.Has(agent.PermModify) || gift.Permissions.Owner.Has(agent.PermTransfer) || !gift.Permissions.Owner.Has(agent.PermCopy) ||
		gift.Owner != b.ID || gift.Creator != a.ID || gift.Asset != note.Asset {
		t.Errorf("the gift is %+v", gift)
	}
	got[agent.Item](m)(a.Inventory().Item(m.ctx(), note.ID)) // a copy was given
}

func TestGiftsThatMayNotBeCopiedMove(t *testing.T) {
	m := newMeeting(t)
	a, b, c := m.enter("Bot1"), m.enter("Bot2"), m.enter("Bot3")
	note := got[agent.Item](m)(a.Inventory().CreateItem(m.ctx(), agent.NewItem{Name: "only one", Type: agent.AssetNotecard, NextOwner: agent.PermTransfer}))
	first := offered(b, a)
	m.must(a.Inventory().Give(m.ctx(), note, b.ID))
	o := got[agent.InventoryOffered](m)(first.Wait(m.ctx(), "the offer"))
	mine := got[agent.Item](m)(b.Inventory().Item(m.ctx(), o.Item))
	second := offered(c, b)
	m.must(b.Inventory().Give(m.ctx(), mine, c.ID))
	got[agent.InventoryOffered](m)(second.Wait(m.ctx(), "the second offer"))
	if it, err := b.Inventory().Item(m.ctx(), mine.ID); err == nil {
		t.Errorf("it is still there: %+v", it)
	}
}

func TestDeclinedGiftsGoToTrash(t *testing.T) {
	m := newMeeting(t)
	a, b := m.enter("Bot1"), m.enter("Bot2")
	inv := a.Inventory()
	f := got[agent.Folder](m)(inv.CreateFolder(m.ctx(), inv.Root(), "Box", agent.NoFolderType))
	got[agent.Item](m)(inv.CreateItem(m.ctx(), agent.NewItem{Folder: f.ID, Name: "inside", Type: agent.AssetNotecard}))
	offer, answer := offered(b, a), answered(a, b)
	m.must(inv.GiveFolder(m.ctx(), f, b.ID))
	o := got[agent.InventoryOffered](m)(offer.Wait(m.ctx(), "the offer"))
	if o.Type != agent.AssetFolder {
		t.Errorf("offered %+v", o)
	}
	in := got[agent.Contents](m)(b.Inventory().Contents(m.ctx(), o.Item))
	if it, ok := in.Item("inside"); !ok || it.Owner != b.ID {
		t.Errorf("the folder has %+v", in.Items)
	}
	m.must(b.Inventory().Decline(m.ctx(), o))
	if e := got[agent.InventoryAnswered](m)(answer.Wait(m.ctx(), "the answer")); e.Accepted {
		t.Errorf("answered %+v", e)
	}
	trash := got[agent.Folder](m)(b.Inventory().FolderFor(m.ctx(), agent.TrashFolder))
	c := got[agent.Contents](m)(b.Inventory().Contents(m.ctx(), trash.ID))
	if f, ok := c.Subfolder("Box"); !ok || f.ID != o.Item {
		t.Errorf("the trash has %+v", c.Folders)
	}
}
