package agent

import (
	"encoding/hex"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

var self = uuid.MustParse("11111111-2222-3333-4444-555555555555")

func newRegion() *region { return &region{agent: &Agent{ID: self}} }

// plane is an avatar's collision plane, 16 bytes before its position.
const plane = "00000000000000000000803f00000000"

// at is the position 128, 64, 25.5 as three little-endian floats.
const at = "000000430000804200" + "00cc41"

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOwnPositionFollowsObjectAndTerseUpdates(t *testing.T) {
	r := newRegion()
	rest := make([]byte, 76-16-12)
	r.objectUpdate(nil, &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{
		{ID: 7, PCode: 9, FullID: uuid.New(), ObjectData: make([]byte, 60)},
		{ID: 8, PCode: pcodeAvatar, FullID: self, ObjectData: append(unhex(t, plane+at), rest...)},
	}})
	if want := (message.Vector3{X: 128, Y: 64, Z: 25.5}); r.scene.position != want {
		t.Fatalf("position after ObjectUpdate: %v, want %v", r.scene.position, want)
	}
	// Local id 8, state 0, an avatar with its plane, then 1, 2, 3 metres.
	terse := "08000000" + "00" + "01" + plane + "0000803f" + "00000040" + "00004040"
	other := "07000000" + "00" + "00" + "0000a040" + "0000a040" + "0000a040"
	r.terseUpdate(nil, &message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{
		{Data: unhex(t, other)}, {Data: unhex(t, terse)}, {Data: unhex(t, "0800")}, {Data: unhex(t, terse[:40])},
	}})
	if want := (message.Vector3{X: 1, Y: 2, Z: 3}); r.scene.position != want {
		t.Errorf("position after the terse update: %v, want %v", r.scene.position, want)
	}
}

func TestSceneCountsWhatItSees(t *testing.T) {
	r := newRegion()
	r.objectUpdate(nil, &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{
		{ID: 1, PCode: pcodeAvatar}, {ID: 2, PCode: 9}, {ID: 2, PCode: 9},
	}})
	compressed := append(make([]byte, 16), unhex(t, "03000000"+"09"+"00")...)
	r.objectUpdateCompressed(nil, &message.ObjectUpdateCompressed{ObjectData: []message.ObjectUpdateCompressedObjectData{
		{Data: compressed}, {Data: compressed[:20]},
	}})
	check := func(when string, objects, avatars int) {
		t.Helper()
		if r.scene.objects.n != objects || len(r.scene.avatars) != avatars {
			t.Errorf("%s: %d objects, %d avatars; want %d, %d", when, r.scene.objects.n, len(r.scene.avatars), objects, avatars)
		}
	}
	check("seen", 3, 1)
	r.killObject(nil, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 1}, {ID: 1}, {ID: 99}}})
	check("one killed", 2, 0)
	r.killObject(nil, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 2}, {ID: 3}}})
	check("all killed", 0, 0)
	if n := len(r.scene.objects.pages); n != 0 {
		t.Errorf("%d empty pages are kept", n)
	}
}

func TestSceneIsBounded(t *testing.T) {
	var s scene
	for id := range uint32(maxObjects + 10) {
		s.see(id, pcodeAvatar, uuid.Nil)
	}
	if s.objects.n != maxObjects || len(s.avatars) != maxAvatars {
		t.Errorf("%d objects, %d avatars; want %d and %d", s.objects.n, len(s.avatars), maxObjects, maxAvatars)
	}
}

func TestThrottlesAddUpToWhatWasAsked(t *testing.T) {
	b := throttles(1_000_000)
	if len(b) != 28 {
		t.Fatalf("%d bytes, want seven floats", len(b))
	}
	sum := float32(0)
	for i := 0; i < len(b); i += 4 {
		sum += math.Float32frombits(uint32(b[i]) | uint32(b[i+1])<<8 | uint32(b[i+2])<<16 | uint32(b[i+3])<<24)
	}
	if math.Abs(float64(sum)-1_000_000) > 1 {
		t.Errorf("throttles add up to %v", sum)
	}
}

