package testgrid

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func TestPiecesOfLand(t *testing.T) {
	for _, tt := range []struct {
		west, south, east, north float32
		squares                  int
	}{
		{0, 0, 4, 4, 1}, {0, 0, 256, 256, 4096}, {252, 252, 256, 256, 1}, {3, 3, 5, 5, 4},
		{4, 0, 4, 4, 0}, {8, 0, 4, 4, 0}, {-4, 0, 4, 4, 0}, {0, 0, 260, 4, 0},
	} {
		list, ok := within(tt.west, tt.south, tt.east, tt.north)
		if len(list) != tt.squares || ok != (tt.squares > 0) {
			t.Errorf("%v: %d squares, %v", tt, len(list), ok)
		}
	}
}

func TestAParcelsIDTellsWhereItIs(t *testing.T) {
	inWorld(t, Config{Regions: 4}, func(w *world) {
		for _, r := range w.grid.regions {
			where, x, y := w.grid.parcelPlace(parcelID(r, 40, 200))
			check(t, where == r && x == 40 && y == 200, "%s: %v %g %g", r.name, where, x, y)
		}
		where, _, _ := w.grid.parcelPlace(uuid.New())
		check(t, where == nil, "any id is in %v", where)
	})
}

// What a parcel tells follows what stands on it, and who may buy it sees so.
func TestWhatParcelsTell(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		w.on(0, func(r *region) {
			p := r.land.parcels[0]
			count := func() int32 { return r.properties(p)["ParcelData"].([]any)[0].(map[string]any)["TotalPrims"].(int32) }
			before := count()
			box := &prim{pos: message.Vector3{X: 1, Y: 1}}
			r.addPrim(box)
			check(t, count() == before+1, "%d objects, one more than %d", count(), before)
			r.removePrim(box)
			check(t, count() == before, "%d objects, want %d", count(), before)

			p.update.SalePrice, p.update.AuthBuyerID = 10, ann.Agent
			kind := func(agent uuid.UUID) byte { return r.overlayFor(agent)[0][1] &^ squareBorderSouth }
			for range 2 {
				check(t, kind(ann.Agent) == squareForSale, "the one buyer sees %d", kind(ann.Agent))
				check(t, kind(uuid.New()) == squareOthers, "others see %d", kind(uuid.New()))
			}

			c := r.anyone(ann.Agent)
			p.owner = ann.Agent
			c.updateParcel(&message.ParcelPropertiesUpdateParcelData{LocalID: p.id, Name: []byte(strings.Repeat("ä", 1000))})
			info := r.parcelInfo(uuid.New(), ann.Agent, 1, 1)
			check(t, c.circuit.SendReliable(circuit.Now(), info, nil) == nil, "a long name can't be told")
		})
	})
}

func FuzzEntryFaces(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(plywoodTextures)
	face := append(append(append([]byte(nil), avatarTexture[:]...), 0x82, 0x00), plywood[:]...)
	f.Add(append(face, 0))
	f.Fuzz(func(t *testing.T, entry []byte) {
		faces, ok := entryFaces(entry)
		if ok && len(entry) < 17 {
			t.Errorf("%d faces in %d bytes", len(faces), len(entry))
		}
	})
}

func TestEntryFaces(t *testing.T) {
	entry := append(append(append([]byte(nil), avatarTexture[:]...), 0x82, 0x00), plywood[:]...) // bit 8
	faces, ok := entryFaces(append(entry, 0))
	check(t, ok && len(faces) == 1 && faces[8] == plywood, "faces are %v, %v", faces, ok)
	_, ok = entryFaces(entry)
	check(t, !ok, "an entry without an end was taken")
}
