package message

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/slload/slload/internal/captured"
)

// TestCaptureReencodes decodes every datagram of the capture into the generated
// types and encodes it again to the same bytes, header, zero-coding and acks
// included.
func TestCaptureReencodes(t *testing.T) {
	datagrams := captured.Bots(t)
	s := newSurvey()
	for i, d := range datagrams {
		if err := s.datagram(d.Data); err != nil {
			t.Errorf("datagram %d: %v\n%x", i, err, d.Data)
		}
	}
	if s.equal != len(datagrams) {
		t.Errorf("%d of %d datagrams came out with the same bytes", s.equal, len(datagrams))
	}
	if len(s.messages) < 10 || s.zerocoded == 0 || s.acks == 0 || s.reliable == 0 {
		t.Errorf("the capture covers too little to mean anything: %d messages, %d zero-coded, %d with acks, %d reliable",
			len(s.messages), s.zerocoded, s.acks, s.reliable)
	}
	t.Logf("%d datagrams, %d byte-equal, %d of them from AppendPacket alone; %d zero-coded, %d with %d appended acks, %d reliable, %d resent",
		len(datagrams), s.equal, s.byTemplate, s.zerocoded, s.withAcks, s.acks, s.reliable, s.resent)
	for _, table := range []map[string]int{s.unusual, s.messages} {
		for _, k := range slices.Sorted(maps.Keys(table)) {
			t.Logf("%6d %s", table[k], k)
		}
	}
}

// survey re-encodes datagrams and counts what it sees.
type survey struct {
	decoded, scratch, plain, out                                   []byte
	reused                                                         [NumMessages]Message
	equal, byTemplate, zerocoded, withAcks, acks, reliable, resent int
	messages, unusual                                              map[string]int
}

func newSurvey() *survey {
	return &survey{decoded: make([]byte, 0, MaxBody), messages: map[string]int{}, unusual: map[string]int{}}
}

func (s *survey) datagram(b []byte) error {
	p, err := ParsePacket(b)
	if err != nil {
		return err
	}
	s.count(&p)
	body, err := p.Decoded(s.decoded)
	if err != nil {
		return err
	}
	number, n, err := ReadNumber(body)
	if err != nil {
		return err
	}
	id, ok := Lookup(number)
	if !ok {
		return &UnknownError{number}
	}
	s.messages[id.String()]++
	if s.reused[id] == nil {
		s.reused[id] = New(id)
	}
	m := s.reused[id]
	size, err := m.DecodeBody(body[n:])
	if err != nil {
		return err
	}
	if d, read, err := CompiledIn().Decode(body); err != nil || read != n+size {
		return fmt.Errorf("%s: Dynamic read %d bytes, the generated type %d: %w", id, read, n+size, err)
	} else if diff := diffBlocks(ToDynamic(m), d); diff != "" {
		return fmt.Errorf("%s (-typed +dynamic): %s", id, diff)
	}
	extra := body[n+size:]
	if len(extra) > 0 {
		s.unusual[fmt.Sprintf("%s with %d trailing bytes", id, len(extra))]++
	}
	return s.reencode(b, &p, body, m, extra)
}

func (s *survey) count(p *Packet) {
	if p.Flags&FlagZerocoded != 0 {
		s.zerocoded++
	}
	if p.Flags&FlagReliable != 0 {
		s.reliable++
	}
	if p.Flags&FlagResent != 0 {
		s.resent++
	}
	if p.NumAcks() > 0 {
		s.withAcks++
		s.acks += p.NumAcks()
	}
}

// reencode builds the packet again, twice: with frame as its sender made it, which
// must give the same bytes, and with AppendPacket, which must do so wherever the
// sender kept to the template.
func (s *survey) reencode(b []byte, p *Packet, body []byte, m Message, extra []byte) error {
	var err error
	if s.plain, err = m.AppendBody(AppendNumber(s.plain[:0], m.ID().Number())); err != nil {
		return err
	}
	s.plain = append(s.plain, extra...)
	exact := len(extra) == 0
	if rest, early := bytes.CutPrefix(s.plain, body); early && len(rest) > 0 && len(bytes.Trim(rest, "\x00")) == 0 {
		// Variable blocks at the end that the sender left out; we write their count, 0.
		s.unusual[fmt.Sprintf("%s without its last %d blocks", m.ID(), len(rest))]++
		s.plain, exact = s.plain[:len(body)], false
	}
	if !bytes.Equal(s.plain, body) {
		return fmt.Errorf("%s encodes to other bytes:\ngot  %x\nwant %x", m.ID(), s.plain, body)
	}
	acks := make([]uint32, p.NumAcks())
	for i := range acks {
		acks[i] = p.Ack(i)
	}
	if s.out = AppendAcks(frame(s.out[:0], p, s.plain), acks); !bytes.Equal(s.out, b) {
		return fmt.Errorf("%s makes another packet:\n%x", m.ID(), s.out)
	}
	s.equal++
	if p.Flags&FlagZerocoded != 0 && !m.ID().Zerocoded() {
		s.unusual[fmt.Sprintf("%s zero-coded, though the template says Unencoded", m.ID())]++
		exact = false
	}
	if !exact {
		return nil
	}
	s.out, err = AppendPacket(s.out[:0], p.Flags, p.Sequence, m, &s.scratch)
	if err != nil {
		return err
	}
	if s.out = AppendAcks(s.out, acks); !bytes.Equal(s.out, b) {
		return fmt.Errorf("AppendPacket makes another packet of %s:\n%x", m.ID(), s.out)
	}
	s.byTemplate++
	return nil
}

// frame puts a header before a body, and codes it as the packet p was.
func frame(dst []byte, p *Packet, body []byte) []byte {
	dst = append(dst, byte(p.Flags&^FlagAcks))
	dst = append(binary.BigEndian.AppendUint32(dst, p.Sequence), 0)
	if p.Flags&FlagZerocoded != 0 {
		return ZeroEncode(dst, body)
	}
	return append(dst, body...)
}
