package agent_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// hears runs f and waits until an agent hears an object say something.
func hears(ctx context.Context, t *testing.T, a *agent.Agent, text string, f func() error) {
	t.Helper()
	line := agent.Expect(a, func(e agent.ChatHeard) bool { return e.FromObject && e.Text == text })
	if err := f(); err != nil {
		line.Cancel()
		t.Fatal(err)
	}
	if _, err := line.Wait(ctx, text); err != nil {
		t.Fatal(err)
	}
}

const greeter = `default { state_entry() { llSay(0, "hello"); } touch_start(integer n) { llShout(0, "ouch"); } }`

func TestScriptInAnObject(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	o := ann.Objects()
	box := build(ctx, t, ann)
	if list, err := o.Contents(ctx, box); err != nil || len(list) != 0 {
		t.Errorf("a new box has %+v in it, %v", list, err)
	}
	var script agent.Item
	hears(ctx, t, bob, "Script running", func() (err error) {
		script, err = o.NewScript(ctx, box, "greeter")
		return err
	})
	if script.Name != "greeter" || script.Type != agent.AssetScript || script.Owner != ann.ID || script.Asset == uuid.Nil {
		t.Errorf("made %+v", script)
	}
	hears(ctx, t, bob, "hello", func() error {
		u, err := o.UploadScript(ctx, box, script.ID, greeter)
		if err == nil && (!u.Compiled || len(u.Errors) > 0) {
			t.Errorf("uploaded %+v", u)
		}
		return err
	})
	sees(ctx, t, bob, box.ID, "a box to touch", func(b *agent.Object) bool { return b.Flags.Has(agent.ObjectScripted | agent.ObjectTouch) })
	hears(ctx, t, ann, "ouch", func() error { return bob.Objects().Touch(ctx, box.LocalID) })
	hears(ctx, t, bob, "hello", func() error { return o.ResetScript(ctx, box, script.ID) })
	for _, running := range []bool{false, true} {
		if err := o.SetRunning(ctx, box, script.ID, running); err != nil {
			t.Fatal(err)
		}
		if got, err := o.Running(ctx, box, script.ID); err != nil || got != running {
			t.Errorf("running: %v, %v; want %v", got, err, running)
		}
	}
	u, err := o.UploadScript(ctx, box, script.ID, "default { state_entry() { nonsense } }")
	if err != nil || u.Compiled || len(u.Errors) != 1 || !strings.Contains(u.Errors[0], "nonsense") {
		t.Errorf("nonsense: %+v, %v", u, err)
	}
	if got, err := o.Running(ctx, box, script.ID); err != nil || got {
		t.Errorf("nonsense runs: %v, %v", got, err)
	}
	if _, err := bob.Objects().UploadScript(ctx, box, script.ID, greeter); err == nil {
		t.Error("Bob may change Ann's script")
	}
}

