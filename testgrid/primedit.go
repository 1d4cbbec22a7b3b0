package testgrid

import (
	"encoding/binary"
	"math"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// edit runs change for the prim that a client names, if it may change it.
func (g *Grid) edit(ev *circuit.Event, agent, session uuid.UUID, localID uint32, change func(r *region, p *prim)) {
	c := present(ev, agent, session)
	if c == nil {
		return
	}
	if p := c.editable(ev.Now, localID); p != nil {
		change(c.region, p)
	}
}

func (g *Grid) onObjectName(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectName)
	for _, d := range m.ObjectData {
		g.edit(ev, m.AgentData.AgentID, m.AgentData.SessionID, d.LocalID, func(_ *region, p *prim) {
			p.name = clip(d.Name, longestItemName)
		})
	}
}

func (g *Grid) onObjectDescription(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectDescription)
	for _, d := range m.ObjectData {
		g.edit(ev, m.AgentData.AgentID, m.AgentData.SessionID, d.LocalID, func(_ *region, p *prim) {
			p.description = clip(d.Description, longestDescription)
		})
	}
}

// What MultipleObjectUpdate's Data holds by its Type, in this order, three F32
// each.
const (
	changePosition = 0x1
	changeRotation = 0x2
	changeScale    = 0x4
	changeLinkset  = 0x8
)

// onMultipleObjectUpdate moves, turns and resizes. Who may not modify an object
// may still move it.
func (g *Grid) onMultipleObjectUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.MultipleObjectUpdate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		p := c.known(ev.Now, d.ObjectLocalID)
		if p == nil {
			continue
		}
		if d.Type&changeLinkset != 0 {
			p = p.root
		}
		vectors, ok := readVectors(d.Data, d.Type)
		if may := p.permits(c); ok && may&permMove != 0 && (d.Type&changeScale == 0 || may&permModify != 0) {
			c.region.reshape(p, d.Type, vectors)
		}
	}
}

// readVectors reads as many as the type's bits name.
func readVectors(b []byte, kind uint8) (list []message.Vector3, ok bool) {
	for bit := uint8(changePosition); bit <= changeScale; bit <<= 1 {
		if kind&bit == 0 {
			continue
		}
		if len(b) < 12 {
			return nil, false
		}
		f := func(at int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[at:])) }
		v := message.Vector3{X: f(0), Y: f(4), Z: f(8)}
		if !finiteVector(v) {
			return nil, false
		}
		list, b = append(list, v), b[12:]
	}
	return list, true
}

func (r *region) reshape(p *prim, kind uint8, v []message.Vector3) {
	if kind&changePosition != 0 {
		low := message.Vector3{}
		if p.root != p { // counted from the root
			low = message.Vector3{X: -regionSize, Y: -regionSize, Z: -ceiling}
		}
		p.pos, v = confine(v[0], low), v[1:]
	}
	if kind&changeRotation != 0 {
		p.rotation, v = normal(message.Quaternion(v[0])), v[1:]
	}
	if kind&changeScale != 0 {
		p.scale = clampSize(v[0])
		r.looks(p)
		return
	}
	r.moved(p)
}

// confine puts a place between low and the region's far corner.
func confine(at, low message.Vector3) message.Vector3 {
	return message.Vector3{X: clamp(at.X, low.X, regionSize), Y: clamp(at.Y, low.Y, regionSize), Z: clamp(at.Z, low.Z, ceiling)}
}

// normal is a client's rotation with length 1.
func normal(q message.Quaternion) message.Quaternion {
	return message.NewQuaternion(q.X, q.Y, q.Z, q.W())
}

func (g *Grid) onObjectShape(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectShape)
	for _, d := range m.ObjectData {
		g.edit(ev, m.AgentData.AgentID, m.AgentData.SessionID, d.ObjectLocalID, func(r *region, p *prim) {
			p.shape = shape{
				d.PathCurve, d.ProfileCurve, d.PathBegin, d.PathEnd, d.PathScaleX, d.PathScaleY, d.PathShearX, d.PathShearY,
				d.PathTwist, d.PathTwistBegin, d.PathRadiusOffset, d.PathTaperX, d.PathTaperY, d.PathRevolutions, d.PathSkew,
				d.ProfileBegin, d.ProfileEnd, d.ProfileHollow,
			}
			r.looks(p)
		})
	}
}

// onObjectImage changes textures; entries that a datagram with others couldn't
// carry are left alone.
func (g *Grid) onObjectImage(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectImage)
	for _, d := range m.ObjectData {
		if len(d.TextureEntry) < len(uuid.UUID{}) || len(d.TextureEntry) > longestTexture {
			continue
		}
		g.edit(ev, m.AgentData.AgentID, m.AgentData.SessionID, d.ObjectLocalID, func(r *region, p *prim) {
			p.texture = append([]byte(nil), d.TextureEntry...)
			r.looks(p)
		})
	}
}

func (g *Grid) onObjectFlags(ev *circuit.Event) {
	d := ev.Message.(*message.ObjectFlagUpdate).AgentData
	g.edit(ev, d.AgentID, d.SessionID, d.ObjectLocalID, func(r *region, p *prim) {
		p.root.physical, p.root.temporary, p.root.phantom = d.UsePhysics, d.IsTemporary, d.IsPhantom
		r.looks(p.root)
	})
}

// onObjectGroup sets the group of a linkset, to one that the owner belongs to or
// to none.
func (g *Grid) onObjectGroup(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectGroup)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	id := m.AgentData.GroupID
	if c == nil || id != uuid.Nil && !g.inGroup(c.session.agentID, id) {
		return
	}
	for _, d := range m.ObjectData {
		p := c.known(ev.Now, d.ObjectLocalID)
		if p == nil || p.root.owner != c.session.agentID {
			continue
		}
		for _, part := range p.root.all() {
			part.group = id
		}
		c.region.looksAll(p.root)
	}
}

// onObjectPermissions is the owner's alone.
func (g *Grid) onObjectPermissions(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectPermissions)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		p := c.known(ev.Now, d.ObjectLocalID)
		if p == nil || p.root.owner != c.session.agentID {
			continue
		}
		for _, part := range p.root.all() {
			part.perms.change(d.Field, d.Set != 0, d.Mask)
		}
		c.region.looksAll(p.root)
	}
}
