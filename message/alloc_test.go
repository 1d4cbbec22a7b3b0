package message

import (
	"bytes"
	"testing"

	"github.com/slload/slload/message/template"
)

// TestNothingAllocates decodes and encodes every message with warm buffers: two
// repeats of each Variable block, five bytes in each Variable field.
func TestNothingAllocates(t *testing.T) {
	var pkt, scratch []byte
	decoded := make([]byte, 0, MaxBody)
	for id := range ID(NumMessages) {
		m := New(id)
		body := filledBody(t, id.Descriptor())
		if n := testing.AllocsPerRun(5, func() {
			if _, err := m.DecodeBody(body); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("decoding %s allocates %v times", id, n)
		}
		if n := testing.AllocsPerRun(5, func() {
			var err error
			if pkt, err = AppendPacket(pkt[:0], FlagReliable, 1, m, &scratch); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("encoding %s allocates %v times", id, n)
		}
		if n := testing.AllocsPerRun(5, func() {
			p, err := ParsePacket(pkt)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Decoded(decoded); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("parsing a packet with %s allocates %v times", id, n)
		}
	}
}

func filledBody(t *testing.T, desc *template.Message) []byte {
	t.Helper()
	d := NewDynamic(desc)
	for i := range desc.Blocks {
		b := &desc.Blocks[i]
		if b.Quantity == template.VariableBlocks {
			d.Blocks[i] = []Row{zeroRow(b), zeroRow(b)}
		}
		for _, row := range d.Blocks[i] {
			for j := range b.Fields {
				if b.Fields[j].Type == template.Variable {
					row[j] = []byte("abcd\x00")
				}
			}
		}
	}
	body, err := d.AppendBody(nil)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestLookupsDontAllocate(t *testing.T) {
	body := []byte{0xFF, 0xFF, 0x00, 0x8B}
	if n := testing.AllocsPerRun(100, func() {
		number, _, err := ReadNumber(body)
		id, ok := Lookup(number)
		if err != nil || !ok || id.Descriptor().Name != "ChatFromSimulator" {
			t.Fatal("wrong message")
		}
		if _, ok := ByName("ChatFromSimulator"); !ok {
			t.Fatal("no message")
		}
	}); n != 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}

// TestHostilePacketsDontAllocate: what a stranger sends must not cost memory.
func TestHostilePacketsDontAllocate(t *testing.T) {
	scratch := make([]byte, 0, MaxBody)
	hostile := [][]byte{
		{}, {0, 0, 0, 0, 0, 0}, {0x10, 0, 0, 0, 0, 0, 1, 0xFF}, {0, 0, 0, 0, 0, 9, 1},
		append([]byte{0x80, 0, 0, 0, 0, 0}, bytes.Repeat([]byte{0, 0xFF}, 700)...),
		{0x80, 0, 0, 0, 0, 0, 1, 0},
	}
	if n := testing.AllocsPerRun(20, func() {
		for _, b := range hostile {
			p, err := ParsePacket(b)
			if err == nil {
				_, err = p.Decoded(scratch)
			}
			if err == nil {
				t.Fatalf("%x was taken", b)
			}
		}
	}); n != 0 {
		t.Errorf("refusing allocates %v times", n)
	}
}
