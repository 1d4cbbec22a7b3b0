package testgrid

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// A linkset in an inventory is an asset: the prims as JSON, the root first.
// OpenSim has XML of its own there, which clients don't look into.

type primAsset struct {
	Name, Description                string
	Creator, Owner, LastOwner, Group uuid.UUID
	Perms                            [5]uint32 // base, owner, group, everyone, next owner
	PCode, State, Material, Click    uint8
	Pos                              message.Vector3
	Rotation                         message.Quaternion
	Scale                            message.Vector3
	Shape                            shape
	Texture                          []byte
	Physical, Phantom                bool
	Contents                         []contentAsset
}

type contentAsset struct {
	Name, Description string
	Asset             uuid.UUID
	Kind, Use         int8
	Creator, Owner    uuid.UUID
	Perms             [5]uint32
	Flags             uint32
	Created           int32
	Running           bool
}

func (m permissions) five() [5]uint32 { return [5]uint32{m.base, m.owner, m.group, m.everyone, m.next} }

func fromFive(m [5]uint32) permissions { return permissions{m[0], m[1], m[2], m[3], m[4]} }

// marshal writes a linkset. JSON has no numbers that aren't finite.
func (p *prim) marshal() ([]byte, error) {
	var list []primAsset
	for _, q := range p.all() {
		a := primAsset{
			q.name, q.description, q.creator, q.owner, q.lastOwner, q.group, q.perms.five(),
			q.pcode, q.state, q.material, q.click, q.pos, q.rotation, q.scale, q.shape, q.texture, q.physical, q.phantom, nil,
		}
		for _, it := range q.contents {
			a.Contents = append(a.Contents, contentAsset{
				it.name, it.description, it.asset, it.kind, it.use, it.creator, it.owner, it.perms.five(), it.flags, it.created, it.running,
			})
		}
		list = append(list, a)
	}
	return json.Marshal(list)
}

// unmarshalPrim reads a linkset, which stands nowhere yet; nil if the asset is
// none.
func unmarshalPrim(data []byte) *prim {
	var list []primAsset
	if json.Unmarshal(data, &list) != nil || len(list) == 0 {
		return nil
	}
	var root *prim
	for _, a := range list {
		q := &prim{
			name: a.Name, description: a.Description, creator: a.Creator, owner: a.Owner, lastOwner: a.LastOwner, group: a.Group,
			perms: fromFive(a.Perms), pcode: a.PCode, state: a.State, material: a.Material, click: a.Click,
			pos: a.Pos, rotation: a.Rotation, scale: a.Scale, shape: a.Shape, texture: a.Texture, physical: a.Physical, phantom: a.Phantom,
			created: time.Now(),
		}
		for _, c := range a.Contents {
			q.contents = append(q.contents, &content{running: c.Running, item: item{
				id: uuid.New(), name: c.Name, description: c.Description, asset: c.Asset, kind: c.Kind, use: c.Use,
				creator: c.Creator, owner: c.Owner, perms: fromFive(c.Perms), flags: c.Flags, created: c.Created,
			}})
		}
		if root == nil {
			root = q
			q.root = q
			continue
		}
		q.root = root
		root.links = append(root.links, q)
	}
	return root
}
