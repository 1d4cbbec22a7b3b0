package agent_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/slload/slload/agent"
)

var ways = []agent.Way{agent.AIS, agent.HTTP, agent.UDP}

// eachWay tests an inventory in each of the ways to it.
func eachWay(t *testing.T, f func(m *meeting, a *agent.Agent, inv agent.Inventory)) {
	for _, way := range append([]agent.Way{agent.BestWay}, ways...) {
		t.Run(way.String(), func(t *testing.T) {
			m := newMeeting(t)
			a := m.enter("Bot1")
			f(m, a, a.Inventory().Over(way))
		})
	}
}

// eventually asks again until done: nothing tells when a simulator has done what
// it acknowledged.
func (m *meeting) eventually(what string, done func() bool) {
	m.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for ctx := m.ctx(); !done(); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			m.Fatalf("%s: it never happened", what)
		}
	}
}

func TestInventoryIsTheSameInEveryWay(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	notes := got[agent.Folder](m)(a.Inventory().FolderFor(m.ctx(), agent.FolderType(agent.AssetNotecard)))
	for n := range 8 { // more than one message carries
		got[agent.Item](m)(a.Inventory().CreateItem(m.ctx(), agent.NewItem{
			Folder: notes.ID, Name: fmt.Sprintf("note %d", n), Description: "for reading", Type: agent.AssetNotecard,
		}))
	}
	sorted := []cmp.Option{
		cmpopts.SortSlices(func(a, b agent.Item) bool { return a.Name < b.Name }),
		cmpopts.SortSlices(func(a, b agent.Folder) bool { return a.Name < b.Name }),
		cmpopts.IgnoreFields(agent.Folder{}, "Version"), // UDP tells of none
	}
	for _, inv := range []agent.Inventory{a.Inventory(), a.Library()} {
		for _, folder := range []uuid.UUID{inv.Root(), notes.ID} {
			if inv.Root() == a.Library().Root() && folder == notes.ID {
				continue
			}
			first := got[agent.Contents](m)(inv.Over(agent.AIS).Contents(m.ctx(), folder))
			if len(first.Folders)+len(first.Items) == 0 {
				t.Errorf("folder %v is empty", folder)
			}
			for _, way := range ways {
				c := got[agent.Contents](m)(inv.Over(way).Contents(m.ctx(), folder))
				if diff := cmp.Diff(first, c, sorted...); diff != "" {
					t.Errorf("%v (-AIS +%v):\n%s", folder, way, diff)
				}
				for _, want := range c.Items {
					it := got[agent.Item](m)(inv.Over(way).Item(m.ctx(), want.ID))
					if diff := cmp.Diff(want, it); diff != "" {
						t.Errorf("item over %v (-in its folder +by itself):\n%s", way, diff)
					}
				}
			}
		}
	}
}

func TestWhatTheInventoryHasNot(t *testing.T) {
	m := newMeeting(t)
	inv := m.enter("Bot1").Inventory()
	for _, way := range []agent.Way{agent.AIS, agent.HTTP} {
		var missing *agent.NotThereError
		if _, err := inv.Over(way).Contents(m.ctx(), uuid.New()); !errors.As(err, &missing) || missing.What != "folder" {
			t.Errorf("a folder over %v: %v", way, err)
		}
		if _, err := inv.Over(way).Item(m.ctx(), uuid.New()); !errors.As(err, &missing) || missing.What != "item" {
			t.Errorf("an item over %v: %v", way, err)
		}
	}
}

