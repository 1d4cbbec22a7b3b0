package behaviors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

// itemWays are the ways that notes and scripts go.
func itemWays(kind agent.AssetType) map[string]func(ctx context.Context, p *permissionPlay) (string, error) {
	return map[string]func(ctx context.Context, p *permissionPlay) (string, error){
		"given":                      given((*permissionPlay).ownsItem).of(kind),
		"copied by its next owner":   given((*permissionPlay).copiesItem).of(kind),
		"edited by its next owner":   given((*permissionPlay).writesOwn).of(kind),
		"given on by its next owner": given((*permissionPlay).givesOn).of(kind),
		"edited by a third":          tryItem((*permissionPlay).writesAnothers).of(kind),

		"rezzed in an object that is bought":                               inBox((*permissionPlay).boughtWithBox).of(kind),
		"taken from an object that is bought":                              inBox((*permissionPlay).takenFromBought).of(kind),
		"copied with its object by everyone's copy":                        inBox((*permissionPlay).copiedWithBox).of(kind),
		"edited in an object by a third":                                   inBox((*permissionPlay).writtenByThird).of(kind),
		"edited in an object by a third of the object's group":             inBox((*permissionPlay).writtenByMember).of(kind),
		"edited in an object by a third of the group both are shared with": inBox((*permissionPlay).writtenByPartner).of(kind),
		"taken from an object by a third of the object's group":            inBox((*permissionPlay).takenByMember).of(kind),
	}
}

// tryItem is something that is tried with an item of the maker's.
type tryItem func(p *permissionPlay, ctx context.Context, it agent.Item) (string, error)

// of is that way for items of a kind, which the maker makes and leaves to the
// next owner as the rule says.
func (do tryItem) of(kind agent.AssetType) func(ctx context.Context, p *permissionPlay) (string, error) {
	return func(ctx context.Context, p *permissionPlay) (string, error) {
		it, err := p.maker.Inventory().CreateItem(ctx, agent.NewItem{
			Type: kind, Name: fmt.Sprintf("gift %08x", p.Rand.Uint32()), NextOwner: p.next | agent.PermMove,
		})
		if err != nil {
			return "", err
		}
		p.things = append(p.things, left{agent: p.maker, item: it.ID})
		return do(p, ctx, it)
	}
}

// given tries it with the item that the next owner was given.
func given(do tryItem) tryItem {
	return func(p *permissionPlay, ctx context.Context, it agent.Item) (string, error) {
		gift, err := p.give(ctx, it, p.maker, p.owner)
		if err != nil {
			return "", err
		}
		return do(p, ctx, gift)
	}
}

// ownsItem tells what an item's owner may do with it.
func (p *permissionPlay) ownsItem(_ context.Context, it agent.Item) (string, error) {
	return realBits(it.Permissions.Owner), nil
}

// copiesItem tells whether the next owner can copy an item.
func (p *permissionPlay) copiesItem(ctx context.Context, it agent.Item) (string, error) {
	return p.happens(ctx, func(ctx context.Context) error {
		twin, err := p.owner.Inventory().Copy(ctx, it.ID, it.Folder, it.Name+" copied")
		if err == nil {
			p.things = append(p.things, left{agent: p.owner, item: twin.ID})
		}
		return err
	})
}

func (p *permissionPlay) writesOwn(ctx context.Context, it agent.Item) (string, error) {
	return p.writes(ctx, p.owner, it)
}

func (p *permissionPlay) writesAnothers(ctx context.Context, it agent.Item) (string, error) {
	return p.writes(ctx, p.third, it)
}

// writes tells whether an agent can write an item anew.
func (p *permissionPlay) writes(ctx context.Context, who *agent.Agent, it agent.Item) (string, error) {
	return p.happens(ctx, func(ctx context.Context) (err error) {
		if it.Type == agent.AssetScript {
			_, err = who.Assets().UpdateScript(ctx, it.ID, helloScript)
		} else {
			_, err = who.Assets().UpdateNotecard(ctx, it.ID, agent.EncodeNotecard("written anew"))
		}
		return err
	})
}

// tryInside is something that is tried with an item in a box, which has got an
// id of its own there.
type tryInside func(p *permissionPlay, ctx context.Context, b agent.Object, it agent.Item) (string, error)

// inBox has the maker put the item into a box with which all may be done.
func inBox(do tryInside) tryItem {
	return func(p *permissionPlay, ctx context.Context, it agent.Item) (string, error) {
		it.Everyone = agent.PermCopy
		if err := p.maker.Inventory().Update(ctx, it); err != nil {
			return "", err
		}
		b, err := p.box(ctx, realMask)
		if err != nil {
			return "", err
		}
		if err := p.maker.Objects().Insert(ctx, b.LocalID, it); err != nil {
			return "", err
		}
		it, err = p.inside(ctx, p.maker, b)
		if err != nil {
			return "", err
		}
		return do(p, ctx, b, it)
	}
}

// inside reads what is in a box, when something is.
func (p *permissionPlay) inside(ctx context.Context, who *agent.Agent, b agent.Object) (agent.Item, error) {
	list, err := who.Objects().ContentsWhen(ctx, b, func(list []agent.Item) bool { return len(list) > 0 })
	if err != nil {
		return agent.Item{}, err
	}
	return list[0], nil
}

func (p *permissionPlay) boughtWithBox(ctx context.Context, b agent.Object, _ agent.Item) (string, error) {
	if err := p.sell(ctx, b); err != nil {
		return "", err
	}
	it, err := p.inside(ctx, p.owner, b)
	return realBits(it.Permissions.Owner), err
}