func TestContentsComeAndGo(t *testing.T) {
	ctx, agents := builders(t, "Ann")
	o, inventory := agents[0].Objects(), agents[0].Inventory()
	box := build(ctx, t, agents[0])
	note, err := inventory.CreateItem(ctx, agent.NewItem{Type: agent.AssetNotecard, Name: "a note"})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Insert(ctx, box.LocalID, note); err != nil {
		t.Fatal(err)
	}
	full := func(list []agent.Item) bool { return len(list) == 1 }
	list, err := o.ContentsWhen(ctx, box, full)
	if err != nil || list[0].Name != "a note" || list[0].Folder != box.ID || list[0].ID == note.ID {
		t.Fatalf("there is %+v, %v", list, err)
	}
	inside := list[0]
	inside.Name, inside.NextOwner = "a letter", agent.PermCopy
	if err := o.UpdateContent(ctx, box.LocalID, inside); err != nil {
		t.Fatal(err)
	}
	list, err = o.ContentsWhen(ctx, box, func(list []agent.Item) bool { return list[0].Name == "a letter" })
	if err != nil || list[0].NextOwner != agent.PermCopy {
		t.Errorf("changed to %+v, %v", list, err)
	}
	if err := o.MoveContent(ctx, box.LocalID, inside.ID, inventory.Root()); err != nil {
		t.Fatal(err)
	}
	if err := o.RemoveContent(ctx, box.LocalID, inside.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ContentsWhen(ctx, box, func(list []agent.Item) bool { return len(list) == 0 }); err != nil {
		t.Error(err)
	}
	root, err := inventory.Contents(ctx, inventory.Root())
	if _, ok := root.Item("a letter"); err != nil || !ok {
		t.Errorf("the root has %+v, %v", root.Items, err)
	}
}

func TestTakeAndRez(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	o := ann.Objects()
	box, other := build(ctx, t, ann), build(ctx, t, ann)
	if err := o.SetName(ctx, box.LocalID, "a cart"); err != nil {
		t.Fatal(err)
	}
	if err := o.Link(ctx, box.LocalID, other.LocalID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.NewScript(ctx, box, "greeter"); err != nil {
		t.Fatal(err)
	}
	sees(ctx, t, bob, other.ID, "the link", func(o *agent.Object) bool { return o.ParentID == box.LocalID })
	gone := agent.Expect(bob, func(e agent.ObjectKilled) bool { return e.ID == other.ID })
	it, err := o.Take(ctx, box.LocalID, uuid.Nil)
	if err != nil || it.Name != "a cart" || it.Type != agent.AssetObject || it.Owner != ann.ID {
		t.Fatalf("took %+v, %v", it, err)
	}
	if _, err := gone.Wait(ctx, "that the cart has gone"); err != nil {
		t.Error(err)
	}
	var again agent.Object
	hears(ctx, t, bob, "Script running", func() (err error) {
		again, err = o.Rez(ctx, it, message.Vector3{X: 131, Y: 128, Z: 30})
		return err
	})
	if again.ID == box.ID || again.Position != (message.Vector3{X: 131, Y: 128, Z: 30.25}) || !again.Mine() {
		t.Errorf("rezzed %+v", again)
	}
	if _, err := bob.Objects().Find(ctx, "the cart's other part", func(b *agent.Object) bool { return b.ParentID == again.LocalID }); err != nil {
		t.Error(err)
	}
	p, err := o.Properties(ctx, again)
	if err != nil || p.Name != "a cart" || p.Item != it.ID {
		t.Errorf("it is %+v, %v", p, err)
	}
	lost := agent.Expect(bob, func(e agent.ObjectKilled) bool { return e.ID == again.ID })
	if err := o.Return(ctx, again.LocalID); err != nil {
		t.Fatal(err)
	}
	if _, err := lost.Wait(ctx, "that it was returned"); err != nil {
		t.Error(err)
	}
	found, err := ann.Inventory().FolderFor(ctx, 16)
	if err != nil {
		t.Fatal(err)
	}
	in, err := ann.Inventory().Contents(ctx, found.ID)
	if _, ok := in.Item("a cart"); err != nil || !ok {
		t.Errorf("Lost And Found has %+v, %v", in.Items, err)
	}
}

// What a taken copy, a duplicate and sales leave to the next owner.
func TestNextOwners(t *testing.T) {
	for _, set := range agent.NextOwnerSets {
		t.Run(set.String(), func(t *testing.T) {
			t.Parallel()
			ctx, agents := builders(t, "Ann", "Bob")
			ann, bob := agents[0], agents[1]
			o, b := ann.Objects(), bob.Objects()
			box := build(ctx, t, ann)
			for _, err := range []error{
				o.SetNextOwner(ctx, box.LocalID, set),
				o.SetPermissions(ctx, agent.EveryoneField, true, agent.PermCopy, box.LocalID),
				o.SetForSale(ctx, box.LocalID, agent.SaleCopy, 0),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			sees(ctx, t, bob, box.ID, "that he may copy it", func(o *agent.Object) bool { return o.Flags.Has(agent.ObjectCopy) })
			mine := func(what string, thing agent.Object, err error) {
				t.Helper()
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				want := set | agent.PermMove
				p, err := b.PropertiesWhen(ctx, thing, func(p agent.ObjectProperties) bool { return p.Owner == bob.ID })
				if err != nil || p.Permissions.Owner != want || p.Permissions.Group != 0 || p.LastOwner != ann.ID || p.Creator != ann.ID {
					t.Errorf("%s: %+v, %v; want %v", what, p, err, want)
				}
			}
			rez := func(what string, it agent.Item, err error) {
				t.Helper()
				if err != nil || it.Permissions.Owner&^agent.PermMove != set {
					t.Fatalf("%s: %+v, %v; want %v", what, it, err, set)
				}
				thing, err := b.Rez(ctx, it, message.Vector3{X: 132, Y: 128, Z: 30})
				mine(what, thing, err)
			}
			it, err := b.TakeCopy(ctx, box.LocalID, uuid.Nil)
			rez("a copy taken", it, err)
			it, err = b.BuyCopy(ctx, box.LocalID, 0, uuid.Nil)
			rez("a copy bought", it, err)
			twin, err := b.Duplicate(ctx, box.LocalID, message.Vector3{X: 1})
			mine("a duplicate", twin, err)
			if err := o.SetForSale(ctx, box.LocalID, agent.SaleOriginal, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := b.PropertiesWhen(ctx, box, func(p agent.ObjectProperties) bool { return p.Sale == agent.SaleOriginal }); err != nil {
				t.Fatal(err)
			}
			mine("the original", box, b.Buy(ctx, box.LocalID, agent.SaleOriginal, 0, uuid.Nil))
		})
	}
}

// What is in a box binds it.
func TestContentsBindTheBox(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	o := ann.Objects()
	box := build(ctx, t, ann)
	if err := o.SetPermissions(ctx, agent.EveryoneField, true, agent.PermCopy, box.LocalID); err != nil {
		t.Fatal(err)
	}
	sees(ctx, t, bob, box.ID, "that he may copy it", func(b *agent.Object) bool { return b.Flags.Has(agent.ObjectCopy) })
	script, err := o.NewScript(ctx, box, "everyone may not copy this")
	if err != nil {
		t.Fatal(err)
	}
	sees(ctx, t, bob, box.ID, "that he may not", func(b *agent.Object) bool { return !b.Flags.Has(agent.ObjectCopy) })
	script.Everyone = agent.PermCopy
	if err := o.UpdateContent(ctx, box.LocalID, script); err != nil {
		t.Fatal(err)
	}
	sees(ctx, t, bob, box.ID, "that he may again", func(b *agent.Object) bool { return b.Flags.Has(agent.ObjectCopy) })
}

// Nothing in an item says which request it answers.
func TestEachTakingGivesItsOwnItem(t *testing.T) {
	ctx, agents := builders(t, "Ann")
	o := agents[0].Objects()
	boxes := map[string]agent.Object{}
	for _, name := range []string{"a cart", "a horse", "a wheel", "a load"} {
		boxes[name] = build(ctx, t, agents[0])
		if err := o.SetName(ctx, boxes[name].LocalID, name); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for name, box := range boxes {
		all.Go(func() {
			it, err := o.Take(ctx, box.LocalID, uuid.Nil)
			if err != nil || it.Name != name {
				t.Errorf("took %q as %q, %v", name, it.Name, err)
			}
		})
	}
	all.Wait()
}

// What was thrown away comes into the inventory, too, and not later than what
// is taken after it.
func TestTakeIsNotMistakenForWhatWasThrownAway(t *testing.T) {
	ctx, agents := builders(t, "Ann")
	o := agents[0].Objects()
	for _, name := range []string{"first", "second"} {
		old, box := build(ctx, t, agents[0]), build(ctx, t, agents[0])
		if err := errors.Join(o.SetName(ctx, box.LocalID, name), o.Delete(ctx, old.LocalID)); err != nil {
			t.Fatal(err)
		}
		if it, err := o.Take(ctx, box.LocalID, uuid.Nil); err != nil || it.Name != name {
			t.Errorf("took %q, %v; want %s", it.Name, err, name)
		}
	}
}