func TestFoldersLiveTheirLife(t *testing.T) {
	eachWay(t, func(m *meeting, a *agent.Agent, inv agent.Inventory) {
		made := got[agent.Folder](m)(inv.CreateFolder(m.ctx(), inv.Root(), "Things", agent.NoFolderType))
		has := func(in uuid.UUID, name string) func() bool {
			return func() bool {
				c := got[agent.Contents](m)(inv.Contents(m.ctx(), in))
				f, ok := c.Subfolder(name)
				return ok && f.ID == made.ID
			}
		}
		m.eventually("create", has(inv.Root(), "Things"))
		m.must(inv.RenameFolder(m.ctx(), made, "Other Things"))
		m.eventually("rename", has(inv.Root(), "Other Things"))
		trash := got[agent.Folder](m)(inv.FolderFor(m.ctx(), agent.TrashFolder))
		m.must(inv.MoveFolder(m.ctx(), made.ID, trash.ID))
		m.eventually("move", has(trash.ID, "Other Things"))
		m.must(inv.RemoveFolder(m.ctx(), made.ID))
		m.eventually("remove", func() bool { return !has(trash.ID, "Other Things")() })
	})
}

func TestItemsLiveTheirLife(t *testing.T) {
	eachWay(t, func(m *meeting, a *agent.Agent, inv agent.Inventory) {
		it := got[agent.Item](m)(inv.CreateItem(m.ctx(), agent.NewItem{
			Name: "List", Description: "of things", Type: agent.AssetNotecard, NextOwner: agent.PermCopy | agent.PermTransfer,
		}))
		if it.Name != "List" || it.Description != "of things" || it.Owner != a.ID || it.Creator != a.ID ||
			it.Type != agent.AssetNotecard || it.NextOwner != agent.PermCopy|agent.PermTransfer || !it.Base.Has(agent.PermCopy) {
			t.Errorf("created %+v", it)
		}
		notes := got[agent.Folder](m)(inv.FolderFor(m.ctx(), agent.FolderType(agent.AssetNotecard)))
		if it.Folder != notes.ID {
			t.Errorf("it is in %v, not with the other notes", it.Folder)
		}
		m.must(inv.Rename(m.ctx(), it, "Long List"))
		is := func(want func(agent.Item) bool) func() bool {
			return func() bool { return want(got[agent.Item](m)(inv.Item(m.ctx(), it.ID))) }
		}
		m.eventually("rename", is(func(now agent.Item) bool { return now.Name == "Long List" && now.NextOwner == it.NextOwner }))
		it.Name, it.NextOwner, it.Everyone = "Long List", agent.PermTransfer, agent.PermCopy
		m.must(inv.Update(m.ctx(), it))
		m.eventually("change permissions", is(func(now agent.Item) bool {
			return now.NextOwner == agent.PermTransfer && now.Everyone == agent.PermCopy
		}))
		copied := got[agent.Item](m)(inv.Copy(m.ctx(), it.ID, notes.ID, "Another List"))
		if copied.ID == it.ID || copied.Asset != it.Asset || copied.Name != "Another List" {
			t.Errorf("copied %+v", copied)
		}
		link := got[agent.Item](m)(inv.Link(m.ctx(), it, notes.ID))
		if link.Type != agent.AssetLink || link.Asset != it.ID {
			t.Errorf("linked %+v", link)
		}
		trash := got[agent.Folder](m)(inv.FolderFor(m.ctx(), agent.TrashFolder))
		m.must(inv.Move(m.ctx(), trash.ID, it.ID, copied.ID))
		m.eventually("move", is(func(now agent.Item) bool { return now.Folder == trash.ID }))
		m.must(inv.Remove(m.ctx(), it.ID))
		m.eventually("remove", func() bool {
			c := got[agent.Contents](m)(inv.Contents(m.ctx(), trash.ID))
			_, there := c.Item("Long List")
			return !there
		})
		m.must(inv.Purge(m.ctx(), trash.ID))
		m.eventually("purge", func() bool {
			return got[agent.Contents](m)(inv.Contents(m.ctx(), trash.ID)).Descendents == 0
		})
	})
}

// OpenSim guards what isn't rubbish against removal for good, over UDP.
func TestOnlyRubbishIsRemovedOverUDP(t *testing.T) {
	m := newMeeting(t)
	inv := m.enter("Bot1").Inventory().Over(agent.UDP)
	f := got[agent.Folder](m)(inv.CreateFolder(m.ctx(), inv.Root(), "Dear", agent.NoFolderType))
	m.must(inv.RemoveFolder(m.ctx(), f.ID), inv.Purge(m.ctx(), inv.Root()))
	c := got[agent.Contents](m)(inv.Contents(m.ctx(), inv.Root())) // after the other two on the same circuit
	if _, there := c.Subfolder("Dear"); !there {
		t.Error("the folder went")
	}
}

