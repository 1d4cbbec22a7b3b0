package testgrid

import (
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// dispatchPrims registers what clients do with objects.
func (g *Grid) dispatchPrims(d *circuit.Dispatch) {
	d.On(message.IDObjectAdd, g.onObjectAdd)
	d.On(message.IDObjectDuplicate, g.onObjectDuplicate)
	d.On(message.IDObjectSelect, g.onObjectSelect)
	d.On(message.IDObjectDeselect, g.onObjectDeselect)
	d.On(message.IDRequestObjectPropertiesFamily, g.onPropertiesFamily)
	d.On(message.IDRequestMultipleObjects, g.onRequestObjects)
	d.On(message.IDObjectName, g.onObjectName)
	d.On(message.IDObjectDescription, g.onObjectDescription)
	d.On(message.IDMultipleObjectUpdate, g.onMultipleObjectUpdate)
	d.On(message.IDObjectShape, g.onObjectShape)
	d.On(message.IDObjectImage, g.onObjectImage)
	d.On(message.IDObjectGroup, g.onObjectGroup)
	d.On(message.IDObjectPermissions, g.onObjectPermissions)
	d.On(message.IDObjectLink, g.onObjectLink)
	d.On(message.IDObjectDelink, g.onObjectDelink)
	d.On(message.IDObjectFlagUpdate, g.onObjectFlags)
	d.On(message.IDObjectSaleInfo, g.onObjectSaleInfo)
}

// hover is how far above the wanted place OpenSim puts a new prim: half of a
// usual one's height.
const hover = 0.25

// onObjectAdd makes a prim where the client's ray ends. Everybody may build
// everywhere.
func (g *Grid) onObjectAdd(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectAdd)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || !c.mayBuild(ev.Now, 1) {
		return
	}
	d := &m.ObjectData
	if !finiteVector(d.RayEnd) || !finiteVector(d.Scale) || !finiteVector(message.Vector3(d.Rotation)) {
		return
	}
	at := confine(d.RayEnd, message.Vector3{})
	at.Z += hover
	owner := c.session.agentID
	p := &prim{
		creator: owner, owner: owner, lastOwner: owner, group: m.AgentData.GroupID,
		perms:   permissions{base: permMaker, owner: permMaker, next: permNext},
		created: time.Now(), name: "Object",
		pcode: d.PCode, state: d.State, material: d.Material, pos: at, rotation: normal(d.Rotation), scale: clampSize(d.Scale),
		shape: shape{
			d.PathCurve, d.ProfileCurve, d.PathBegin, d.PathEnd, d.PathScaleX, d.PathScaleY, d.PathShearX, d.PathShearY,
			d.PathTwist, d.PathTwistBegin, d.PathRadiusOffset, d.PathTaperX, d.PathTaperY, d.PathRevolutions, d.PathSkew,
			d.ProfileBegin, d.ProfileEnd, d.ProfileHollow,
		},
		texture: plywoodTextures, held: d.AddFlags&flagCreateSelected != 0,
	}
	if p.plant() {
		p.grow()
	}
	c.region.addPrim(p)
}

// Codes and species of plants.
const (
	grassCode   = 95
	newTreeCode = 111
	treeCode    = 255

	cypress1, cypress2 = 7, 8
)

// plant tells whether a prim is a tree, or grass.
func (p *prim) plant() bool {
	return p.pcode == grassCode || p.pcode == newTreeCode || p.pcode == treeCode
}

// grow makes a prim a plant, as OpenSim does: one walks through it, its maker
// isn't told that it holds it, and trees are eight times as large as was asked
// for, cypresses twenty times as high.
func (p *prim) grow() {
	p.phantom, p.held, p.texture, p.shape = true, false, nil, shape{}
	if p.pcode == grassCode {
		return
	}
	high := float32(8)
	if p.state == cypress1 || p.state == cypress2 {
		high = 20
	}
	p.scale = clampSize(message.Vector3{X: 8 * p.scale.X, Y: 8 * p.scale.Y, Z: high * p.scale.Z})
}

// mayBuild tells whether there is room for n prims more, and the client where
// there isn't.
func (c *client) mayBuild(now circuit.Instant, n int) bool {
	if len(c.region.prims.list)+n <= maxPrims {
		return true
	}
	c.alert(now, "The region is full.")
	return false
}

// A prim's size each way, metres.
const (
	smallest = 0.01
	largest  = 256
)

func clampSize(v message.Vector3) message.Vector3 {
	return message.Vector3{X: clamp(v.X, smallest, largest), Y: clamp(v.Y, smallest, largest), Z: clamp(v.Z, smallest, largest)}
}

// onObjectDuplicate copies linksets for who may copy them: others than the owner
// become the copy's.
func (g *Grid) onObjectDuplicate(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectDuplicate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || !finiteVector(m.SharedData.Offset) {
		return
	}
	for _, d := range m.ObjectData {
		p := c.known(ev.Now, d.ObjectLocalID)
		if p == nil || !p.root.copyable(c) || !c.mayBuild(ev.Now, len(p.root.all())) {
			continue
		}
		twin := p.root.clone()
		twin.pos = confine(add(twin.pos, m.SharedData.Offset), message.Vector3{})
		twin.held = false // OpenSim doesn't tell the maker of a copy
		if twin.owner != c.session.agentID {
			twin.giveTo(c.session.agentID)
		}
		c.region.place(ev.Now, twin)
	}
}

// copyable tells whether a client may have a copy of a linkset.
func (p *prim) copyable(c *client) bool {
	may := p.permits(c)
	return may&permCopy != 0 && (p.owner == c.session.agentID || may&permTransfer != 0)
}

// place puts a whole linkset into the region, and its scripts begin.
func (r *region) place(now circuit.Instant, root *prim) {
	for _, p := range root.all() {
		r.addPrim(p)
	}
	for _, p := range root.all() {
		for _, it := range p.contents {
			r.startScript(now, p, it)
		}
	}
}

// clone is a linkset like p's, which stands nowhere yet.
func (p *prim) clone() *prim {
	root := p.copyAs(nil)
	for _, link := range p.links {
		root.links = append(root.links, link.copyAs(root))
	}
	return root
}

func (p *prim) copyAs(root *prim) *prim {
	twin := *p
	twin.id, twin.links, twin.contents, twin.created = uuid.Nil, nil, nil, time.Now()
	twin.selected = false
	if twin.root = root; root == nil {
		twin.root = &twin
	}
	for _, it := range p.contents {
		twin.contents = append(twin.contents, it.copy())
	}
	return &twin
}
