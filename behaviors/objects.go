package behaviors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// tidyTime bounds what a behaviour does to leave no trace, when its own time
// may be over.
const tidyTime = 5 * time.Second

// spot is where to build: some metres from the agent, in a direction of
// chance.
func (c *Cast) spot(ctx context.Context, a *agent.Agent) (message.Vector3, error) {
	s, err := see(ctx, a, "its own avatar", func(s agent.State) bool { return s.Avatars > 0 })
	if err != nil {
		return message.Vector3{}, err
	}
	const away = 2.5 // metres
	sin, cos := math.Sincos(2 * math.Pi * c.Rand.Float64())
	p := s.Position
	inside := func(v float32, size uint32) float32 { return min(max(v, 1), float32(size)-1) }
	return message.Vector3{
		X: inside(p.X+float32(away*cos), s.Region.SizeX), Y: inside(p.Y+float32(away*sin), s.Region.SizeY), Z: p.Z,
	}, nil
}

// track has an agent track objects until stop is called.
func (c *Cast) track(ctx context.Context, a *agent.Agent) (stop func(), err error) {
	err = c.Step("track objects", func() error {
		stop, err = a.Objects().Track(ctx)
		return err
	})
	return stop, err
}

// create makes an object, as a step.
func (c *Cast) create(ctx context.Context, a *agent.Agent, what string, n agent.NewObject) (b agent.Object, err error) {
	err = c.Step("create "+what, func() error {
		if n.Position, err = c.spot(ctx, a); err != nil {
			return err
		}
		if b, err = a.Objects().Create(ctx, n); err != nil {
			return err
		}
		c.Note("%s is %v (%d) at %.2f, %.2f, %.2f", what, b.ID, b.LocalID, b.Position.X, b.Position.Y, b.Position.Z)
		return nil
	})
	return b, err
}

// workshop makes a box, has work done on it while the agent tracks objects,
// and throws it away again, also when the work failed.
func (c *Cast) workshop(ctx context.Context, work func(o agent.Objects, box agent.Object) error) error {
	a := c.Player()
	stop, err := c.track(ctx, a)
	if err != nil {
		return err
	}
	defer stop()
	box, err := c.create(ctx, a, "a box", agent.NewObject{})
	if err != nil {
		return err
	}
	err = work(a.Objects(), box)
	return errors.Join(err, c.discard(ctx, a, box))
}

// discard throws objects away and waits until the agent sees them no more,
// whatever ctx says.
func (c *Cast) discard(ctx context.Context, a *agent.Agent, list ...agent.Object) error {
	ctx, cancel := tidy(ctx)
	defer cancel()
	return c.Step(fmt.Sprintf("delete %d object(s)", len(list)), func() error {
		for _, b := range list {
			killed := agent.Expect(a, func(e agent.ObjectKilled) bool { return e.ID == b.ID })
			if err := a.Objects().Delete(ctx, b.LocalID); err != nil {
				killed.Cancel()
				return err
			}
			if _, err := killed.Wait(ctx, "the end of an object (KillObject)"); err != nil {
				return err
			}
		}
		return nil
	})
}

// becomes waits until the agent sees an object the way that ok wants it.
func becomes(ctx context.Context, o agent.Objects, b agent.Object, what string, ok func(b *agent.Object) bool) error {
	_, err := o.Find(ctx, what, func(seen *agent.Object) bool { return seen.ID == b.ID && ok(seen) })
	return err
}
