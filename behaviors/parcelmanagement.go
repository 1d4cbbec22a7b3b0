package behaviors

import (
	"context"
	"fmt"

	"github.com/slload/slload/agent"
)

var parcelManagement = Behavior{
	Name:    "parcel_management",
	Summary: "reads all of a region's parcels, and changes, divides and joins the one it stands on if it may",
	Agents:  1,
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		if err := c.Step("read all parcels of the region", func() error { return c.readParcels(ctx, a) }); err != nil {
			return err
		}
		var here agent.Parcel
		err := c.Step("read the parcel it stands on", func() (err error) {
			here, err = c.parcelHere(ctx, a)
			return err
		})
		if err != nil {
			return err
		}
		if here.Owner != a.ID {
			c.Note("%s doesn't own parcel %d: it changes nothing", a, here.LocalID)
			return nil
		}
		if err := c.Step("name it, and give it its name back", func() error { return c.renameParcel(ctx, a, here) }); err != nil {
			return err
		}
		return c.Step("divide it, and join it again", func() error { return c.divideAndJoin(ctx, a, here) })
	},
}

func (c *Cast) readParcels(ctx context.Context, a *agent.Agent) error {
	all, err := a.Parcels().All(ctx)
	if err != nil {
		return err
	}
	for _, p := range all {
		dwell, _, err := a.Parcels().Dwell(ctx, p.LocalID)
		if err != nil {
			return err
		}
		c.Note("parcel %d: %q, %d m², dwell %g", p.LocalID, p.Name, p.Area, dwell)
	}
	return nil
}

// parcelHere reads where the agent stands in each of the ways that there are,
// which must agree.
func (c *Cast) parcelHere(ctx context.Context, a *agent.Agent) (agent.Parcel, error) {
	var none agent.Parcel
	state, err := a.State(ctx)
	if err != nil {
		return none, err
	}
	at := state.Position
	here, err := a.Parcels().At(ctx, float64(at.X), float64(at.Y))
	if err != nil {
		return none, err
	}
	id, err := a.Parcels().ID(ctx, state.Region.ID, at)
	if err != nil {
		return none, err
	}
	info, err := a.Parcels().Info(ctx, id)
	if err != nil {
		return none, err
	}
	if info.Name != here.Name || info.Owner != here.Owner || info.Area != here.Area {
		return none, fmt.Errorf("parcel %d is %q, %d m²; its info says %q, %d m²", here.LocalID, here.Name, here.Area, info.Name, info.Area)
	}
	allowed, err := a.Parcels().Access(ctx, here.LocalID, agent.AccessAllowed)
	c.Note("%s stands on %q; %d residents are let in by name", a, here.Name, len(allowed))
	return here, err
}

func (c *Cast) renameParcel(ctx context.Context, a *agent.Agent, here agent.Parcel) error {
	other := here
	other.Name = fmt.Sprintf("slload %08x", c.Rand.Uint32())
	if _, err := a.Parcels().Update(ctx, other); err != nil {
		return err
	}
	_, err := a.Parcels().Update(ctx, here)
	return err
}

// divideAndJoin cuts a square out of the parcel's south-western corner.
func (c *Cast) divideAndJoin(ctx context.Context, a *agent.Agent, here agent.Parcel) error {
	before, err := a.Parcels().All(ctx)
	if err != nil {
		return err
	}
	piece, ok := cornerOf(&here)
	if !ok {
		c.Note("parcel %d is too small to be divided", here.LocalID)
		return nil
	}
	if err := a.Parcels().Divide(ctx, piece); err != nil {
		return err
	}
	divided, err := a.Parcels().All(ctx)
	if err != nil {
		return err
	}
	if len(divided) != len(before)+1 {
		return fmt.Errorf("%d parcels became %d", len(before), len(divided))
	}
	joined := agent.Square{West: piece.West, South: piece.South, East: piece.East + 4, North: piece.North}
	if err := a.Parcels().Join(ctx, joined); err != nil {
		return err
	}
	after, err := a.Parcels().All(ctx)
	if err == nil && len(after) != len(before) {
		err = fmt.Errorf("%d parcels became %d again", len(divided), len(after))
	}
	return err
}

// cornerOf is a square of 4 m of the parcel that has another of it in the east.
func cornerOf(p *agent.Parcel) (agent.Square, bool) {
	for y := 0.0; y < 256; y += 4 {
		for x := 0.0; x < 252; x += 4 {
			if p.Contains(x, y) && p.Contains(x+4, y) {
				return agent.Square{West: float32(x), South: float32(y), East: float32(x) + 4, North: float32(y) + 4}, true
			}
		}
	}
	return agent.Square{}, false
}
