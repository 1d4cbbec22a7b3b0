package testgrid

import (
	"bytes"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// looks are what a client has said that its avatar looks like: it takes them
// along from region to region. Nobody changes them once they are set.
type looks struct {
	textures []byte
	shape    []message.AvatarAppearanceVisualParam
	baked    map[uint8]bakedTexture // by face
	outfit   int32                  // the version of the current outfit that the grid baked; 0: a viewer did
}

// bakedTexture is a texture, and what it was made of.
type bakedTexture struct{ madeOf, texture uuid.UUID }

const (
	mostFaces     = 64
	mostWearables = 64
	bodyParts     = 4 // types 0 to 3: shape, skin, hair, eyes
)

func (g *Grid) dispatchAppearance(d *circuit.Dispatch) {
	d.On(message.IDAgentWearablesRequest, g.onWearablesRequest)
	d.On(message.IDAgentIsNowWearing, g.onNowWearing)
	d.On(message.IDAgentCachedTexture, g.onCachedTexture)
	d.On(message.IDAgentSetAppearance, g.onSetAppearance)
}

// wears is what a resident wears: body parts from the beginning.
func (r *record) wears(owner uuid.UUID) []message.AgentIsNowWearingWearableData {
	if r.worn == nil {
		for kind := range uint8(bodyParts) {
			r.worn = append(r.worn, message.AgentIsNowWearingWearableData{
				ItemID: derivedID(owner, "worn"+string('0'+rune(kind))), WearableType: kind,
			})
		}
	}
	return r.worn
}

func (g *Grid) onWearablesRequest(ev *circuit.Event) {
	m := &ev.Message.(*message.AgentWearablesRequest).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	reply := &message.AgentWearablesUpdate{}
	reply.AgentData.AgentID, reply.AgentData.SessionID = m.AgentID, m.SessionID
	g.records.with(m.AgentID, func(r *record) {
		for _, w := range r.wears(m.AgentID) {
			reply.WearableData = append(reply.WearableData, message.AgentWearablesUpdateWearableData{
				ItemID: w.ItemID, WearableType: w.WearableType, AssetID: derivedID(w.ItemID, "asset"),
			})
		}
	})
	c.tell(ev.Now, reply)
}

// onNowWearing takes over what is worn; body parts stay until others come.
func (g *Grid) onNowWearing(ev *circuit.Event) {
	m := ev.Message.(*message.AgentIsNowWearing)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || len(m.WearableData) > mostWearables {
		return
	}
	g.records.with(c.session.agentID, func(r *record) {
		var body [bodyParts]bool
		var worn []message.AgentIsNowWearingWearableData
		for _, w := range m.WearableData {
			if w.ItemID == uuid.Nil {
				continue
			}
			worn = append(worn, w)
			if w.WearableType < bodyParts {
				body[w.WearableType] = true
			}
		}
		for _, w := range r.wears(c.session.agentID) {
			if w.WearableType < bodyParts && !body[w.WearableType] {
				worn = append(worn, w)
			}
		}
		r.worn = worn
	})
}

// onCachedTexture tells which textures of those that the client has set are
// made of the same as those that it asks for.
func (g *Grid) onCachedTexture(ev *circuit.Event) {
	m := ev.Message.(*message.AgentCachedTexture)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	reply := &message.AgentCachedTextureResponse{}
	reply.AgentData.AgentID, reply.AgentData.SessionID = m.AgentData.AgentID, m.AgentData.SessionID
	reply.AgentData.SerialNum = m.AgentData.SerialNum
	for _, asked := range m.WearableData {
		found := uuid.Nil
		if l := c.session.stay.looks.Load(); l != nil && asked.ID != uuid.Nil {
			if b := l.baked[asked.TextureIndex]; b.madeOf == asked.ID {
				found = b.texture
			}
		}
		reply.WearableData = append(reply.WearableData, message.AgentCachedTextureResponseWearableData{
			TextureID: found, TextureIndex: asked.TextureIndex,
		})
	}
	c.tell(ev.Now, reply)
}

// onSetAppearance takes over what an avatar looks like, and shows it to who
// sees it. Textures that the grid hasn't are taken out, as OpenSim does.
func (g *Grid) onSetAppearance(ev *circuit.Event) {
	m := ev.Message.(*message.AgentSetAppearance)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	faces, ok := entryFaces(m.ObjectData.TextureEntry)
	if !ok {
		return
	}
	l := &looks{textures: avatarTextures, baked: map[uint8]bakedTexture{}}
	for _, id := range faces {
		if _, have := g.assets.get(id); !have && id != avatarTexture {
			faces = nil
			break
		}
	}
	if faces != nil {
		l.textures = bytes.Clone(m.ObjectData.TextureEntry)
		for _, w := range m.WearableData {
			if id, baked := faces[w.TextureIndex]; baked {
				l.baked[w.TextureIndex] = bakedTexture{w.CacheID, id}
			}
		}
	}
	for _, p := range m.VisualParam {
		l.shape = append(l.shape, message.AvatarAppearanceVisualParam(p))
	}
	c.session.stay.looks.Store(l)
	c.region.showLooks(ev.Now, c)
}

// entryFaces reads which faces of a texture entry have textures of their own.
// After the default texture come pairs: faces as bits, seven a byte, and a
// texture; then a 0.
func entryFaces(entry []byte) (faces map[uint8]uuid.UUID, ok bool) {
	const idSize = 16
	if len(entry) < idSize+1 {
		return nil, false
	}
	faces = map[uint8]uuid.UUID{}
	rest := entry[idSize:]
	for {
		var bits uint64
		n := 0
		for ; n < len(rest) && n < 10; n++ {
			bits = bits<<7 | uint64(rest[n]&0x7F)
			if rest[n]&0x80 == 0 {
				break
			}
		}
		if n == len(rest) || n == 10 {
			return nil, false
		}
		rest = rest[n+1:]
		if bits == 0 {
			return faces, true
		}
		if len(rest) < idSize {
			return nil, false
		}
		for face := range uint8(mostFaces) {
			if bits&(1<<face) != 0 {
				faces[face] = uuid.UUID(rest[:idSize])
			}
		}
		rest = rest[idSize:]
	}
}

// showLooks sends an avatar's looks to the others who see it.
func (r *region) showLooks(now circuit.Instant, c *client) {
	for _, other := range r.avatars {
		if other == nil || other == c {
			continue
		}
		for _, k := range other.view.known {
			if k.slot == c.slot && k.localID == c.localID {
				other.tell(now, r.appearance(c))
				break
			}
		}
	}
}

// serveUploadBaked takes a baked texture, which is no item of an inventory.
func (g *Grid) serveUploadBaked(_ *session, w http.ResponseWriter, _ *http.Request) {
	g.offerUpload(w, func(data []byte) map[string]any {
		id, err := g.assets.put(asset{kind: kindTexture, data: data})
		if err != nil {
			return refused(err.Error(), uuid.Nil)
		}
		return map[string]any{"state": "complete", "new_asset": id.String(), "new_inventory_item": uuid.Nil}
	})
}
