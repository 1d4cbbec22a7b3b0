package testgrid

import (
	"slices"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// maxLinks bounds a linkset, as OpenSim does.
const maxLinks = 256

// onObjectLink links the others to the first; all must be one owner's.
func (g *Grid) onObjectLink(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectLink)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || len(m.ObjectData) < 2 {
		return
	}
	root := c.editable(ev.Now, m.ObjectData[0].ObjectLocalID)
	if root == nil {
		return
	}
	root = root.root
	for _, d := range m.ObjectData[1:] {
		p := c.editable(ev.Now, d.ObjectLocalID)
		if p == nil || p.root == root || p.root.owner != root.owner || len(root.links)+len(p.root.links) >= maxLinks {
			continue
		}
		root.take(p.root)
	}
	c.region.looksAll(root)
}

// take links another linkset to p's. All of it stays where it is.
func (p *prim) take(other *prim) {
	parts := other.all()
	other.links, other.saleType, other.price = nil, 0, noPrice
	p.links = append(p.links, p.hang(parts)...)
}

// hang counts prims' places and rotations from p, which becomes their root, and
// gives them back.
func (p *prim) hang(parts []*prim) []*prim {
	places, turns := make([]message.Vector3, len(parts)), make([]message.Quaternion, len(parts))
	for i, q := range parts {
		places[i], turns[i] = q.place(), q.turned()
	}
	back := inverse(p.rotation)
	for i, q := range parts {
		q.root, q.perms = p, p.perms
		q.pos = rotate(subtract(places[i], p.pos), back, p.rotation.W())
		q.rotation = times(back, turns[i])
	}
	return parts
}

// turned is a prim's rotation in the region.
func (p *prim) turned() message.Quaternion {
	if p.root == p {
		return p.rotation
	}
	return times(p.root.rotation, p.rotation)
}

// onObjectDelink takes prims out of their linksets. Where the root is taken out,
// the first that is left takes its place.
func (g *Grid) onObjectDelink(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectDelink)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		p := c.editable(ev.Now, d.ObjectLocalID)
		if p == nil || len(p.root.links) == 0 {
			continue
		}
		left := p.leave()
		c.region.looks(p)
		c.region.looksAll(left)
	}
}

// leave makes p stand alone and gives the root of what is left.
func (p *prim) leave() (left *prim) {
	root := p.root
	if p != root {
		root.links = slices.DeleteFunc(root.links, func(q *prim) bool { return q == p })
		p.stand()
		return root
	}
	first, rest := p.links[0], p.links[1:]
	p.links = nil
	first.stand()
	first.links = first.hang(rest)
	return first
}

// stand makes a linked prim a root where it is.
func (p *prim) stand() { p.pos, p.rotation, p.root = p.place(), p.turned(), p }

func subtract(a, b message.Vector3) message.Vector3 { return add(a, scale(b, -1)) }

func inverse(q message.Quaternion) message.Quaternion {
	return message.Quaternion{X: -q.X, Y: -q.Y, Z: -q.Z}
}

// times is the rotation b, followed by a.
func times(a, b message.Quaternion) message.Quaternion {
	v, w := message.Vector3(a), a.W()
	u, x := message.Vector3(b), b.W()
	c := add(add(scale(u, w), scale(v, x)), cross(v, u))
	return message.NewQuaternion(c.X, c.Y, c.Z, w*x-(v.X*u.X+v.Y*u.Y+v.Z*u.Z))
}
