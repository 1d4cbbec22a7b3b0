package circuit

import (
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// Event is one received message. It, its Message and its Body are reused when
// the handler returns: copy what you keep.
type Event struct {
	Now Instant // the turn's time
	At  Instant // when the kernel received the datagram

	Loop    *Loop
	Circuit *Circuit // nil in Config.Accept

	ID       message.ID      // message.NoID in Dispatch.Unknown
	Message  message.Message // decoded; nil in Dispatch.Unknown
	Number   message.Number
	Body     []byte // the blocks, without number and zero-coding
	Flags    message.Flags
	Sequence uint32 // of the packet: OpenSimulator takes an AgentUpdate only above the last
	Size     int    // of the datagram, bytes

	Endpoint udp.Endpoint
	Peer     udp.Addr
}

// Handler handles a message on the loop's goroutine. It must not block.
type Handler func(ev *Event)

// Dispatch says which messages are decoded and who gets them. It is filled
// before the loops run and only read after; all loops may share one.
type Dispatch struct {
	handlers [message.NumMessages]Handler

	// Other gets the messages that a circuit asked for with Circuit.Want,
	// after On's handler, if there is one for them.
	Other Handler

	// Unknown gets messages whose number the compiled-in catalogue doesn't
	// have. Nil: they count as malformed.
	Unknown Handler
}

// NewDispatch gives an empty table.
func NewDispatch() *Dispatch { return &Dispatch{} }

// On sets the handler of a message, for all circuits of all loops that use
// this table.
func (d *Dispatch) On(id message.ID, h Handler) { d.handlers[id] = h }

// arrived is the datagram that is being worked on.
type arrived struct {
	now, at Instant
	raw     *udp.Packet
	packet  message.Packet
}

// deliver decodes the packet's message, if anybody wants it, and hands it
// over.
func (l *Loop) deliver(c *Circuit, in *arrived) {
	number, err := l.number(in)
	if err != nil {
		l.malformed(err)
		return
	}
	id, known := message.Lookup(number)
	if !known {
		l.deliverUnknown(c, in)
		return
	}
	handler, wanted := l.dispatch.handlers[id], c.wanted(id) && l.dispatch.Other != nil
	own := ownMessage(id)
	if handler == nil && !wanted && !own {
		l.stats.unhandled[id]++
		return
	}
	ev := l.decode(in, id)
	if ev == nil {
		return
	}
	ev.Circuit = c
	if own {
		c.protocol(in, ev.Message)
	}
	if handler != nil && !c.closed {
		handler(ev)
	}
	if wanted && !c.closed {
		l.dispatch.Other(ev)
	}
	if id == message.IDCloseCircuit && !c.closed {
		c.Close(in.now, ErrPeerClosed)
	}
}

// decode fills the loop's event from the packet; nil if the message is
// malformed, which is counted.
func (l *Loop) decode(in *arrived, id message.ID) *Event {
	ev := l.open(in)
	if ev == nil {
		return nil
	}
	m := l.messages[id]
	if m == nil {
		m = message.New(id)
		l.messages[id] = m
	}
	n, err := m.DecodeBody(ev.Body)
	if err != nil {
		l.malformed(err)
		return nil
	}
	if n < len(ev.Body) {
		l.stats.Trailing++
	}
	ev.ID, ev.Message = id, m
	return ev
}

// open fills the loop's event with everything but the decoded message.
func (l *Loop) open(in *arrived) *Event {
	body, err := in.packet.Decoded(l.zero)
	if err != nil {
		l.malformed(err)
		return nil
	}
	number, n, err := message.ReadNumber(body)
	if err != nil {
		l.malformed(err)
		return nil
	}
	l.event = Event{
		Now: in.now, At: in.at, Loop: l, ID: message.NoID, Number: number, Body: body[n:],
		Flags: in.packet.Flags, Sequence: in.packet.Sequence, Size: len(in.raw.Data), Endpoint: in.raw.Endpoint, Peer: in.raw.Peer,
	}
	return &l.event
}

// deliverUnknown hands over what the compiled-in catalogue doesn't have.
func (l *Loop) deliverUnknown(c *Circuit, in *arrived) {
	if l.dispatch.Unknown == nil {
		l.stats.malformed["unknown_message"]++
		return
	}
	if ev := l.open(in); ev != nil {
		ev.Circuit = c
		l.dispatch.Unknown(ev)
	}
}

// number reads the message's number, before anything is decoded that nobody
// wants.
func (l *Loop) number(in *arrived) (message.Number, error) {
	coded := in.packet.Flags&message.FlagZerocoded != 0
	if coded && in.raw.Data[5] != 0 { // an extra header stands before the number, coded with it
		body, err := in.packet.Decoded(l.zero)
		if err != nil {
			return 0, err
		}
		number, _, err := message.ReadNumber(body)
		return number, err
	}
	return peekNumber(&in.packet)
}

// peekNumber reads the number at the start of a body that may be zero-coded.
func peekNumber(p *message.Packet) (message.Number, error) {
	body := p.Body
	if p.Flags&message.FlagZerocoded != 0 {
		var head [4]byte // a number takes 4 bytes at most
		n, err := expandHead(&head, body)
		if err != nil {
			return 0, err
		}
		body = head[:n]
	}
	number, _, err := message.ReadNumber(body)
	return number, err
}

// expandHead zero-decodes the beginning of a body.
func expandHead(head *[4]byte, body []byte) (n int, err error) {
	for i := 0; i < len(body) && n < len(head); i++ {
		if b := body[i]; b != 0 {
			head[n] = b
			n++
			continue
		}
		i++
		switch {
		case i == len(body):
			return 0, message.ErrZeroRun
		case body[i] == 0: // `00 00 N`: 256 zeros and more
			n = len(head)
		default:
			n = min(n+int(body[i]), len(head))
		}
	}
	return n, nil
}
