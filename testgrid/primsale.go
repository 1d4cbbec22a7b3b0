package testgrid

import (
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
		may := p.effective()
		if p.owner != c.session.agentID || may&permTransfer == 0 || d.SaleType == saleCopy && may&permCopy == 0 || d.SaleType > saleContents {
			c.alert(ev.Now, "You don't have permission to set object on sale")
			continue
		}
		p.saleType, p.price = d.SaleType, d.SalePrice
		c.tell(ev.Now, &message.ObjectProperties{ObjectData: []message.ObjectPropertiesObjectData{p.properties()}})
	}
}
