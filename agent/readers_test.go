package agent

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
	"pgregory.net/rapid"
)

func TestBakedEntryReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bakes := map[Bake]uuid.UUID{}
		for _, face := range rapid.SliceOfDistinct(rapid.IntRange(0, mostFaces-1), rapid.ID).Draw(t, "faces") {
			bakes[Bake(face)] = uuid.NewSHA1(uuid.Nil, []byte{byte(face)})
		}
		if diff := cmp.Diff(bakes, readBakes(bakedEntry(bakes))); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	})
}

func FuzzReadBakes(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(bakedEntry(map[Bake]uuid.UUID{BakeHead: uuid.New(), BakeHair: uuid.New()}))
	f.Add(append(slices.Clone(defaultAvatarTexture[:]), 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF))
	f.Fuzz(func(t *testing.T, entry []byte) {
		for face := range readBakes(entry) {
			if face >= mostFaces {
				t.Errorf("face %d", face)
			}
		}
	})
}

func TestMuteListLines(t *testing.T) {
	id := uuid.New()
	for text, want := range map[string][]Mute{
		"":                                   nil,
		"1 " + id.String() + " Loud Man|5\n": {{ID: id, Name: "Loud Man", Kind: MuteResident, Flags: 5}},
		"0 " + uuid.Nil.String() + " a|b|0\n\x00": {{Name: "a|b"}},
		"1 " + id.String() + " no flags\n":        nil,
		"x " + id.String() + " n|0\n":             nil,
		"1 nobody n|0\n":                          nil,
		"1\n":                                     nil,
	} {
		got, err := parseMutes(text)
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != (want == nil && text != "") {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
}

func TestAFileComesInAnyOrder(t *testing.T) {
	first := append([]byte{6, 0, 0, 0}, "abc"...) // its length comes before it
	f := newPieces()
	for i, p := range []struct {
		packet uint32
		data   []byte
		done   bool
	}{{1 | xferLast, []byte("def"), false}, {1 | xferLast, []byte("def"), false}, {0, first, true}} {
		if done := f.addXfer(p.packet, p.data); done != p.done {
			t.Errorf("piece %d: done %v", i, done)
		}
	}
	if got, err := f.whole(); string(got) != "abcdef" || err != nil {
		t.Errorf("the file is %q, %v", got, err)
	}
	endless := newPieces()
	done := endless.addXfer(1, make([]byte, mostOfFile+1))
	if _, err := endless.whole(); !done || err == nil {
		t.Errorf("a file without an end was taken: done %t, %v", done, err)
	}
}

func TestTheCamerasAxesAreSquare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		yaw, pitch := rapid.Float64Range(-math.Pi, math.Pi).Draw(t, "yaw"), rapid.Float64Range(-1.5, 1.5).Draw(t, "pitch")
		a := &Agent{}
		a.aim(math.Cos(yaw)*math.Cos(pitch), math.Sin(yaw)*math.Cos(pitch), math.Sin(pitch))
		d := &a.update.AgentData
		dot := func(u, v message.Vector3) float64 { return float64(u.X*v.X + u.Y*v.Y + u.Z*v.Z) }
		for name, got := range map[string]float64{
			"at left": dot(d.CameraAtAxis, d.CameraLeftAxis), "at up": dot(d.CameraAtAxis, d.CameraUpAxis), "left up": dot(d.CameraLeftAxis, d.CameraUpAxis),
			"length": dot(d.CameraUpAxis, d.CameraUpAxis) - 1, "above": min(0, float64(d.CameraUpAxis.Z)), "level": float64(d.CameraLeftAxis.Z),
		} {
			if math.Abs(got) > 1e-5 {
				t.Errorf("%s: %g", name, got)
			}
		}
	})
}

func TestTheCameraStaysWhereItWasPut(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		from := message.Vector3{X: 1, Y: 2, Z: 30}
		if err := a.LookFrom(w.Context(), from, message.Vector3{X: 1, Y: 9, Z: 30}); err != nil {
			t.Fatal(err)
		}
		camera := func() (at, dir message.Vector3) {
			t.Helper()
			if err := a.loop.Call(w.Context(), func(circuit.Instant) {
				at, dir = a.update.AgentData.CameraCenter, a.update.AgentData.CameraAtAxis
			}); err != nil {
				t.Fatal(err)
			}
			return at, dir
		}
		if at, dir := camera(); at != from || dir != (message.Vector3{Y: 1}) {
			t.Errorf("the camera is at %v and looks to %v", at, dir)
		}
		if err := a.LookAhead(w.Context()); err != nil {
			t.Fatal(err)
		}
		if at, dir := camera(); at == from || dir != (message.Vector3{X: 1}) {
			t.Errorf("behind the avatar it is at %v and looks to %v", at, dir)
		}
		if a.LookFrom(w.Context(), from, from) == nil || a.SetDrawDistance(w.Context(), -1) == nil || a.SetThrottle(w.Context(), 0) == nil {
			t.Error("took what makes no sense")
		}
	})
}
