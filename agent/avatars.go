package agent

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// AvatarArrived is somebody else's avatar that has come into view: the
// simulator has told of its object (ObjectUpdate). Who is there before the
// agent comes arrives with the scene; Avatars tells who had by then.
type AvatarArrived struct {
	At       circuit.Instant
	Region   RegionInfo // the agent's own, or a neighbour
	ID       uuid.UUID
	Name     string // "" where the simulator didn't say
	LocalID  uint32
	Position message.Vector3 // metres: from the region's south-west corner, or from the seat
}

// AvatarLeft is somebody else's avatar that is in view no more: it has left
// the region, is too far away now (KillObject), or the agent has lost the
// region out of sight.
type AvatarLeft struct {
	At      circuit.Instant
	Region  RegionInfo
	ID      uuid.UUID
	LocalID uint32
}

// avatar is one in view, the agent's own included.
type avatar struct {
	localID uint32
	id      uuid.UUID
}

// Avatars gives whose avatars are in view in the agent's region, its own left
// out.
func (a *Agent) Avatars(ctx context.Context) ([]uuid.UUID, error) {
	return ask(ctx, a, func(circuit.Instant) ([]uuid.UUID, error) {
		var list []uuid.UUID
		for _, v := range a.root.scene.avatars {
			if v.id != a.ID {
				list = append(list, v.id)
			}
		}
		return list, nil
	})
}

// avatar finds one by its local id; newer ones have higher ids mostly.
func (s *scene) avatar(localID uint32) (at int, there bool) {
	low, high := 0, len(s.avatars)
	if high > 0 && s.avatars[high-1].localID < localID {
		return high, false
	}
	for low < high {
		if mid := (low + high) / 2; s.avatars[mid].localID < localID {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(s.avatars) && s.avatars[low].localID == localID
}

// arrived tells subscribers of an avatar that is new in the scene.
func (r *region) arrived(at circuit.Instant, o *Object) {
	if o.ID != r.agent.ID {
		emit(r.agent, AvatarArrived{At: at, Region: r.info, ID: o.ID, Name: o.AvatarName(), LocalID: o.LocalID, Position: o.Position})
	}
}

// left tells subscribers of one that was in the scene.
func (r *region) left(at circuit.Instant, v avatar) {
	if v.id != r.agent.ID {
		emit(r.agent, AvatarLeft{At: at, Region: r.info, ID: v.id, LocalID: v.localID})
	}
}

// lookAway is the end of a region's scene, whose avatars are out of sight.
func (r *region) lookAway(now circuit.Instant) {
	if !r.agent.over {
		for _, v := range r.scene.avatars {
			r.left(now, v)
		}
	}
	r.scene = scene{}
}

// AvatarName is whose avatar an object is; "" for an object that is none, and
// where the simulator didn't say. Name-value pairs are lines of a name, a
// type, two words on its use and the value.
func (o *Object) AvatarName() string {
	var names [2]string
	for line := range strings.Lines(o.NameValue) {
		for i, word := range [...]string{"FirstName", "LastName"} {
			if f := strings.Fields(line); len(f) == 5 && f[0] == word {
				names[i] = f[4]
			}
		}
	}
	return strings.TrimSpace(names[0] + " " + names[1])
}

// CoarseLocations is roughly where a region's avatars are, seen or not: what a
// viewer's small map shows.
type CoarseLocations struct {
	At      circuit.Instant
	Region  uint64 // handle: x metres << 32 | y metres
	Avatars []CoarseLocation
}

// CoarseLocation is an avatar's place: whole metres, and 4 m steps of height.
type CoarseLocation struct {
	ID       uuid.UUID
	Position message.Vector3
}

// OnCoarseLocations calls on, on the loop, for each list of its region's
// avatars that the agent gets, its own among them: every few seconds. On must
// not block.
func (a *Agent) OnCoarseLocations(on func(CoarseLocations)) (cancel func()) {
	return a.OnMessage(message.IDCoarseLocationUpdate, func(e MessageReceived) {
		m, ok := e.Message.(*message.CoarseLocationUpdate)
		if !ok {
			return
		}
		l := CoarseLocations{At: e.At, Region: e.Region}
		for i, d := range m.AgentData[:min(len(m.AgentData), len(m.Location))] {
			p := m.Location[i]
			l.Avatars = append(l.Avatars, CoarseLocation{d.AgentID, message.Vector3{X: float32(p.X), Y: float32(p.Y), Z: 4 * float32(p.Z)}})
		}
		on(l)
	})
}
