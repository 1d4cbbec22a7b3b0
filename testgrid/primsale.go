package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// What may be for sale.
const (
	saleNot      = 0
	saleOriginal = 1
	saleCopy     = 2
	saleContents = 3
)

// noPrice is the price of what isn't for sale, on OpenSim.
const noPrice = 10

// onObjectSaleInfo offers an object for sale, or takes the offer back. Only what
// may be given away can be sold, and only copies of what may be copied.
func (g *Grid) onObjectSaleInfo(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectSaleInfo)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		p := c.known(ev.Now, d.LocalID)
		if p == nil {
			continue
		}
		p = p.root
		if p.owner != c.session.agentID || !p.sells(d.SaleType) || d.SaleType > saleContents || d.SalePrice < 0 {
			c.alert(ev.Now, "You don't have permission to set object on sale")
			continue
		}
		p.saleType, p.price = d.SaleType, d.SalePrice
		c.tell(ev.Now, &message.ObjectProperties{ObjectData: []message.ObjectPropertiesObjectData{p.properties()}})
	}
}

// sells tells whether a linkset may be sold in that way.
func (p *prim) sells(how uint8) bool {
	may, _, _ := p.effective()
	return may&permTransfer != 0 && (how != saleCopy || may&permCopy != 0)
}

// onObjectBuy sells an object as it is offered: what the client says of offer
// and price must be so. OpenSim's own economy module sells for nothing only;
// here L$ are paid.
func (g *Grid) onObjectBuy(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectBuy)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		p := c.known(ev.Now, d.ObjectLocalID)
		if p == nil || p.root != p {
			continue
		}
		switch {
		case p.saleType == saleNot || p.saleType != d.SaleType:
			c.alert(ev.Now, "Object "+p.name+" is not for sale")
		case p.price != d.SalePrice:
			c.alert(ev.Now, "Cannot buy now. The price has changed")
		case !p.sells(p.saleType) || p.owner == c.session.agentID:
			c.alert(ev.Now, "This item doesn't appear to be for sale")
		case !g.paid(c, p):
			c.alert(ev.Now, "You don't have enough L$.")
		default:
			g.sell(ev.Now, c, p, m.AgentData.CategoryID)
		}
	}
}

func (g *Grid) paid(c *client, p *prim) bool {
	if p.price == 0 {
		return true
	}
	_, _, ok := g.records.pay(c.session.agentID, p.owner, p.price)
	return ok
}

func (g *Grid) sell(now circuit.Instant, c *client, p *prim, folder uuid.UUID) {
	switch p.saleType {
	case saleOriginal:
		p.giveTo(c.session.agentID)
		p.saleType, p.price = saleNot, noPrice
		c.tell(now, &message.ObjectProperties{ObjectData: []message.ObjectPropertiesObjectData{p.properties()}})
		c.region.looksAll(p)
	case saleCopy:
		g.stow(now, c, p, c.session.agentID, folder)
	case saleContents:
		for _, it := range p.contents {
			bought := it.item
			bought.id, bought.folder = uuid.Nil, folder
			bought.perms.base &= bought.perms.next
			bought.perms.owner &= bought.perms.next
			c.tellItems(now, g.inventories.put(c.session.agentID, bought))
		}
	}
}
