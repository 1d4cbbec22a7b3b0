package agent_test

import (
	"bytes"
	"context"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/internal/witness"
	"github.com/slload/slload/message"
)

// builders logs residents in to an embedded grid, side by side, and has them
// track objects.
func builders(t *testing.T, names ...string) (context.Context, []*agent.Agent) {
	t.Helper()
	loginURI, closeGrid := startGrid()
	loop := startLoop(t, witness.Conn)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	client := witness.Client(t, &http.Client{Transport: &http.Transport{}})
	var agents []*agent.Agent
	t.Cleanup(func() {
		for _, a := range agents {
			if err := a.Logout(context.WithoutCancel(ctx)); err != nil {
				t.Errorf("log %v out: %v", a, err)
			}
		}
		cancel()
		client.CloseIdleConnections() // or the grid waits for those that nobody used
		closeGrid()
	})
	for _, name := range names {
		a, err := agent.Login(ctx, agent.Options{
			Loop: loop, LoginURI: loginURI, HTTP: client, Start: "uri:Region 1&128&128&30",
			Account: agent.Account{First: name, Last: "Builder", Password: "open sesame"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Objects().Track(ctx); err != nil {
			t.Fatal(err)
		}
		agents = append(agents, a)
	}
	return ctx, agents
}

// build makes a box.
func build(ctx context.Context, t *testing.T, a *agent.Agent) agent.Object {
	t.Helper()
	o, err := a.Objects().Create(ctx, agent.NewObject{Position: message.Vector3{X: 130, Y: 128, Z: 30}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// sees waits until an agent sees an object that way.
func sees(ctx context.Context, t *testing.T, a *agent.Agent, id uuid.UUID, what string, ok func(o *agent.Object) bool) agent.Object {
	t.Helper()
	o, err := a.Objects().Find(ctx, what, func(o *agent.Object) bool { return o.ID == id && ok(o) })
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func whatever(*agent.Object) bool { return true }

func TestCreateAndEdit(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	o := ann.Objects()
	box := build(ctx, t, ann)
	if !box.Mine() || box.Shape != agent.Box || box.Scale != (message.Vector3{X: 0.5, Y: 0.5, Z: 0.5}) || box.Position.X != 130 {
		t.Errorf("created %+v", box)
	}
	if seen := sees(ctx, t, bob, box.ID, "Ann's box", whatever); seen.Mine() || seen.Flags.Has(agent.ObjectModify) {
		t.Errorf("Bob sees it as %+v", seen)
	}
	to, large := message.Vector3{X: 100, Y: 101, Z: 40}, message.Vector3{X: 1, Y: 2, Z: 3}
	quarter := message.NewQuaternion(0, 0, 1, 1)
	texture := uuid.New()
	for what, edit := range map[string]struct {
		do func() error
		ok func(o *agent.Object) bool
	}{
		"move":    {func() error { return o.Move(ctx, box.LocalID, to) }, func(o *agent.Object) bool { return o.Position == to }},
		"turn":    {func() error { return o.Rotate(ctx, box.LocalID, quarter) }, func(o *agent.Object) bool { return o.Rotation.Z > 0.7 }},
		"resize":  {func() error { return o.Resize(ctx, box.LocalID, large) }, func(o *agent.Object) bool { return o.Scale == large }},
		"reshape": {func() error { return o.SetShape(ctx, box.LocalID, agent.Torus) }, func(o *agent.Object) bool { return o.Shape == agent.Torus }},
		"paint": {func() error { return o.SetTexture(ctx, box.LocalID, texture) },
			func(o *agent.Object) bool { return string(o.TextureEntry) == string(agent.UniformTexture(texture)) }},
	} {
		if err := edit.do(); err != nil {
			t.Fatal(err)
		}
		sees(ctx, t, ann, box.ID, what, edit.ok)
		sees(ctx, t, bob, box.ID, what, edit.ok)
	}
}

func TestPropertiesAndNames(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	box := build(ctx, t, ann)
	for _, err := range []error{
		ann.Objects().SetName(ctx, box.LocalID, "a thing of Ann's"),
		ann.Objects().SetDescription(ctx, box.LocalID, "to look at"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := ann.Objects().PropertiesWhen(ctx, box, func(p agent.ObjectProperties) bool { return p.Description != "" })
	if err != nil || p.Name != "a thing of Ann's" || p.Owner != ann.ID || p.Creator != ann.ID || p.Permissions.NextOwner != agent.PermMove|agent.PermTransfer {
		t.Errorf("%+v, %v", p, err)
	}
	sees(ctx, t, bob, box.ID, "the box", whatever)
	named, err := bob.Objects().Named(ctx, "a thing of Ann's")
	if err != nil || len(named) != 1 || named[0].ID != box.ID {
		t.Errorf("Bob finds %+v, %v", named, err)
	}
	f, err := bob.Objects().Family(ctx, box.ID)
	if err != nil || f.Owner != ann.ID || f.Name != p.Name || f.Permissions != p.Permissions {
		t.Errorf("family %+v, %v", f, err)
	}
	near, err := bob.Objects().Near(ctx, box.Position, 1)
	if err != nil || len(near) != 1 || near[0].ID != box.ID {
		t.Errorf("near %+v, %v", near, err)
	}
	mine, err := bob.Objects().Mine(ctx)
	if err != nil || len(mine) != 0 {
		t.Errorf("Bob's are %+v, %v", mine, err)
	}
	if got, ok, err := bob.Objects().Get(ctx, box.ID); err != nil || !ok || got.LocalID != box.LocalID {
		t.Errorf("got %+v, %v, %v", got, ok, err)
	}
}

func TestPermissionsOfAnObject(t *testing.T) {
	ctx, agents := builders(t, "Ann")
	o := agents[0].Objects()
	box := build(ctx, t, agents[0])
	when := func(what string, ok func(p agent.Permissions) bool) {
		t.Helper()
		p, err := o.PropertiesWhen(ctx, box, func(p agent.ObjectProperties) bool { return ok(p.Permissions) })
		if err != nil {
			t.Fatalf("%s: %v; they are %v", what, err, p.Permissions)
		}
	}
	for _, want := range agent.NextOwnerSets {
		if err := o.SetNextOwner(ctx, box.LocalID, want); err != nil {
			t.Fatal(err)
		}
		when(want.String(), func(p agent.Permissions) bool { return p.NextOwner == want|agent.PermMove })
	}
	const some = agent.PermCopy | agent.PermMove
	for field, get := range map[agent.PermissionField]func(p agent.Permissions) agent.Mask{
		agent.GroupField:    func(p agent.Permissions) agent.Mask { return p.Group },
		agent.EveryoneField: func(p agent.Permissions) agent.Mask { return p.Everyone },
		agent.OwnerField:    func(p agent.Permissions) agent.Mask { return p.Owner },
	} {
		for _, set := range []bool{true, false} {
			if err := o.SetPermissions(ctx, field, set, some, box.LocalID); err != nil {
				t.Fatal(err)
			}
			when("field", func(p agent.Permissions) bool { return (get(p)&some == some) == set && (get(p)&some == 0) != set })
		}
	}
	// Only gods change the base.
	if err := o.SetPermissions(ctx, agent.BaseField, false, some, box.LocalID); err != nil {
		t.Fatal(err)
	}
	when("base", func(p agent.Permissions) bool { return p.Base.Has(some) })
}

func TestLinkUnlinkDuplicate(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	o := ann.Objects()
	box, other := build(ctx, t, ann), build(ctx, t, ann)
	if err := o.Move(ctx, other.LocalID, message.Vector3{X: 130, Y: 131, Z: 31}); err != nil {
		t.Fatal(err)
	}
	if err := o.Link(ctx, box.LocalID, other.LocalID); err != nil {
		t.Fatal(err)
	}
	linked := sees(ctx, t, bob, other.ID, "the link", func(o *agent.Object) bool { return o.ParentID == box.LocalID })
	if want := (message.Vector3{Y: 3, Z: 0.75}); linked.Position != want {
		t.Errorf("it hangs at %v, want %v", linked.Position, want)
	}
	twin, err := o.Duplicate(ctx, box.LocalID, message.Vector3{X: 5})
	if err != nil || twin.ID == box.ID || twin.Position.X != 135 || !twin.Mine() {
		t.Errorf("the copy is %+v, %v", twin, err)
	}
	if _, err := bob.Objects().Find(ctx, "the copy's link", func(o *agent.Object) bool { return o.ParentID == twin.LocalID }); err != nil {
		t.Error(err)
	}
	if err := o.Unlink(ctx, other.LocalID); err != nil {
		t.Fatal(err)
	}
	alone := sees(ctx, t, bob, other.ID, "it alone", (*agent.Object).Root)
	if want := (message.Vector3{X: 130, Y: 131, Z: 31}); alone.Position != want {
		t.Errorf("it stands at %v, want %v", alone.Position, want)
	}
}

// What Bob may not, Bob can't.
func TestOthersObjectsAreSafe(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	box := build(ctx, t, ann)
	sees(ctx, t, bob, box.ID, "the box", whatever)
	o := bob.Objects()
	for _, err := range []error{
		o.SetName(ctx, box.LocalID, "Bob's"), o.Move(ctx, box.LocalID, message.Vector3{X: 1, Y: 1, Z: 30}),
		o.Resize(ctx, box.LocalID, message.Vector3{X: 9, Y: 9, Z: 9}), o.SetShape(ctx, box.LocalID, agent.Ring),
		o.SetPermissions(ctx, agent.EveryoneField, true, agent.PermCopy, box.LocalID),
		o.SetForSale(ctx, box.LocalID, agent.SaleOriginal, 0),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := o.Properties(ctx, box)
	if err != nil || p.Name != "Object" || p.Permissions.Everyone != 0 || p.Sale != agent.NotForSale {
		t.Errorf("%+v, %v", p, err)
	}
	if seen := sees(ctx, t, ann, box.ID, "the box", whatever); seen.Position != box.Position || seen.Scale != box.Scale || seen.Shape != box.Shape {
		t.Errorf("Ann sees %+v", seen)
	}
	// What everybody may move, he moves.
	if err := ann.Objects().SetPermissions(ctx, agent.EveryoneField, true, agent.PermMove, box.LocalID); err != nil {
		t.Fatal(err)
	}
	sees(ctx, t, bob, box.ID, "that he may move it", func(o *agent.Object) bool { return o.Flags.Has(agent.ObjectMove) })
	to := message.Vector3{X: 120, Y: 120, Z: 30}
	if err := o.Move(ctx, box.LocalID, to); err != nil {
		t.Fatal(err)
	}
	sees(ctx, t, ann, box.ID, "that he moved it", func(o *agent.Object) bool { return o.Position == to })
}

// Of plants their maker isn't told that it holds them.
func TestPlants(t *testing.T) {
	ctx, agents := builders(t, "Ann")
	for _, kind := range []agent.PCode{agent.PCodeTree, agent.PCodeGrass, agent.PCodeNewTree} {
		plant, err := agents[0].Objects().Create(ctx, agent.NewObject{
			PCode: kind, State: 7, Scale: message.Vector3{X: 1, Y: 2, Z: 3}, Position: message.Vector3{X: 130, Y: 120, Z: 25},
		})
		want := message.Vector3{X: 8, Y: 16, Z: 60} // a cypress grows high
		if kind == agent.PCodeGrass {
			want = message.Vector3{X: 1, Y: 2, Z: 3}
		}
		if err != nil || plant.PCode != kind || plant.State != 7 || plant.Scale != want || !plant.Flags.Has(agent.ObjectPhantom) {
			t.Errorf("planted %d: %+v, %v", kind, plant, err)
		}
	}
}

// What nobody has touched for long comes in the compressed form.
func TestObjectsThatStayAsTheyAre(t *testing.T) {
	m := newMeeting(t)
	a := m.enter("Bot1")
	stop := got[func()](m)(a.Objects().Track(m.ctx()))
	defer stop()
	east := message.Vector3{X: 128 + 12, Y: 128, Z: 25.25} // the first of a ring of low boxes around the middle
	box := got[agent.Object](m)(a.Objects().Find(m.ctx(), "a low box", func(o *agent.Object) bool {
		return math.Hypot(float64(o.Position.X-east.X), float64(o.Position.Y-east.Y)) < 0.1
	}))
	want := agent.Object{
		LocalID: box.LocalID, ID: box.ID, PCode: agent.PCodePrim, Flags: agent.ObjectEmpty, Material: agent.Wood,
		Position: box.Position, Scale: message.Vector3{X: 2, Y: 2, Z: 0.5}, Shape: agent.Box, TextureEntry: box.TextureEntry,
	}
	if diff := cmp.Diff(want, box); diff != "" || box.LocalID == 0 || box.ID == uuid.Nil {
		t.Errorf("seen (-want +got):\n%s", diff)
	}
	if plywood := uuid.MustParse("89556747-24cb-43ed-920b-47caed15465f"); !bytes.HasPrefix(box.TextureEntry, plywood[:]) {
		t.Errorf("its texture entry is %x", box.TextureEntry)
	}
}
