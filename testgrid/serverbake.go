package testgrid

import (
	"encoding/binary"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// A grid with Config.ServerBake bakes avatars itself, as Second Life does: a
// viewer says which version of its current outfit folder it means, and the
// region shows what came of it to everybody, the viewer too.

const (
	kindOutfit = 46 // a folder type only

	// bakingProtocol is RegionHandshake's RegionProtocols of a region that bakes.
	bakingProtocol = 1

	// bakedVersion is AvatarAppearance's AppearanceVersion of what a grid baked;
	// what a viewer baked has 0, or none.
	bakedVersion = 1
)

// bodyBakes are the faces of an avatar whose textures are baked: head, upper and
// lower body, eyes, hair.
var bodyBakes = []uint8{8, 9, 10, 11, 20}

// serveBake answers UpdateAvatarAppearance: cof_version is the outfit that the
// viewer means. One that isn't the grid's is refused, with the grid's as
// "expected".
func (g *Grid) serveBake(s *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Version *int32 `llsd:"cof_version"`
	}
	if !readLLSD(w, r, preferencesLimit, &asked) {
		return
	}
	outfit, _, items, _ := g.inventories.contents(s.agentID, g.inventories.folderFor(s.agentID, kindOutfit))
	switch {
	case asked.Version == nil:
		writeLLSD(w, llsd.ContentTypeXML, map[string]any{"success": false, "error": "No cof_version was given."})
	case *asked.Version != outfit.version:
		writeLLSD(w, llsd.ContentTypeXML, map[string]any{
			"success": false, "error": "Cof version mismatch", "expected": outfit.version,
		})
	default:
		l, err := g.bake(s.agentID, outfit.version, items)
		if err == nil {
			s.stay.looks.Store(l)
			err = s.entry.region.loop.Post(r.Context(), func(now circuit.Instant) { s.entry.region.showBaked(now, s) })
		}
		if err != nil {
			writeLLSD(w, llsd.ContentTypeXML, map[string]any{"success": false, "error": err.Error()})
			return
		}
		writeLLSD(w, llsd.ContentTypeXML, map[string]any{"success": true})
	}
}

// bake makes textures of an outfit, the same of the same.
func (g *Grid) bake(of uuid.UUID, version int32, items []item) (*looks, error) {
	var worn []byte
	for _, it := range items {
		if it.kind == kindLink {
			worn = append(worn, it.asset[:]...)
		}
	}
	l := &looks{shape: avatarShape, baked: map[uint8]bakedTexture{}, outfit: version}
	for _, face := range bodyBakes {
		madeOf := derivedID(of, fmt.Sprintf("bake %d of %x", face, worn))
		id, err := g.assets.put(asset{id: madeOf, kind: kindTexture, data: paint(madeOf.String())})
		if err != nil {
			return nil, fmt.Errorf("bake an outfit: %w", err)
		}
		l.baked[face] = bakedTexture{madeOf, id}
	}
	l.textures = bakedTextures(l.baked)
	return l, nil
}

// bakedTextures is a texture entry: the default texture, then each face of its
// own as bits, seven a byte, with its texture; the rest as in textureEntry.
func bakedTextures(baked map[uint8]bakedTexture) []byte {
	b := slices.Clone(avatarTexture[:])
	for _, face := range slices.Sorted(maps.Keys(baked)) {
		bits := binary.AppendUvarint(nil, 1<<face) // the lowest seven first; the entry has them last
		for i, v := range slices.Backward(bits) {
			v &= 0x7F
			if i > 0 {
				v |= 0x80
			}
			b = append(b, v)
		}
		id := baked[face].texture
		b = append(b, id[:]...)
	}
	return append(b, avatarTextures[len(uuid.UUID{}):]...)
}

// showBaked shows an avatar as the grid has baked it to all who see it, itself
// included.
func (r *region) showBaked(now circuit.Instant, s *session) {
	c := r.clients[s.agentID]
	if c == nil || c.session != s || !c.arrived {
		return
	}
	c.tell(now, r.appearance(c))
	r.showLooks(now, c)
}

// baking is AvatarAppearance's block that tells of an outfit's version.
func baking(version int32) []message.AvatarAppearanceAppearanceData {
	return []message.AvatarAppearanceAppearanceData{{AppearanceVersion: bakedVersion, CofVersion: version}}
}
