package agent

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// Balance asks for the agent's L$ (MoneyBalanceRequest).
func (a *Agent) Balance(ctx context.Context) (int32, error) {
	transaction := uuid.New()
	ask := message.MoneyBalanceRequest{
		AgentData: message.MoneyBalanceRequestAgentData{AgentID: a.ID, SessionID: a.session},
		MoneyData: message.MoneyBalanceRequestMoneyData{TransactionID: transaction},
	}
	return request(ctx, a, "the balance (MoneyBalanceReply)", message.IDMoneyBalanceReply, a.sending(&ask), func(m message.Message) (int32, bool) {
		reply := &m.(*message.MoneyBalanceReply).MoneyData
		return reply.MoneyBalance, reply.TransactionID == transaction
	})
}

// BalanceChanged is a MoneyBalanceReply: of a payment, or an answer to
// Balance, which has no amount.
type BalanceChanged struct {
	At       circuit.Instant
	Balance  int32
	Success  bool
	From, To uuid.UUID // of a payment
	Amount   int32
	Text     string // for people
}

func balanceChanged(at circuit.Instant, m *message.MoneyBalanceReply) BalanceChanged {
	d, t := &m.MoneyData, &m.TransactionInfo
	return BalanceChanged{
		At: at, Balance: d.MoneyBalance, Success: d.TransactionSuccess,
		From: t.SourceID, To: t.DestID, Amount: t.Amount, Text: message.String(d.Description),
	}
}

// OnBalance calls on, on the loop, whenever the simulator tells the balance.
func (a *Agent) OnBalance(on func(BalanceChanged)) (cancel func()) {
	return onEach(a, message.IDMoneyBalanceReply, func(at circuit.Instant, m *message.MoneyBalanceReply) { on(balanceChanged(at, m)) })
}

// Kinds of payment: MoneyTransferRequest's TransactionType.
const (
	payGift   = 5001 // to a resident
	payObject = 5008
)

// PaymentError is a payment that the grid refused.
type PaymentError struct {
	Amount int32
	Text   string // the grid's words
}

func (e *PaymentError) Error() string { return fmt.Sprintf("pay L$%d: refused: %s", e.Amount, e.Text) }

// Reason is the word by which a run counts this failure.
func (e *PaymentError) Reason() string { return "payment_refused" }

// Pay gives a resident L$ and waits for the grid's word; the balance after it
// is returned. OpenSim's own economy module moves no money and tells no
// balance: the wait ends with ctx there.
func (a *Agent) Pay(ctx context.Context, to uuid.UUID, amount int32, text string) (balance int32, err error) {
	return a.pay(ctx, to, amount, payGift, text)
}

// PayObject pays an object as Pay does a resident.
func (a *Agent) PayObject(ctx context.Context, object uuid.UUID, amount int32) (balance int32, err error) {
	return a.pay(ctx, object, amount, payObject, "")
}

func (a *Agent) pay(ctx context.Context, to uuid.UUID, amount, kind int32, text string) (int32, error) {
	ask := message.MoneyTransferRequest{
		AgentData: message.MoneyTransferRequestAgentData{AgentID: a.ID, SessionID: a.session},
		MoneyData: message.MoneyTransferRequestMoneyData{
			SourceID: a.ID, DestID: to, Amount: amount, TransactionType: kind, Description: message.Text(text),
		},
	}
	changed, err := request(ctx, a, "the payment (MoneyBalanceReply)", message.IDMoneyBalanceReply, a.sending(&ask), func(m message.Message) (BalanceChanged, bool) {
		reply := m.(*message.MoneyBalanceReply)
		changed := balanceChanged(0, reply)
		return changed, changed.From == a.ID && changed.To == to && changed.Amount == amount
	})
	if err == nil && !changed.Success {
		err = &PaymentError{amount, reason.OneLine(changed.Text)}
	}
	return changed.Balance, err
}
