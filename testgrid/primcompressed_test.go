package testgrid

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// forms counts by which messages prims came.
func forms(all []message.Message) (full, compressed, probes int) {
	for _, m := range all {
		switch m := m.(type) {
		case *message.ObjectUpdate:
			for _, o := range m.ObjectData {
				if o.PCode == primCode {
					full++
				}
			}
		case *message.ObjectUpdateCompressed:
			compressed += len(m.ObjectData)
		case *message.ObjectUpdateCached:
			probes += len(m.ObjectData)
		}
	}
	return full, compressed, probes
}

// visits brings somebody into the region who says what it has in its cache,
// and gives what came then.
func (w *world) visits(first string, flags uint32) (*viewer, []message.Message) {
	w.t.Helper()
	v := w.viewer(w.login(first, at(100, 100, 0)))
	v.arrive()
	w.seed(v.loggedIn)
	reply := v.handshakeReply().(*message.RegionHandshakeReply)
	reply.RegionInfo.Flags = flags
	v.sendReliable(reply)
	w.pass(time.Second)
	return v, v.listen()
}

func TestWhatStaysAsItIsComesCompressed(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		arrives := func(first string, want [3]int) {
			t.Helper()
			v, all := w.visits(first, cacheEmpty)
			full, compressed, probes := forms(all)
			check(t, [3]int{full, compressed, probes} == want, "%s heard of %d prims in full, %d compressed, %d by name; want %v", first, full, compressed, probes, want)
			v.sendReliable(v.logsOut())
			w.pass(time.Second)
		}
		arrives("Ann", [3]int{0, furnitureCount, 0})
		w.on(0, func(r *region) {
			list := r.prims.list
			r.moved(list[0])
			list[1].physical, list[2].temporary, list[3].selected = true, true, true
		})
		arrives("Bob", [3]int{4, furnitureCount - 4, 0})
		w.pass(cacheAfter)
		arrives("Cid", [3]int{3, furnitureCount - 3, 0})
	})
}

// Who has a cache is told names, and asks for what it hasn't got: across a
// border, too.
func TestWhoHasACacheIsAsked(t *testing.T) {
	inWorld(t, four, func(w *world) {
		v, all := w.visits("Ann", 0)
		full, compressed, probes := forms(all)
		check(t, full == 0 && compressed == 0 && probes == furnitureCount, "%d in full, %d compressed, %d by name", full, compressed, probes)
		cached := of[*message.ObjectUpdateCached](all)
		check(t, len(cached) == 1, "names came in %d messages", len(cached))
		ask := &message.RequestMultipleObjects{}
		ask.AgentData.AgentID, ask.AgentData.SessionID = v.Agent, v.Session
		for _, d := range cached[0].ObjectData {
			check(t, d.CRC != 0, "prim %d has no checksum", d.ID)
			ask.ObjectData = append(ask.ObjectData, message.RequestMultipleObjectsObjectData{ID: d.ID})
		}
		v.sendReliable(ask)
		full, compressed, probes = forms(v.listen())
		check(t, full == 0 && compressed == furnitureCount && probes == 0, "asked for: %d in full, %d compressed, %d by name", full, compressed, probes)

		child := v.looksInto(2)
		w.pass(time.Second)
		child.forget()
		var there uint32
		w.on(1, func(r *region) { there = r.prims.list[0].localID })
		ask.ObjectData = []message.RequestMultipleObjectsObjectData{{ID: there}}
		child.sendReliable(ask)
		_, compressed, _ = forms(child.listen())
		check(t, compressed == 1, "across the border %d came", compressed)
	})
}

// The bytes as a viewer reads them, by hand.
func TestCompressedForm(t *testing.T) {
	root := &prim{localID: 6}
	p := &prim{
		id: uuid.MustParse("11111111-2222-3333-4444-555555555555"), localID: 7, root: root, fullAt: 4, movedAt: 0x0201,
		pcode: primCode, state: 1, material: wood, click: 2,
		scale: message.Vector3{X: 1, Y: 1, Z: 1}, pos: message.Vector3{X: 128, Y: 64, Z: 25.5}, rotation: message.Quaternion{Z: 1},
		shape: shape{
			PathCurve: 16, PathBegin: 0x0102, PathEnd: 0x0304, PathScaleX: 5, PathScaleY: 6, PathShearX: 7, PathShearY: 8, PathTwist: -1,
			PathTwistBegin: -2, PathRadiusOffset: -3, PathTaperX: -4, PathTaperY: -5, PathRevolutions: 9, PathSkew: -6,
			ProfileCurve: 1, ProfileBegin: 0x0506, ProfileEnd: 0x0708, ProfileHollow: 0x090a,
		},
		texture: []byte{0xaa, 0xbb},
	}
	want := "11111111222233334444555555555555" + "07000000" + "09" + "01" + "02020000" + "03" + "02" +
		"0000803f0000803f0000803f" + "000000430000804200" + "00cc41" + "00000000000000000000803f" +
		"20000000" + "00000000000000000000000000000000" + "06000000" + "00" +
		"10" + "0201" + "0403" + "05060708" + "fffefdfcfb" + "09" + "fa" + "01" + "0605" + "0807" + "0a09" +
		"02000000" + "aabb"
	if got := hex.EncodeToString(p.appendCompressed(nil)); got != want {
		t.Errorf("is\n%s, want\n%s", got, want)
	}
}

func TestCompressedPlant(t *testing.T) {
	p := &prim{id: uuid.UUID{0x11}, localID: 7, pcode: treeCode, state: 3, scale: message.Vector3{X: 1, Y: 1, Z: 1}, shape: boxShape, texture: plywoodTextures}
	p.root = p
	p.grow()
	zeros := func(n int) string { return strings.Repeat("00", n) }
	want := "11" + zeros(15) + "07000000" + "ff" + "03" + "01000000" + "00" + "00" + "000000410000004100000041" + zeros(24) +
		"02000000" + zeros(16) + "03" + zeros(1+23+4)
	if got := hex.EncodeToString(p.appendCompressed(nil)); got != want {
		t.Errorf("is\n%s, want\n%s", got, want)
	}
}

// However long their textures are, prims fit a datagram.
func TestCompressedPrimsFitADatagram(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.on(0, func(r *region) {
			long := make([]byte, longestTexture)
			for i := range 20 {
				p := &prim{pcode: primCode, scale: furnitureSize, shape: boxShape, texture: long[:longestTexture-i*10]}
				r.addPrim(p)
			}
		})
		w.pass(cacheAfter)
		_, all := w.visits("Ann", cacheEmpty)
		_, compressed, _ := forms(all)
		check(t, compressed == furnitureCount+20, "%d prims came", compressed)
		for _, m := range of[*message.ObjectUpdateCompressed](all) {
			var scratch []byte
			packet, err := message.AppendPacket(nil, message.FlagReliable, 1, m, &scratch)
			check(t, err == nil && len(packet) <= 1200, "%d prims take %d bytes, %v", len(m.ObjectData), len(packet), err)
			check(t, len(m.ObjectData) > 1, "a packet has %d prims", len(m.ObjectData))
		}
	})
}
