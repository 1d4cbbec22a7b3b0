package message

import "encoding/binary"

// Flags is the first byte of a packet.
type Flags byte

// The flags; the low four bits are unused.
const (
	FlagZerocoded Flags = 0x80 // all from byte 6 on, up to the acks, is zero-coded
	FlagReliable  Flags = 0x40 // the receiver acknowledges it
	FlagResent    Flags = 0x20 // sent before with the same sequence number
	FlagAcks      Flags = 0x10 // acks are appended
)

const (
	// headerSize is flags, the sequence number (U32, big-endian) and the length of
	// the extra header.
	headerSize = 6

	// MaxAcks is how many acks a packet can carry: their count is one byte.
	MaxAcks = 255

	// MaxBody bounds the expansion of a zero-coded body. Zero-coding is optional for
	// the sender, so a legal message also fits uncoded into one UDP datagram: 65,507
	// bytes less the header.
	MaxBody = 65507 - headerSize
)

// Packet is a parsed datagram. It aliases the bytes it was parsed from.
type Packet struct {
	Flags    Flags
	Sequence uint32
	Extra    []byte // the extra header, which nobody is known to use; nil if zero-coded, since Body then holds it
	Body     []byte // number and blocks as on the wire, maybe zero-coded: see Decoded

	acks       []byte
	codedExtra int // length of the extra header inside a zero-coded Body
}

// ParsePacket takes a datagram apart. Anything may come in: what doesn't hold
// together gives ErrTooShort, ErrExtra or ErrAcks.
func ParsePacket(b []byte) (Packet, error) {
	if len(b) <= headerSize {
		return Packet{}, ErrTooShort
	}
	p := Packet{Flags: Flags(b[0]), Sequence: binary.BigEndian.Uint32(b[1:]), Body: b[headerSize:]}
	if p.Flags&FlagAcks != 0 {
		if !p.cutAcks() {
			return Packet{}, ErrAcks
		}
	}
	extra := int(b[5])
	switch {
	case extra == 0:
	case p.Flags&FlagZerocoded != 0:
		// The coded part begins at byte 6, so the extra header is in it.
		p.codedExtra = extra
	case extra >= len(p.Body):
		return Packet{}, ErrExtra
	default:
		p.Extra, p.Body = p.Body[:extra], p.Body[extra:]
	}
	return p, nil
}

// cutAcks takes the appended acks off the body: U32 big-endian each, then one
// count byte, not zero-coded. At least one byte of message must stay.
func (p *Packet) cutAcks() bool {
	last := len(p.Body) - 1
	start := last - 4*int(p.Body[last])
	if start < 1 {
		return false
	}
	p.Body, p.acks = p.Body[:start], p.Body[start:last]
	return true
}

// NumAcks returns how many acks were appended.
func (p *Packet) NumAcks() int { return len(p.acks) / 4 }

// Ack returns the sequence number in the i-th appended ack.
func (p *Packet) Ack(i int) uint32 { return binary.BigEndian.Uint32(p.acks[4*i:]) }

// Decoded returns the body without zero-coding: Body itself when it has none, else
// its expansion in scratch, from scratch's start; scratch grows as needed and is
// best passed with a capacity of MaxBody. It fails with ErrZeroRun, ErrExpansion
// or ErrExtra.
func (p *Packet) Decoded(scratch []byte) (body []byte, err error) {
	if p.Flags&FlagZerocoded == 0 {
		return p.Body, nil
	}
	body, err = ZeroDecode(scratch[:0], p.Body, MaxBody)
	if err != nil {
		return nil, err
	}
	if p.codedExtra >= len(body) {
		return nil, ErrExtra
	}
	return body[p.codedExtra:], nil
}

// Message decodes the packet's message into a struct of its own, which aliases
// what the packet was parsed from. It fails as Decoded does, or with ErrNumber,
// an *UnknownError or a *ShortError. Who reads many reuses buffers and structs:
// Decoded, ReadNumber, Lookup and DecodeBody are its steps.
func (p *Packet) Message() (Message, error) {
	body, err := p.Decoded(nil)
	if err != nil {
		return nil, err
	}
	number, start, err := ReadNumber(body)
	if err != nil {
		return nil, err
	}
	id, ok := Lookup(number)
	if !ok {
		return nil, &UnknownError{number}
	}
	m := New(id)
	if _, err := m.DecodeBody(body[start:]); err != nil {
		return nil, err
	}
	return m, nil
}

// AppendPacket appends a whole packet with m to dst: header, number and body,
// zero-coded when the template says so and it comes out no longer. flags may hold
// FlagReliable and FlagResent; the other two are set as needed, here and by
// AppendAcks. *scratch holds the body before it is zero-coded and is grown for the
// next call. On error dst comes back as it was.
//
// A Dynamic is sent as its own template says.
func AppendPacket(dst []byte, flags Flags, seq uint32, m Message, scratch *[]byte) ([]byte, error) {
	number, zerocoded := numberOf(m)
	flags &= FlagReliable | FlagResent
	body := len(dst) + headerSize
	out := append(dst, byte(flags), byte(seq>>24), byte(seq>>16), byte(seq>>8), byte(seq), 0)
	if !zerocoded {
		out, err := m.AppendBody(AppendNumber(out, number))
		if err != nil {
			return dst, err
		}
		return out, nil
	}
	plain, err := m.AppendBody(AppendNumber((*scratch)[:0], number))
	if err != nil {
		return dst, err
	}
	*scratch = plain
	out = ZeroEncode(out, plain)
	if len(out)-body > len(plain) {
		return append(out[:body], plain...), nil
	}
	out[len(dst)] |= byte(FlagZerocoded)
	return out, nil
}

func numberOf(m Message) (n Number, zerocoded bool) {
	if d, ok := m.(*Dynamic); ok {
		return d.Number(), d.Desc.Zerocoded
	}
	id := m.ID()
	return id.Number(), id.Zerocoded()
}

// AppendAcks appends acks to a packet that has none yet, and sets its flag: U32
// big-endian each, then their count. pkt is the packet alone, its flags at pkt[0].
// It takes MaxAcks at most and panics on more: the caller knows how many fit into
// its datagram.
func AppendAcks(pkt []byte, acks []uint32) []byte {
	if len(acks) == 0 {
		return pkt
	}
	if len(acks) > MaxAcks {
		panic("message: AppendAcks: more than 255 acks")
	}
	pkt[0] |= byte(FlagAcks)
	for _, seq := range acks {
		pkt = binary.BigEndian.AppendUint32(pkt, seq)
	}
	return append(pkt, byte(len(acks)))
}
