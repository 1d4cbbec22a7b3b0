package witness

import (
	"encoding/binary"
	"testing"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// Conn is a client's conn whose messages are noted as t's.
func Conn(t testing.TB, c udp.Conn) udp.Conn { return &conn{Conn: c, test: t.Name(), sends: true} }

// Hearing is Conn for a client whose server only plays a script: nothing that
// is sent there proves anything.
func Hearing(t testing.TB, c udp.Conn) udp.Conn { return &conn{Conn: c, test: t.Name()} }

type conn struct {
	udp.Conn
	test  string
	sends bool
	out   []udp.Packet // what WriteBatch hands on
	body  []byte       // the one looked at, decoded
}

func (c *conn) ReadBatch(p []udp.Packet) (int, error) {
	n, err := c.Conn.ReadBatch(p)
	for i := range p[:n] {
		p[i].Data = c.pass(Received, p[i].Data)
	}
	return n, err
}

func (c *conn) WriteBatch(p []udp.Packet) (int, error) {
	if !c.sends {
		return c.Conn.WriteBatch(p)
	}
	c.out = append(c.out[:0], p...)
	for i := range c.out {
		c.out[i].Data = c.pass(Sent, c.out[i].Data)
	}
	return c.Conn.WriteBatch(c.out)
}

// pass notes a datagram's message and gives the datagram, or one without it.
// What is no packet goes by as it is.
func (c *conn) pass(kind Kind, data []byte) []byte {
	id, ok := c.messageOf(data)
	if !ok || !note(Thing{kind, id.String()}, c.test) {
		return data
	}
	return without(data)
}

func (c *conn) messageOf(data []byte) (message.ID, bool) {
	p, err := message.ParsePacket(data)
	if err != nil {
		return message.NoID, false
	}
	if c.body == nil {
		c.body = make([]byte, 0, message.MaxBody)
	}
	body, err := p.Decoded(c.body)
	if err != nil {
		return message.NoID, false
	}
	number, _, err := message.ReadNumber(body)
	if err != nil {
		return message.NoID, false
	}
	return message.Lookup(number)
}

// nobodys is a message that nobody acts on, as its number and no blocks:
// TestMessage, Low 1.
var nobodys = []byte{0xff, 0xff, 0x00, 0x01}

// without is the packet with another message in the same header, and with the
// same acks: the circuit lives on as if the receiver had left the message
// alone.
func without(data []byte) []byte {
	p, err := message.ParsePacket(data)
	if err != nil {
		return data
	}
	b := []byte{byte(p.Flags &^ message.FlagZerocoded)}
	b = binary.BigEndian.AppendUint32(b, p.Sequence)
	b = append(append(b, 0), nobodys...)
	if p.Flags&message.FlagAcks == 0 {
		return b
	}
	for i := range p.NumAcks() {
		b = binary.BigEndian.AppendUint32(b, p.Ack(i))
	}
	return append(b, byte(p.NumAcks()))
}
