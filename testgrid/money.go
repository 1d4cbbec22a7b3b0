package testgrid

import (
	"bytes"
	"fmt"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (g *Grid) dispatchMoney(d *circuit.Dispatch) {
	d.On(message.IDMoneyBalanceRequest, g.onBalanceRequest)
	d.On(message.IDMoneyTransferRequest, g.onTransferRequest)
}

func (g *Grid) onBalanceRequest(ev *circuit.Event) {
	m := ev.Message.(*message.MoneyBalanceRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	reply := &message.MoneyBalanceReply{}
	reply.MoneyData.AgentID, reply.MoneyData.TransactionID = c.session.agentID, m.MoneyData.TransactionID
	reply.MoneyData.TransactionSuccess = true
	g.records.with(c.session.agentID, func(r *record) { reply.MoneyData.MoneyBalance = r.balance })
	c.tell(ev.Now, reply)
}

// pay moves money between residents; ok tells whether there was enough. The
// balances are those after it.
func (s *records) pay(from, to uuid.UUID, amount int32) (payer, payee int32, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, b := s.get(from), s.get(to)
	if ok = amount > 0 && amount <= a.balance && b.balance <= 1<<30; ok {
		a.balance -= amount
		b.balance += amount
	}
	return a.balance, b.balance, ok
}

// payObject is the TransactionType of what a prim is paid: its owner gets it,
// and its scripts hear of it.
const payObject = 5008

// onTransferRequest pays, and tells both sides. OpenSim's own economy module
// moves nothing; this is what grids with money do.
func (g *Grid) onTransferRequest(ev *circuit.Event) {
	m := ev.Message.(*message.MoneyTransferRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || m.MoneyData.SourceID != c.session.agentID {
		return
	}
	to, object := m.MoneyData.DestID, (*prim)(nil)
	if m.MoneyData.TransactionType == payObject {
		if object = c.region.prims.byID[to]; object != nil {
			to = object.root.owner
		}
	}
	first, last, known := g.directory.name(to)
	payer, payee, ok := int32(0), int32(0), false
	why := "You don't have enough L$."
	if known && (object != nil || to != c.session.agentID) {
		payer, payee, ok = g.records.pay(c.session.agentID, to, m.MoneyData.Amount)
	} else {
		why = "There is nobody to be paid."
		g.records.with(c.session.agentID, func(r *record) { payer = r.balance })
	}
	if ok {
		why = fmt.Sprintf("You paid %s %s L$%d", first, last, m.MoneyData.Amount)
		c.region.tellAnyone(ev.Now, to, paid(m, to, payee, ok, fmt.Sprintf("%s paid you L$%d", c.session.name(), m.MoneyData.Amount)))
	}
	if ok && object != nil {
		c.region.trigger(ev.Now, object, "money")
	}
	c.tell(ev.Now, paid(m, c.session.agentID, payer, ok, why))
}

func paid(m *message.MoneyTransferRequest, told uuid.UUID, balance int32, ok bool, text string) message.Message {
	reply := &message.MoneyBalanceReply{}
	d, t := &reply.MoneyData, &reply.TransactionInfo
	d.AgentID, d.TransactionID, d.TransactionSuccess = told, uuid.New(), ok
	d.MoneyBalance, d.Description = balance, message.Text(text)
	t.TransactionType, t.Amount = m.MoneyData.TransactionType, m.MoneyData.Amount
	t.SourceID, t.DestID, t.ItemDescription = m.MoneyData.SourceID, m.MoneyData.DestID, bytes.Clone(m.MoneyData.Description)
	return reply
}