func TestSearchFindsByName(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	if found := got[[]agent.Item](m)(a.Library().Search(m.ctx(), 0, agent.Named("hello"))); len(found) != 1 || found[0].Type != agent.AssetScript {
		t.Errorf("found %+v", found)
	}
	if found := got[[]agent.Item](m)(a.Library().Search(m.ctx(), 2, func(agent.Item) bool { return true })); len(found) != 2 {
		t.Errorf("found %d items, want 2 at most", len(found))
	}
}

func TestCopiesFromTheLibrary(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	inv := a.Inventory()
	welcome := got[[]agent.Item](m)(a.Library().Search(m.ctx(), 1, agent.Named("welcome")))[0]
	own := got[agent.Item](m)(a.Library().Copy(m.ctx(), welcome.ID, inv.Root(), "Mine"))
	if own.Owner != a.ID || own.Asset != welcome.Asset || own.Folder != inv.Root() {
		t.Errorf("copied %+v of %+v", own, welcome)
	}
	m.must(inv.CopyFromLibrary(m.ctx(), welcome.Folder, inv.Root()))
	c := got[agent.Contents](m)(inv.Contents(m.ctx(), inv.Root()))
	shelf, ok := c.Subfolder("Notecards Library")
	if !ok {
		t.Fatalf("the root has %v", c.Folders)
	}
	in := got[agent.Contents](m)(inv.Contents(m.ctx(), shelf.ID))
	if it, ok := in.Item("Welcome"); !ok || it.Owner != a.ID || it.Asset != welcome.Asset {
		t.Errorf("the copied folder has %+v", in.Items)
	}
}

func TestTheSkeletonIsTheLogins(t *testing.T) {
	m := newMeeting(t)
	var own, library []agent.Folder
	a := got[*agent.Agent](m)(agent.Login(m.ctx(), agent.Options{
		Loop: m.loop, LoginURI: m.uri, NoEventQueue: true, Account: agent.Account{First: "Load", Last: "Bot1", Password: "open sesame"},
		OnSkeleton: func(o, l []agent.Folder) { own, library = o, l },
	}))
	// Without capabilities there is UDP.
	c := got[agent.Contents](m)(a.Inventory().Contents(m.ctx(), a.Inventory().Root()))
	if len(own) != len(c.Folders)+1 || own[0].ID != a.Inventory().Root() || own[0].Type != agent.RootFolder {
		t.Errorf("a skeleton of %d folders that begins with %+v; the root has %d", len(own), own[0], len(c.Folders))
	}
	if !slices.ContainsFunc(library, func(f agent.Folder) bool { return f.ID == a.Library().Root() }) {
		t.Errorf("the library's root isn't in %v", library)
	}
	m.must(a.Logout(m.ctx()))
}

// OpenSim sends what links point to along with the folder of the links.
func TestWhatLinksPointToIsNoContents(t *testing.T) {
	eachWay(t, func(m *meeting, a *agent.Agent, inv agent.Inventory) {
		near := got[agent.Item](m)(inv.CreateItem(m.ctx(), agent.NewItem{Folder: inv.Root(), Name: "near", Type: agent.AssetNotecard}))
		far := got[agent.Item](m)(inv.CreateItem(m.ctx(), agent.NewItem{Name: "far", Type: agent.AssetNotecard}))
		for _, to := range []agent.Item{near, far} {
			to.Name = "to " + to.Name
			got[agent.Item](m)(inv.Link(m.ctx(), to, inv.Root()))
		}
		c := got[agent.Contents](m)(inv.Contents(m.ctx(), inv.Root()))
		var names []string
		for _, it := range c.Items {
			names = append(names, it.Name)
		}
		slices.Sort(names)
		if diff := cmp.Diff([]string{"near", "to far", "to near"}, names); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
	})
}