func TestFaceTurnsBodyAndCamera(t *testing.T) {
	for _, tt := range []struct {
		name string
		yaw  float64
		z, w float32
		look message.Vector3
	}{
		{"east", 0, 0, 1, message.Vector3{X: 1}},
		{"north", math.Pi / 2, float32(math.Sqrt2 / 2), float32(math.Sqrt2 / 2), message.Vector3{Y: 1}},
		{"west", math.Pi, 1, 0, message.Vector3{X: -1}},
		// W goes over the wire as its square: it can't be negative, so the
		// whole quaternion turns its sign.
		{"south", 3 * math.Pi / 2, -float32(math.Sqrt2 / 2), float32(math.Sqrt2 / 2), message.Vector3{Y: -1}},
	} {
		var a Agent
		a.face(tt.yaw)
		d := a.update.AgentData
		near := func(got, want float32) bool { return math.Abs(float64(got-want)) < 1e-3 }
		if !near(d.BodyRotation.Z, tt.z) || !near(d.BodyRotation.W(), tt.w) {
			t.Errorf("%s: rotation z %v w %v, want %v %v", tt.name, d.BodyRotation.Z, d.BodyRotation.W(), tt.z, tt.w)
		}
		if !near(d.CameraAtAxis.X, tt.look.X) || !near(d.CameraAtAxis.Y, tt.look.Y) {
			t.Errorf("%s: looks to %v, want %v", tt.name, d.CameraAtAxis, tt.look)
		}
	}
}

func TestConversationIsTheSameFromBothSides(t *testing.T) {
	a, b := uuid.New(), uuid.New()
	if imSession(a, b) != imSession(b, a) || imSession(a, b) == imSession(a, a) {
		t.Errorf("%v, %v", imSession(a, b), imSession(b, a))
	}
}

func TestAvatarsAreToldOnceAndByEitherUpdate(t *testing.T) {
	r := newRegion()
	var told []string
	r.agent.subs = []subscriber{
		{func(e AvatarArrived) { told = append(told, "arrived "+e.Name) }, &subscription{raw: message.NoID}},
		{func(e AvatarLeft) { told = append(told, "left "+e.ID.String()[:2]) }, &subscription{raw: message.NoID}},
	}
	pairs := func(first, last string) []byte {
		return message.Text("FirstName STRING RW SV " + first + "\nLastName STRING RW SV " + last + "\nTitle STRING RW SV The boss")
	}
	ev := &circuit.Event{}
	full := &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{
		{ID: 9, PCode: pcodeAvatar, FullID: self, NameValue: pairs("I", "Myself")},
		{ID: 7, PCode: pcodeAvatar, FullID: uuid.UUID{0xaa}, NameValue: pairs("Ann", "Other")},
		{ID: 6, PCode: 9, FullID: uuid.New(), NameValue: pairs("A", "Box")},
	}}
	r.objectUpdate(ev, full)
	r.objectUpdate(ev, full) // it sits down, say
	compressed := append(append([]byte{0xbb}, make([]byte, 15)...), unhex(t, "08000000"+"2f"+"00")...)
	compressed = append(compressed, make([]byte, 4+2+36)...)
	compressed = append(compressed, 0, 1, 0, 0)          // there are name-value pairs
	compressed = append(compressed, make([]byte, 17)...) // owner, no extra parameters
	compressed = append(compressed, pairs("Bob", "Other")...)
	r.objectUpdateCompressed(ev, &message.ObjectUpdateCompressed{ObjectData: []message.ObjectUpdateCompressedObjectData{{Data: compressed}}})
	r.killObject(ev, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 9}, {ID: 8}, {ID: 8}, {ID: 6}}})
	r.lookAway(0)
	want := []string{"arrived Ann Other", "arrived Bob Other", "left bb", "left aa"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
