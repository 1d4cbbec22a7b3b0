package behaviors

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// permissionWays are the ways that things go in permissions.csv, by kind. Each
// gives what came of it.
var permissionWays = map[string]map[string]func(ctx context.Context, p *permissionPlay) (string, error){
	"object": {
		"asked":                         asked,
		"rezzed again":                  rezzedAgain,
		"taken by everyone's copy":      takenByEveryone,
		"duplicated by everyone's copy": duplicatedByEveryone,
		"given":                         givenObject,
		"bought":                        bought,
		"edited by its next owner":      nextOwner((*permissionPlay).edits),
		"copied by its next owner":      nextOwner((*permissionPlay).copies),
		"sold on by its next owner":     nextOwner((*permissionPlay).sells),
		"given on by its next owner":    givenOnObject,
		"edited by a third":             stranger((*permissionPlay).edits),
		"copied by a third":             stranger((*permissionPlay).copies),

		"edited by a third of the group it is shared with": sharedObject,
	},
	"note":   itemWays(agent.AssetNotecard),
	"script": itemWays(agent.AssetScript),
}

// asked is what the simulator makes of what the maker wishes to leave.
func asked(ctx context.Context, p *permissionPlay) (string, error) {
	b, err := p.object(ctx)
	if err != nil {
		return "", err
	}
	q, err := p.maker.Objects().Properties(ctx, b)
	return realBits(q.Permissions.NextOwner), err
}

func rezzedAgain(ctx context.Context, p *permissionPlay) (string, error) {
	b, err := p.object(ctx)
	if err != nil {
		return "", err
	}
	it, err := p.maker.Objects().Take(ctx, b.LocalID, uuid.Nil)
	if err != nil {
		return "", err
	}
	return p.rez(ctx, p.maker, it)
}

// free is an object of the maker's that everyone may copy.
func (p *permissionPlay) free(ctx context.Context) (agent.Object, error) {
	b, err := p.object(ctx)
	if err != nil {
		return b, err
	}
	return b, p.release(ctx, b)
}

// release has everyone copy an object, and waits until the next owner sees
// that.
func (p *permissionPlay) release(ctx context.Context, b agent.Object) error {
	stop, err := p.owner.Objects().Track(ctx)
	if err != nil {
		return err
	}
	defer stop()
	if err := p.maker.Objects().SetPermissions(ctx, agent.EveryoneField, true, agent.PermCopy, b.LocalID); err != nil {
		return err
	}
	return becomes(ctx, p.owner.Objects(), b, "an object to copy", func(b *agent.Object) bool { return b.Flags.Has(agent.ObjectCopy) })
}

func takenByEveryone(ctx context.Context, p *permissionPlay) (string, error) {
	b, err := p.free(ctx)
	if err != nil {
		return "", err
	}
	it, err := p.owner.Objects().TakeCopy(ctx, b.LocalID, uuid.Nil)
	if err != nil {
		return "", err
	}
	return p.rez(ctx, p.owner, it)
}

func duplicatedByEveryone(ctx context.Context, p *permissionPlay) (string, error) {
	b, err := p.free(ctx)
	if err != nil {
		return "", err
	}
	twin, err := p.duplicate(ctx, b)
	if err != nil {
		return "", err
	}
	return p.owns(ctx, p.owner, twin)
}

// duplicate has the next owner copy an object.
func (p *permissionPlay) duplicate(ctx context.Context, b agent.Object) (agent.Object, error) {
	twin, err := p.owner.Objects().Duplicate(ctx, b.LocalID, message.Vector3{X: 0.5})
	if err == nil {
		p.things = append(p.things, left{agent: p.owner, object: twin.LocalID})
	}
	return twin, err
}

// giveObject has the maker build a box, and take and give it.
func (p *permissionPlay) giveObject(ctx context.Context) (gift agent.Item, err error) {
	b, err := p.object(ctx)
	if err != nil {
		return gift, err
	}
	name := fmt.Sprintf("gift %08x", p.Rand.Uint32())
	if err := p.maker.Objects().SetName(ctx, b.LocalID, name); err != nil {
		return gift, err
	}
	it, err := p.maker.Objects().Take(ctx, b.LocalID, uuid.Nil)
	if err != nil {
		return gift, err
	}
	p.things = append(p.things, left{agent: p.maker, item: it.ID})
	return p.give(ctx, it, p.maker, p.owner)
}

func givenObject(ctx context.Context, p *permissionPlay) (string, error) {
	gift, err := p.giveObject(ctx)
	if err != nil {
		return "", err
	}
	return p.rez(ctx, p.owner, gift)
}

func givenOnObject(ctx context.Context, p *permissionPlay) (string, error) {
	gift, err := p.giveObject(ctx)
	if err != nil {
		return "", err
	}
	return p.givesOn(ctx, gift)
}

// buy has the next owner buy an object of the maker's for nothing.
func (p *permissionPlay) buy(ctx context.Context) (agent.Object, error) {
	b, err := p.object(ctx)
	if err != nil {
		return b, err
	}
	return b, p.sell(ctx, b)
}

// sell has the next owner buy this object for nothing.
func (p *permissionPlay) sell(ctx context.Context, b agent.Object) error {
	o := p.owner.Objects()
	if err := p.maker.Objects().SetForSale(ctx, b.LocalID, agent.SaleOriginal, 0); err != nil {
		return err
	}
	_, err := o.PropertiesWhen(ctx, b, func(q agent.ObjectProperties) bool { return q.Sale == agent.SaleOriginal })
	if err != nil {
		return err
	}
	if err := o.Buy(ctx, b.LocalID, agent.SaleOriginal, 0, uuid.Nil); err != nil {
		return err
	}
	p.things = append(p.things, left{agent: p.owner, object: b.LocalID})
	_, err = p.owns(ctx, p.owner, b)
	return err
}

func bought(ctx context.Context, p *permissionPlay) (string, error) {
	b, err := p.buy(ctx)
	if err != nil {
		return "", err
	}
	return p.owns(ctx, p.owner, b)
}

// try is something that an agent tries with an object: yes or no.
type try func(p *permissionPlay, ctx context.Context, who *agent.Agent, b agent.Object) (string, error)

// nextOwner has the next owner, who bought an object, try something with it.
func nextOwner(do try) func(ctx context.Context, p *permissionPlay) (string, error) {
	return func(ctx context.Context, p *permissionPlay) (string, error) {
		b, err := p.buy(ctx)
		if err != nil {
			return "", err
		}
		return do(p, ctx, p.owner, b)
	}
}

// stranger has somebody who has nothing to do with it try something with an
// object.
func stranger(do try) func(ctx context.Context, p *permissionPlay) (string, error) {
	return func(ctx context.Context, p *permissionPlay) (string, error) {
		b, err := p.object(ctx)
		if err != nil {
			return "", err
		}
		return do(p, ctx, p.third, b)
	}
}

// sells tells whether an agent can offer an object for sale.
func (p *permissionPlay) sells(ctx context.Context, who *agent.Agent, b agent.Object) (string, error) {
	return p.happens(ctx, func(ctx context.Context) error {
		if err := who.Objects().SetForSale(ctx, b.LocalID, agent.SaleOriginal, 1); err != nil {
			return err
		}
		_, err := who.Objects().PropertiesWhen(ctx, b, func(q agent.ObjectProperties) bool { return q.Sale == agent.SaleOriginal && q.Price == 1 })
		return err
	})
}
