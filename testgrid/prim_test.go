package testgrid

import (
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

func (v *viewer) builds(at message.Vector3) *message.ObjectAdd {
	m := &message.ObjectAdd{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.ObjectData.PCode, m.ObjectData.RayEnd, m.ObjectData.Scale = primCode, at, furnitureSize
	return m
}

func (v *viewer) derezzes(localID uint32, how uint8) message.Message {
	m := &message.DeRezObject{ObjectData: []message.DeRezObjectObjectData{{ObjectLocalID: localID}}}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentBlock.Destination = v.Agent, v.Session, how
	return m
}

// newest gives the object that was made last in a region (0 is the first).
func (w *world) newest(i int) (p prim) {
	w.on(i, func(r *region) { p = *r.prims.list[len(r.prims.list)-1] })
	return p
}

// What isn't a number would stay in the region for good, and end the grid when
// somebody takes it.
func TestObjectsOfNoNumbers(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := message.Vector3{X: 100, Y: 100, Z: 30}
	for name, spoil := range map[string]func(m *message.ObjectAdd){
		"place":    func(m *message.ObjectAdd) { m.ObjectData.RayEnd.X = nan },
		"infinity": func(m *message.ObjectAdd) { m.ObjectData.RayEnd.Z = inf },
		"size":     func(m *message.ObjectAdd) { m.ObjectData.Scale.Y = nan },
		"rotation": func(m *message.ObjectAdd) { m.ObjectData.Rotation.Z = nan },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				ann := w.enter("Ann", at(100, 100, 0))
				m := ann.builds(good)
				spoil(m)
				ann.sendReliable(m)
				w.pass(time.Second)
				if got := w.newest(0); got.owner == ann.Agent {
					t.Errorf("%+v was built", got)
				}
			})
		})
	}
}

func TestObjectsStayInTheRegion(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		huge := ann.builds(message.Vector3{X: math.MaxFloat32, Y: -math.MaxFloat32, Z: 30})
		huge.ObjectData.Rotation = message.Quaternion{X: math.MaxFloat32}
		ann.sendReliable(huge)
		w.pass(time.Second)
		got := w.newest(0)
		check(t, got.owner == ann.Agent && got.pos == message.Vector3{X: regionSize, Z: 30 + hover}, "built at %v", got.pos)
		check(t, got.rotation == message.Quaternion{X: 1}, "turned by %v", got.rotation)
		ann.sendReliable(ann.derezzes(got.localID, derezTake))
		taken := expect[*message.UpdateCreateInventoryItem](ann).InventoryData[0]
		check(t, taken.InvType == kindObject, "took %+v", taken)

		rez := &message.RezObject{}
		rez.AgentData.AgentID, rez.AgentData.SessionID = ann.Agent, ann.Session
		rez.InventoryData.ItemID = taken.ItemID
		for _, x := range []float32{float32(math.NaN()), math.MaxFloat32} {
			rez.RezData.RayEnd = message.Vector3{X: x, Y: 100, Z: 30}
			ann.sendReliable(rez)
		}
		w.pass(time.Second)
		again := w.newest(0)
		check(t, again.localID == got.localID+1 && again.pos.X == regionSize, "rezzed %d at %v", again.localID, again.pos)
	})
}

// Objects in inventories are the grid's own writing: a client can't bring its.
func TestNobodyUploadsObjects(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		up := &message.AssetUploadRequest{}
		up.AssetBlock.TransactionID, up.AssetBlock.Type, up.AssetBlock.AssetData = uuid.New(), kindObject, []byte(`[{"Name":"x"}]`)
		ann.sendReliable(up)
		text := asset{kind: kindNotecard, data: up.AssetBlock.AssetData}
		id, err := w.grid.assets.put(text)
		if err != nil {
			t.Fatal(err)
		}
		it := w.grid.inventories.put(ann.Agent, newItem(ann.Agent, kindObject, "no object", id))
		rez := &message.RezObject{}
		rez.AgentData.AgentID, rez.AgentData.SessionID, rez.InventoryData.ItemID = ann.Agent, ann.Session, it.id
		ann.sendReliable(rez)
		w.pass(time.Second)
		check(t, w.newest(0).owner == uuid.Nil, "an object that a client wrote stands in the region")
		check(t, len(of[*message.AssetUploadComplete](ann.listen())) == 0, "an object was uploaded")
	})
}
