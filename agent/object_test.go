package agent

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// What a simulator says of one box in each form of update.
const (
	boxID    = "11111111222233334444555555555555"
	oneMetre = "0000803f0000803f0000803f"
	boxCut   = "10" + "0000" + "0000" + "64640000" + "0000000000" + "00" + "00" + "01" + "0000" + "0000" + "0000"
)

func TestObjectOfCompressed(t *testing.T) {
	head := boxID + "07000000" + "09" + "00" + "01000000" + "03" + "00" + oneMetre + at + "000000000000000000000000"
	nobody := "00000000000000000000000000000000"
	texture := "89556747" + "24cb43ed920b47caed15465f"
	box := Object{
		LocalID: 7, ID: self, PCode: PCodePrim, Flags: ObjectYouOwner, Material: Wood,
		Scale: message.Vector3{X: 1, Y: 1, Z: 1}, Position: message.Vector3{X: 128, Y: 64, Z: 25.5},
		Shape: Box, TextureEntry: unhex(t, texture),
	}
	child := box
	child.ParentID, child.Text, child.NameValue = 6, "hi", "n"
	child.AngularVelocity = message.Vector3{X: 1, Y: 1, Z: 1}
	for _, tt := range []struct {
		name, hex string
		want      Object
	}{
		{"bare", head + "00000000" + nobody + "00" + boxCut + "10000000" + texture, box},
		{"with every part", head + "bd030000" + nobody + oneMetre + "06000000" + "02aabb" + "686900" + "ffffffff" + "7500" +
			hexOf(particleSize) + "01" + "3000" + "02000000" + "aabb" + nobody + "0000000000" + "00000000" + "6e00" +
			boxCut + "10000000" + texture, child},
	} {
		data := unhex(t, tt.hex)
		got, err := objectOfCompressed(uint32(ObjectYouOwner), data)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		for n := range data { // whatever is missing
			if _, err := objectOfCompressed(0, data[:n]); !errors.Is(err, errShort) {
				t.Errorf("%s: %d of %d bytes: %v", tt.name, n, len(data), err)
			}
		}
	}
}

// hexOf is n bytes of zeros.
func hexOf(n int) string {
	b := make([]byte, 2*n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

func TestTerseUpdateOfAPrim(t *testing.T) {
	// Local id, state, no avatar, position; 64 m/s up; 32 m/s² north; a
	// quarter turn; at rest.
	data := unhex(t, "07000000"+"05"+"00"+at+"ff7fff7fffbf"+"ff7fffbfff7f"+"ff7fff7f81da81da"+"ff7fff7fff7f")
	o := Object{LocalID: 7, TextureEntry: []byte("old")}
	if !o.setTerse(data, []byte("\x03\x00\x00\x00new")) {
		t.Fatal("it was refused")
	}
	near := func(got, want float32) bool { return got-want < 0.01 && want-got < 0.01 }
	if o.Position != (message.Vector3{X: 128, Y: 64, Z: 25.5}) || o.State != 5 ||
		!near(o.Velocity.Z, 64) || !near(o.Velocity.X, 0) || !near(o.Acceleration.Y, 32) ||
		!near(o.Rotation.Z, 0.707) || !near(o.AngularVelocity.X, 0) || string(o.TextureEntry) != "new" {
		t.Errorf("%+v", o)
	}
	for n := range data {
		if o.setTerse(data[:n], nil) {
			t.Errorf("%d of %d bytes were taken", n, len(data))
		}
	}
}

// The simulator can't make a tracking agent keep more than it should, or fall
// over what makes no sense.
func TestTrackerIsBounded(t *testing.T) {
	tr := &tracker{agent: &Agent{}, objects: map[uint32]*Object{}}
	for id := range uint32(maxObjects + 10) {
		tr.see(0, Object{LocalID: id, ID: uuid.New()})
	}
	if len(tr.objects) != maxObjects {
		t.Errorf("%d objects are kept", len(tr.objects))
	}
	tr.terse(0, &message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{{Data: []byte{1}}, {Data: []byte{1, 0, 0, 0}}}})
	tr.compressed(0, &message.ObjectUpdateCompressed{ObjectData: []message.ObjectUpdateCompressedObjectData{{Data: []byte{1}}}})
	tr.kill(0, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 1 << 30}}})
}
