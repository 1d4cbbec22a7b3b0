package agent

import (
	"context"
	"fmt"
	"math"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/message"
)

// OpCrossing is the operation that an agent reports which comes over a
// region's border: from CrossedRegion, the word of the region that it leaves,
// to AgentMovementComplete of the next.
const OpCrossing = "crossing"

// Direction is one of the four ways out of a region.
type Direction int

// The directions, counter-clockwise from east as yaw counts.
const (
	East Direction = iota
	North
	West
	South
)

func (d Direction) String() string {
	return [...]string{"east", "north", "west", "south"}[d&3]
}

// Yaw is the direction in radians counter-clockwise from east.
func (d Direction) Yaw() float64 { return float64(d&3) * math.Pi / 2 }

// beyond tells whether other lies on that side of r, across from (x, y) in
// metres from r's corner.
func (d Direction) beyond(r, other RegionInfo, x, y float64) bool {
	gx, gy := float64(r.X)+x, float64(r.Y)+y
	switch d & 3 {
	case East:
		gx = float64(r.X + r.SizeX)
	case North:
		gy = float64(r.Y + r.SizeY)
	case West:
		gx = float64(r.X) - 1
	case South:
		gy = float64(r.Y) - 1
	}
	return gx >= float64(other.X) && gx < float64(other.X+other.SizeX) &&
		gy >= float64(other.Y) && gy < float64(other.Y+other.SizeY)
}

// NeighbourAt is the region beyond the border in that direction, if the agent
// sees it; ok tells.
func (a *Agent) NeighbourAt(ctx context.Context, d Direction) (r RegionInfo, ok bool, err error) {
	s, err := a.State(ctx)
	if err != nil {
		return RegionInfo{}, false, err
	}
	near, err := a.Neighbours(ctx)
	for _, n := range near {
		if d.beyond(s.Region, n, float64(s.Position.X), float64(s.Position.Y)) {
			return n, true, nil
		}
	}
	return RegionInfo{}, false, err
}

// Cross walks on in that direction (or flies, if the agent does) until it
// stands in the region beyond the border, which it returns; then it stops. A
// border that is far away takes its time: OpenSim's avatars walk 2 m/s.
// Simulators let only those over whom the region beyond knows already, which
// Options.Neighbours does. The crossing that it makes reports itself.
func (a *Agent) Cross(ctx context.Context, d Direction) (RegionInfo, error) {
	changed := Expect(a, func(e RegionChanged) bool { return e.Crossed })
	defer changed.Cancel()
	if err := a.Turn(ctx, d.Yaw()); err != nil {
		return RegionInfo{}, err
	}
	if err := a.Walk(ctx); err != nil {
		return RegionInfo{}, err
	}
	e, err := changed.Wait(ctx, fmt.Sprintf("a crossing to the %s (CrossedRegion)", d))
	if stopped := a.Stop(context.WithoutCancel(ctx)); err == nil {
		err = stopped
	}
	if err != nil {
		return RegionInfo{}, err
	}
	return e.To, a.settled(ctx)
}

// crossedRegion is the word of the region that the agent leaves.
func (a *Agent) crossedRegion(now, at circuit.Instant, m *message.CrossedRegion, e *eq.Event) {
	if m.AgentData.AgentID != a.ID || m.AgentData.SessionID != a.session {
		return
	}
	d := &m.RegionData
	a.setOff(now, place(e, "RegionData", d.SimIP, d.SimPort, d.RegionHandle, d.SeedCapability), &way{sent: at, crossed: true})
}
