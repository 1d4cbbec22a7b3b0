package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/slload/slload/agent"
)

// searchParam names what is given.
var searchParam = Param{"search", "", "a part of the name of an item to give; left out, a new note that is removed again"}

var inventoryTransfer = Behavior{
	Name:    "inventory_transfer",
	Summary: "gives an item to another agent, who accepts it, and again, who declines it; each sees what became of it",
	Agents:  2,
	Reports: "do.inventory_transfer",
	Roles:   []string{"giver", "receiver"},
	Params:  []Param{searchParam},
	Run: func(ctx context.Context, c *Cast) error {
		return c.withGift(ctx, func(it agent.Item) error {
			return c.giveTwice(ctx, it, c.Agents[1].ID)
		})
	},
}

var inventoryTransferSpecifyAgent = Behavior{
	Name:    "inventory_transfer_specify_agent",
	Summary: "inventory_transfer to a resident that is found by name",
	Agents:  2,
	Roles:   []string{"giver", "receiver"},
	Params: []Param{
		searchParam,
		{"to", "", "the resident's name, First Last; left out, the receiver's. Anybody else gets the offer, and isn't waited for"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		giver, receiver := c.Agents[0], c.Agents[1]
		name := c.Args.Text("to")
		if name == "" {
			name = receiver.Account.Name()
		}
		var to uuid.UUID
		err := c.Step("find "+name, func() error {
			found, err := giver.FindResidents(ctx, name)
			for _, r := range found {
				if r.Name() == name {
					to = r.ID
				}
			}
			if err == nil && to == uuid.Nil {
				err = fmt.Errorf("nobody is called %q", name)
			}
			return err
		})
		if err != nil {
			return err
		}
		return c.withGift(ctx, func(it agent.Item) error {
			if to == receiver.ID {
				return c.giveTwice(ctx, it, to)
			}
			return c.Step("give "+it.Name, func() error { return giver.Inventory().Give(ctx, it, to) })
		})
	},
}

// withGift finds what is to be given, or makes it and removes it afterwards.
func (c *Cast) withGift(ctx context.Context, give func(it agent.Item) error) (err error) {
	inv := c.Player().Inventory()
	var it agent.Item
	if part := c.Args.Text("search"); part != "" {
		err = c.Step("search for "+part, func() error {
			found, err := inv.Search(ctx, 1, agent.Named(part))
			if err == nil && len(found) == 0 {
				err = fmt.Errorf("the inventory has no item named %q", part)
			}
			if err == nil {
				it = found[0]
			}
			return err
		})
		if err != nil {
			return err
		}
		return give(it)
	}
	err = c.Step("make a note to give", func() error {
		it, err = inv.CreateNote(ctx, uuid.Nil, fmt.Sprintf("a gift %08x", c.Rand.Uint32()), "for you")
		return err
	})
	if err == nil {
		err = give(it)
	}
	if it.ID == uuid.Nil {
		return err
	}
	return errors.Join(err, c.removeItems(ctx, inv, it.ID))
}

// giveTwice has the receiver accept a gift, and decline the same again. What
// may not be copied can be given but once.
func (c *Cast) giveTwice(ctx context.Context, it agent.Item, to uuid.UUID) error {
	accepts := []bool{true, false}
	if !it.Permissions.Owner.Has(agent.PermCopy) {
		accepts = accepts[:1]
	}
	for _, accept := range accepts {
		if err := c.giveOnce(ctx, it, to, accept); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cast) giveOnce(ctx context.Context, it agent.Item, to uuid.UUID, accept bool) error {
	giver, receiver := c.Agents[0], c.Agents[1]
	inv := receiver.Inventory()
	offer := agent.Expect(receiver, func(e agent.InventoryOffered) bool { return e.From == giver.ID && !e.FromObject })
	defer offer.Cancel()
	var o agent.InventoryOffered
	err := c.Step("give "+it.Name+" to "+receiver.String(), func() (err error) {
		if err := giver.Inventory().Give(ctx, it, to); err != nil {
			return err
		}
		o, err = offer.Wait(ctx, "the offer of "+it.Name)
		return err
	})
	if err != nil {
		return err
	}
	what, want := "accept it", o.Type
	answer := inv.Accept
	if !accept {
		what = "decline it"
		answer = func(ctx context.Context, o agent.InventoryOffered, _ uuid.UUID) error { return inv.Decline(ctx, o) }
	}
	answered := agent.Expect(giver, func(e agent.InventoryAnswered) bool { return e.From == receiver.ID && e.ID == o.ID })
	defer answered.Cancel()
	err = c.Step(what, func() error {
		if err := answer(ctx, o, uuid.Nil); err != nil {
			return err
		}
		e, err := answered.Wait(ctx, "the answer")
		if err == nil && e.Accepted != accept {
			err = fmt.Errorf("the giver was told that it was accepted: %t", e.Accepted)
		}
		return err
	})
	if err == nil {
		err = c.Step("see where it went", func() error { return wentTo(ctx, inv, o.Item, agent.FolderType(want), accept) })
	}
	return errors.Join(err, c.removeItems(ctx, inv, o.Item))
}

// wentTo waits until an item lies where an answer puts it: where its kind
// belongs, or in the trash.
func wentTo(ctx context.Context, inv agent.Inventory, id uuid.UUID, kind agent.FolderType, accepted bool) error {
	if !accepted {
		kind = agent.TrashFolder
	}
	f, err := inv.FolderFor(ctx, kind)
	if err != nil {
		return err
	}
	return until(ctx, "the gift is in "+f.Name, func() (bool, error) {
		it, err := inv.Item(ctx, id)
		return it.Folder == f.ID, err
	})
}
