package agent

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/message"
)

// What a real OpenSimulator says of objects that have stayed as they are: a box
// with text that hovers, a cylinder that hangs on it, a ball that spins with
// particles and a sound, and a tree.
func TestCompressedObjectsOfOpenSim(t *testing.T) {
	var got []Object
	for _, d := range captured.Read(t, "../testdata/captures/opensim-0.9.2-compressed.pcap") {
		p, err := message.ParsePacket(d.Data)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Message()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range m.(*message.ObjectUpdateCompressed).ObjectData {
			o, err := objectOfCompressed(b.UpdateFlags, b.Data)
			if err != nil {
				t.Errorf("object %d: %v", len(got), err)
			}
			if plywood := uuid.MustParse("89556747-24cb-43ed-920b-47caed15465f"); o.PCode == PCodePrim && !bytes.HasPrefix(o.TextureEntry, plywood[:]) {
				t.Errorf("object %d has texture entry %x", len(got), o.TextureEntry)
			}
			got = append(got, o)
		}
	}
	half := message.Vector3{X: 0.5, Y: 0.5, Z: 0.5}
	const first = 725922480
	want := []Object{
		{LocalID: first, PCode: PCodePrim, Material: Wood, Position: message.Vector3{X: 60, Y: 63, Z: 41.25}, Scale: message.Vector3{X: 1, Y: 2, Z: 3}, Shape: Box, Text: "hover text"},
		{LocalID: first + 1, ParentID: first, PCode: PCodePrim, Material: Wood, Position: message.Vector3{X: 1}, Scale: message.Vector3{X: 0.5, Y: 0.5, Z: 1}, Shape: Cylinder},
		{LocalID: first + 2, PCode: PCodePrim, Material: Wood, Position: message.Vector3{X: 64, Y: 63, Z: 41.25}, Scale: half, Shape: Sphere, AngularVelocity: message.Vector3{Z: 0.5}},
		{LocalID: first + 4, PCode: PCodeTree, State: 1, Position: message.Vector3{X: 57, Y: 63, Z: 40.25}, Scale: message.Vector3{X: 16, Y: 16, Z: 32}},
	}
	unsorted := cmpopts.SortSlices(func(a, b Object) bool { return a.LocalID < b.LocalID })
	if diff := cmp.Diff(want, got, unsorted, cmpopts.IgnoreFields(Object{}, "ID", "Flags", "TextureEntry"), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	for _, o := range got {
		if o.Mine() || !o.Flags.Has(ObjectAnyOwner) || o.ID == uuid.Nil {
			t.Errorf("object %d: id %s, flags %x", o.LocalID, o.ID, o.Flags)
		}
	}
}
