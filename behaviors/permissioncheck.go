package behaviors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

var permissionCheck = Behavior{
	Name:    "permission_check",
	Summary: "makes a thing, leaves the next owner some permissions, and sees what becomes of them",
	Agents:  3,
	Roles:   []string{"maker", "next owner", "third"},
	Params: []Param{
		{"kind", "object", "what is made: object, note or script"},
		{"next", "copy|modify", "what its maker leaves to the next owner, of copy, modify, transfer and move"},
		{"way", "bought", "how it goes on: see slload permissions --list"},
		{"expected", "copy|modify|move", "what must come of it: permissions, or yes or no"},
		{"patience", 1500 * time.Millisecond, "how long to wait for what must not happen"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		next, err := parseMask(c.Args.Text("next"))
		if err != nil {
			return err
		}
		way := permissionWays[c.Args.Text("kind")][c.Args.Text("way")]
		if way == nil {
			return fmt.Errorf("there is no way %q for a thing of kind %q", c.Args.Text("way"), c.Args.Text("kind"))
		}
		p := &permissionPlay{Cast: c, maker: c.Agents[0], owner: c.Agents[1], third: c.Agents[2], next: next}
		defer p.tidy(ctx)
		seen, err := way(ctx, p)
		if err != nil {
			return err
		}
		if want := c.Args.Text("expected"); seen != want {
			return fmt.Errorf("seen %s, expected %s", seen, want)
		}
		c.Note("%s", seen)
		return nil
	},
}

// parseMask reads what Mask.String writes.
func parseMask(text string) (m agent.Mask, err error) {
	if text == "none" {
		return 0, nil
	}
	for name := range strings.SplitSeq(text, "|") {
		bit, known := map[string]agent.Mask{
			"copy": agent.PermCopy, "modify": agent.PermModify, "transfer": agent.PermTransfer, "move": agent.PermMove,
		}[name]
		if !known {
			return 0, fmt.Errorf("%q is no permission; give copy, modify, transfer and move with | between them, or none", name)
		}
		m |= bit
	}
	return m, nil
}

// permissionPlay is one check under way, and what it has to clean up.
type permissionPlay struct {
	*Cast
	maker, owner, third *agent.Agent
	next                agent.Mask

	things []left
	group  uuid.UUID // of the maker and the third; nil: none was founded
}

// left is what an agent has to throw away.
type left struct {
	agent  *agent.Agent
	object uint32
	item   uuid.UUID
}

// tidy throws away what the check made.
func (p *permissionPlay) tidy(ctx context.Context) {
	ctx, cancel := tidy(ctx)
	defer cancel()
	for _, l := range p.things {
		// What can't be thrown away any more has gone: that is no failure.
		if l.object != 0 {
			_ = l.agent.Objects().Delete(ctx, l.object)
		} else {
			_ = l.agent.Inventory().Remove(ctx, l.item)
		}
	}
	if p.group != uuid.Nil {
		_, _ = p.third.Groups().Leave(ctx, p.group), p.maker.Groups().Leave(ctx, p.group)
	}
}

// object has the maker build a box, as it leaves it to the next owner.
func (p *permissionPlay) object(ctx context.Context) (agent.Object, error) { return p.box(ctx, p.next) }

// box has the maker build a box, and leave that much of it to the next owner.
func (p *permissionPlay) box(ctx context.Context, next agent.Mask) (agent.Object, error) {
	at, err := p.spot(ctx, p.maker)
	if err != nil {
		return agent.Object{}, err
	}
	o := p.maker.Objects()
	b, err := o.Create(ctx, agent.NewObject{Position: at})
	if err != nil {
		return b, err
	}
	p.things = append(p.things, left{agent: p.maker, object: b.LocalID})
	return b, errors.Join(
		o.SetPermissions(ctx, agent.NextOwnerField, true, next, b.LocalID),
		o.SetPermissions(ctx, agent.NextOwnerField, false, realMask&^next, b.LocalID),
	)
}

// realMask is the bits that the rules speak of.
const realMask = agent.PermCopy | agent.PermModify | agent.PermTransfer | agent.PermMove

// realBits names the bits that the rules speak of.
func realBits(m agent.Mask) string { return (m & realMask).String() }

// owns reads what the owner of a thing in world may do with it.
func (p *permissionPlay) owns(ctx context.Context, who *agent.Agent, b agent.Object) (string, error) {
	props, err := who.Objects().PropertiesWhen(ctx, b, func(q agent.ObjectProperties) bool { return q.Owner == who.ID })
	return realBits(props.Permissions.Owner), err
}

// rez has an agent rez an item and reads what it may do with it.
func (p *permissionPlay) rez(ctx context.Context, who *agent.Agent, it agent.Item) (string, error) {
	p.things = append(p.things, left{agent: who, item: it.ID})
	at, err := p.spot(ctx, who)
	if err != nil {
		return "", err
	}
	b, err := who.Objects().Rez(ctx, it, at)
	if err != nil {
		return "", err
	}
	p.things = append(p.things, left{agent: who, object: b.LocalID})
	return p.owns(ctx, who, b)
}

// give gives an item to another agent, who accepts it, and gives it as it is
// there.
func (p *permissionPlay) give(ctx context.Context, it agent.Item, from, to *agent.Agent) (agent.Item, error) {
	offer := agent.Expect(to, func(e agent.InventoryOffered) bool { return e.From == from.ID && e.Name == it.Name })
	if err := from.Inventory().Give(ctx, it, to.ID); err != nil {
		offer.Cancel()
		return it, err
	}
	e, err := offer.Wait(ctx, "the offer of "+it.Name)
	if err != nil {
		return it, err
	}
	if err := to.Inventory().Accept(ctx, e, uuid.Nil); err != nil {
		return it, err
	}
	p.things = append(p.things, left{agent: to, item: e.Item})
	return to.Inventory().Item(ctx, e.Item)
}

// givesOn has the next owner give an item to the third agent, and tells what
// that one may do with it: "no" where nothing comes.
func (p *permissionPlay) givesOn(ctx context.Context, it agent.Item) (string, error) {
	var there agent.Item
	seen, err := p.happens(ctx, func(ctx context.Context) (err error) {
		there, err = p.give(ctx, it, p.owner, p.third)
		return err
	})
	if seen == "yes" {
		seen = realBits(there.Permissions.Owner)
	}
	return seen, err
}

// happens tells whether something is done within a while, and isn't refused.
func (p *permissionPlay) happens(ctx context.Context, do func(ctx context.Context) error) (string, error) {
	short, cancel := context.WithTimeout(ctx, p.Args.Duration("patience"))
	defer cancel()
	err := do(short)
	switch {
	case err == nil:
		return "yes", nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil, errors.As(err, new(*agent.UploadError)):
		return "no", nil
	}
	return "", err
}

// copies tells whether an agent can make itself a copy of an object.
func (p *permissionPlay) copies(ctx context.Context, who *agent.Agent, b agent.Object) (string, error) {
	return p.happens(ctx, func(ctx context.Context) error {
		twin, err := who.Objects().Duplicate(ctx, b.LocalID, message.Vector3{X: 0.5})
		if err == nil {
			p.things = append(p.things, left{agent: who, object: twin.LocalID})
		}
		return err
	})
}

// edits tells whether an agent can rename an object.
func (p *permissionPlay) edits(ctx context.Context, who *agent.Agent, b agent.Object) (string, error) {
	name := fmt.Sprintf("renamed %08x", p.Rand.Uint32())
	return p.happens(ctx, func(ctx context.Context) error {
		if err := who.Objects().SetName(ctx, b.LocalID, name); err != nil {
			return err
		}
		_, err := who.Objects().PropertiesWhen(ctx, b, func(q agent.ObjectProperties) bool { return q.Name == name })
		return err
	})
}
