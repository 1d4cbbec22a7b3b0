package agent

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// maxObjects bounds what is kept of one region's scene: no simulator has more
// objects, and one that invents some must not eat the swarm's memory.
const maxObjects = 1 << 16

// maxAvatars bounds how many of them are avatars, of which more is kept.
const maxAvatars = 1 << 12

// pcodeAvatar is the PCode of avatars; all others are objects.
const pcodeAvatar = 47

// scene is what the agent sees: which objects there are by their local ids,
// and where it is itself.
type scene struct {
	self     uint32 // the agent's own local id; 0: not seen yet
	seat     uint32 // local id of what it sits on; 0: none
	position message.Vector3
	objects  idSet    // avatars included
	avatars  []avatar // by local id, the agent's own included
}

// see takes an object into the scene, and tells whether it is an avatar that
// wasn't there.
func (s *scene) see(id uint32, pcode uint8, whose uuid.UUID) (arrived bool) {
	if s.objects.n >= maxObjects || !s.objects.add(id) || pcode != pcodeAvatar {
		return false
	}
	at, there := s.avatar(id)
	if there || len(s.avatars) >= maxAvatars {
		return false
	}
	s.avatars = slices.Insert(s.avatars, at, avatar{id, whose})
	return true
}

// kill takes an object out of the scene, and gives the avatar that it was.
func (s *scene) kill(id uint32) (was avatar, there bool) {
	s.objects.remove(id)
	at, there := s.avatar(id)
	if there {
		was = s.avatars[at]
		s.avatars = append(s.avatars[:at], s.avatars[at+1:]...)
	}
	if id == s.self { // the number may be given to another object
		s.self, s.seat = 0, 0
	}
	return was, there
}

// moveTo takes the agent's position from the simulator, if it is one.
func (s *scene) moveTo(p message.Vector3) {
	if finite(p.X) && finite(p.Y) && finite(p.Z) {
		s.position = p
	}
}

func (r *region) objectUpdate(ev *circuit.Event, m *message.ObjectUpdate) {
	for i := range m.ObjectData {
		o := &m.ObjectData[i]
		if r.scene.see(o.ID, o.PCode, o.FullID) && listens[AvatarArrived](r.agent) {
			seen := objectOf(o)
			r.arrived(ev.At, &seen)
		}
		if o.FullID == r.agent.ID {
			r.scene.self, r.scene.seat = o.ID, o.ParentID
			if p, ok := updatePosition(o.ObjectData); ok {
				r.scene.moveTo(p)
			}
		}
	}
}

// updatePosition reads the position out of ObjectUpdate's ObjectData: 60
// bytes that begin with it, or 76, an avatar's, which have its collision
// plane of 16 before it. The shorter forms hold quantized positions, which
// simulators don't send.
func updatePosition(b []byte) (message.Vector3, bool) {
	switch len(b) {
	case 60:
		return vector3(b), true
	case 76:
		return vector3(b[16:]), true
	}
	return message.Vector3{}, false
}

func vector3(b []byte) message.Vector3 {
	f := func(at int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[at:])) }
	return message.Vector3{X: f(0), Y: f(4), Z: f(8)}
}

// Layout of ObjectUpdateCompressed's Data: FullID (16), local id (4), PCode.
const (
	compressedID    = 16
	compressedPCode = 20
)

func (r *region) objectUpdateCompressed(ev *circuit.Event, m *message.ObjectUpdateCompressed) {
	for i := range m.ObjectData {
		b := m.ObjectData[i].Data
		if len(b) <= compressedPCode {
			continue
		}
		whose := uuid.UUID(b[:compressedID])
		if r.scene.see(binary.LittleEndian.Uint32(b[compressedID:]), b[compressedPCode], whose) && listens[AvatarArrived](r.agent) {
			seen, _ := objectOfCompressed(m.ObjectData[i].UpdateFlags, b) // of one cut short what there is
			r.arrived(ev.At, &seen)
		}
	}
}

// objectUpdateCached names objects that a viewer may have in its cache. This
// client has none, and asks for each that it hasn't seen.
func (r *region) objectUpdateCached(ev *circuit.Event, m *message.ObjectUpdateCached) {
	const perMessage = 200 // x 5 bytes: one datagram
	const missAll = 0      // CacheMissType: the whole object is wanted
	ask := message.RequestMultipleObjects{AgentData: message.RequestMultipleObjectsAgentData{
		AgentID: r.agent.ID, SessionID: r.agent.session,
	}}
	for i := range m.ObjectData {
		id := m.ObjectData[i].ID
		if !r.scene.objects.has(id) {
			ask.ObjectData = append(ask.ObjectData,
				message.RequestMultipleObjectsObjectData{CacheMissType: missAll, ID: id})
		}
		if n := len(ask.ObjectData); n == perMessage || n > 0 && i == len(m.ObjectData)-1 {
			r.tell(ev.Now, &ask)
			ask.ObjectData = ask.ObjectData[:0]
		}
	}
}

// Layout of a terse update's Data: local id (4), state, avatar flag, an
// avatar's collision plane (16), position (12), velocity and so on.
const (
	terseAvatar = 5
	tersePlane  = 16
	terseBody   = 6
	tersePos    = 12
)

func (r *region) terseUpdate(_ *circuit.Event, m *message.ImprovedTerseObjectUpdate) {
	for i := range m.ObjectData {
		b := m.ObjectData[i].Data
		if len(b) < terseBody || terseID(b) != r.scene.self || r.scene.self == 0 {
			continue
		}
		at := terseBody
		if b[terseAvatar] != 0 {
			at += tersePlane
		}
		if len(b) >= at+tersePos {
			r.scene.moveTo(vector3(b[at:]))
		}
	}
}

// terseID is the local id at the beginning of a terse update's Data.
func terseID(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

func (r *region) killObject(ev *circuit.Event, m *message.KillObject) {
	for i := range m.ObjectData {
		if was, there := r.scene.kill(m.ObjectData[i].ID); there && listens[AvatarLeft](r.agent) {
			r.left(ev.At, was)
		}
	}
}