func (p *permissionPlay) takenFromBought(ctx context.Context, b agent.Object, it agent.Item) (string, error) {
	if err := p.sell(ctx, b); err != nil {
		return "", err
	}
	it, err := p.takeOut(ctx, p.owner, b, it)
	return realBits(it.Permissions.Owner), err
}

// takeOut has an agent take an item out of a box, and gives it as it is in its
// inventory.
func (p *permissionPlay) takeOut(ctx context.Context, who *agent.Agent, b agent.Object, it agent.Item) (agent.Item, error) {
	folder, err := who.Inventory().FolderFor(ctx, agent.FolderType(it.Type))
	if err != nil {
		return it, err
	}
	if err := who.Objects().MoveContent(ctx, b.LocalID, it.ID, folder.ID); err != nil {
		return it, err
	}
	for {
		c, err := who.Inventory().Contents(ctx, folder.ID)
		if err != nil {
			return it, err
		}
		if there, ok := c.Item(it.Name); ok {
			p.things = append(p.things, left{agent: who, item: there.ID})
			return there, nil
		}
		if err := rest(ctx, who, 100*time.Millisecond); errors.Is(err, errCut) {
			return it, context.Cause(ctx)
		} else if err != nil {
			return it, err
		}
	}
}

// copiedWithBox has the next owner copy the box with what is in it, as everyone
// may.
func (p *permissionPlay) copiedWithBox(ctx context.Context, b agent.Object, _ agent.Item) (string, error) {
	if err := p.release(ctx, b); err != nil {
		return "", err
	}
	twin, err := p.duplicate(ctx, b)
	if err != nil {
		return "", err
	}
	it, err := p.inside(ctx, p.owner, twin)
	return realBits(it.Permissions.Owner), err
}

func (p *permissionPlay) writtenByThird(ctx context.Context, b agent.Object, it agent.Item) (string, error) {
	return p.writesInside(ctx, p.third, b, it)
}

// writesInside tells whether an agent can write an item anew that is in a box.
func (p *permissionPlay) writesInside(ctx context.Context, who *agent.Agent, b agent.Object, it agent.Item) (string, error) {
	return p.happens(ctx, func(ctx context.Context) (err error) {
		if it.Type == agent.AssetScript {
			_, err = who.Objects().UploadScript(ctx, b, it.ID, helloScript)
		} else {
			_, err = who.Objects().UploadNote(ctx, b, it.ID, "written anew")
		}
		return err
	})
}

func (p *permissionPlay) writtenByMember(ctx context.Context, b agent.Object, it agent.Item) (string, error) {
	if err := p.share(ctx, b); err != nil {
		return "", err
	}
	return p.writesInside(ctx, p.third, b, it)
}

// writtenByPartner shares the item, too: that its box is shared doesn't say so.
// OpenSim lets nobody but the owner write a note that is in an object, so that
// the rules have scripts alone.
func (p *permissionPlay) writtenByPartner(ctx context.Context, b agent.Object, it agent.Item) (string, error) {
	if err := p.share(ctx, b); err != nil {
		return "", err
	}
	it.Permissions.Group = groupMask
	if err := p.maker.Objects().UpdateContent(ctx, b.LocalID, it); err != nil {
		return "", err
	}
	_, err := p.maker.Objects().ContentsWhen(ctx, b, func(list []agent.Item) bool {
		return len(list) > 0 && list[0].Permissions.Group.Has(groupMask)
	})
	if err != nil {
		return "", err
	}
	return p.writesInside(ctx, p.third, b, it)
}

func (p *permissionPlay) takenByMember(ctx context.Context, b agent.Object, it agent.Item) (string, error) {
	if err := p.share(ctx, b); err != nil {
		return "", err
	}
	var there agent.Item
	seen, err := p.happens(ctx, func(ctx context.Context) (err error) {
		there, err = p.takeOut(ctx, p.third, b, it)
		return err
	})
	if seen == "yes" {
		seen = realBits(there.Permissions.Owner)
	}
	return seen, err
}

// groupMask is what viewers share with a group.
const groupMask = agent.PermCopy | agent.PermModify | agent.PermMove

// share has the maker found a group with the third in it, and share an object
// with it.
func (p *permissionPlay) share(ctx context.Context, b agent.Object) (err error) {
	name := fmt.Sprintf("slload permissions %08x", p.Rand.Uint32())
	short, cancel := context.WithTimeout(ctx, groupPatience)
	defer cancel()
	p.group, err = p.maker.Groups().Create(short, name, agent.GroupOptions{Charter: "A load test's.", Open: true})
	if err != nil {
		p.group = uuid.Nil
		return unanswered(ctx, err, "the grid doesn't answer who founds groups: it has none")
	}
	if err := p.third.Groups().Join(ctx, p.group); err != nil {
		return err
	}
	o := p.maker.Objects()
	if err := o.SetGroup(ctx, p.group, b.LocalID); err != nil {
		return err
	}
	if err := o.SetPermissions(ctx, agent.GroupField, true, groupMask, b.LocalID); err != nil {
		return err
	}
	_, err = p.third.Objects().PropertiesWhen(ctx, b, func(q agent.ObjectProperties) bool {
		return q.Group == p.group && q.Permissions.Group.Has(groupMask)
	})
	return err
}

// sharedObject has the third, who belongs to the group that an object is
// shared with, rename it.
func sharedObject(ctx context.Context, p *permissionPlay) (string, error) {
	b, err := p.object(ctx)
	if err != nil {
		return "", err
	}
	if err := p.share(ctx, b); err != nil {
		return "", err
	}
	return p.edits(ctx, p.third, b)
}
