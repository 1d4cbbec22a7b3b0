package message

import (
	"bytes"
	"flag"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/slload/slload/message/template"
)

// fewerChecks lowers rapid's number of cases, for properties that are checked for
// each of the 483 messages.
func fewerChecks(t *testing.T, n string) {
	t.Helper()
	old := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", n); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set("rapid.checks", old) })
}

// TestRoundTrip takes random values of every message through every form that a
// message can have: run-time description, wire, generated type, packet, LLSD.
func TestRoundTrip(t *testing.T) {
	fewerChecks(t, "20")
	for id := range ID(NumMessages) {
		t.Run(id.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { roundTrip(t, id) })
		})
	}
}

func roundTrip(t *rapid.T, id ID) {
	want := randomMessage(t, id.Descriptor())
	wire, err := want.AppendBody(nil)
	if err != nil {
		t.Fatal(err)
	}
	typed := New(id)
	if n, err := typed.DecodeBody(wire); err != nil || n != len(wire) {
		t.Fatalf("the generated type read %d of %d bytes: %v", n, len(wire), err)
	}
	if diff := diffBlocks(want, ToDynamic(typed)); diff != "" {
		t.Fatalf("values of the generated type (-want +got):\n%s", diff)
	}
	again := NewDynamic(id.Descriptor())
	if n, err := again.DecodeBody(wire); err != nil || n != len(wire) {
		t.Fatalf("Dynamic read %d of %d bytes: %v", n, len(wire), err)
	}
	if diff := diffBlocks(want, again); diff != "" {
		t.Fatalf("values of Dynamic (-want +got):\n%s", diff)
	}
	fromMap := New(id)
	if err := FromMap(fromMap, ToMap(typed)); err != nil {
		t.Fatal(err)
	}
	for form, m := range map[string]Message{"generated type": typed, "LLSD": fromMap, "packet": throughPacket(t, typed)} {
		if got, err := m.AppendBody(nil); err != nil || !bytes.Equal(got, wire) {
			t.Fatalf("%s encoded\n%x (%v), want\n%x", form, got, err, wire)
		}
	}
}

// diffBlocks compares by hand and asks cmp only to show a difference: over all
// messages cmp alone would take most of a minute.
func diffBlocks(want, got *Dynamic) string {
	sameValue := func(a, b any) bool {
		x, xBytes := a.([]byte)
		y, yBytes := b.([]byte)
		return xBytes && yBytes && bytes.Equal(x, y) || !xBytes && a == b
	}
	sameRow := func(a, b Row) bool { return slices.EqualFunc(a, b, sameValue) }
	sameBlock := func(a, b []Row) bool { return slices.EqualFunc(a, b, sameRow) }
	if slices.EqualFunc(want.Blocks, got.Blocks, sameBlock) {
		return ""
	}
	return "blocks differ\n" + cmp.Diff(want.Blocks, got.Blocks, cmpopts.EquateEmpty())
}

// throughPacket sends m in a packet with acks and returns what arrives.
func throughPacket(t *rapid.T, m Message) Message {
	var scratch []byte
	pkt, err := AppendPacket(nil, FlagReliable, 1, m, &scratch)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParsePacket(AppendAcks(pkt, []uint32{1, 2, 3}))
	if err != nil || p.NumAcks() != 3 || p.Ack(2) != 3 {
		t.Fatalf("the packet holds %d acks: %v", p.NumAcks(), err)
	}
	body, err := p.Decoded(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, n, err := CompiledIn().Decode(body)
	if err != nil || n != len(body) || d.ID() != m.ID() {
		t.Fatalf("Catalogue read %d of %d bytes: %v", n, len(body), err)
	}
	_, start, _ := ReadNumber(body)
	got := New(m.ID())
	if _, err := got.DecodeBody(body[start:]); err != nil {
		t.Fatal(err)
	}
	return got
}

// randomMessage draws a value for every field.
func randomMessage(t *rapid.T, desc *template.Message) *Dynamic {
	d := NewDynamic(desc)
	for i := range desc.Blocks {
		b := &desc.Blocks[i]
		if b.Quantity == template.VariableBlocks {
			for range rapid.IntRange(0, 3).Draw(t, b.Name) {
				d.Blocks[i] = append(d.Blocks[i], zeroRow(b))
			}
		}
		for _, row := range d.Blocks[i] {
			for j := range row {
				row[j] = randomValue(t, &b.Fields[j])
			}
		}
	}
	return d
}

var lengths = rapid.SampledFrom([]int{0, 1, 2, 7, 30, 254, 255})

func randomValue(t *rapid.T, f *template.Field) any {
	bits := rapid.Uint64().Draw(t, f.Name)
	// NaNs lose their payload on the way through LLSD's 64 bits, so there are none.
	single := func(shift int) float32 {
		return float32(int32(bits>>shift)) / 1024
	}
	fill := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(bits >> (i % 8 * 8))
		}
		return b
	}
	switch f.Type {
	case template.F32:
		return single(0)
	case template.F64:
		return float64(int64(bits)) / 1024
	case template.LLVector3:
		return Vector3{single(0), single(8), single(16)}
	case template.LLVector3d:
		return Vector3d{float64(bits), -float64(bits), math.Inf(1)}
	case template.LLVector4:
		return Vector4{single(0), single(8), single(16), single(24)}
	case template.LLQuaternion:
		return NewQuaternion(single(0), single(8), single(16), single(24))
	case template.LLUUID:
		return uuid.UUID(fill(16))
	case template.BOOL:
		return bits&1 == 1
	case template.Variable:
		return fill(lengths.Draw(t, "length of "+f.Name))
	}
	return codecs[f.Type].get(fill(f.FixedSize())) // every pattern of bits is a value
}

// TestEveryMessageIsItsDescriptor compares the generated structs with the
// descriptors by name.
func TestEveryMessageIsItsDescriptor(t *testing.T) {
	for id := range ID(NumMessages) {
		desc := id.Descriptor()
		m := reflect.TypeOf(New(id)).Elem()
		if m.Name() != desc.Name || m.NumField() != len(desc.Blocks) {
			t.Errorf("type %s with %d blocks stands for %s with %d", m.Name(), m.NumField(), desc.Name, len(desc.Blocks))
			continue
		}
		for i, b := range desc.Blocks {
			block := m.Field(i)
			typ := block.Type
			if b.Quantity != template.Single {
				typ = typ.Elem()
			}
			if block.Name != b.Name || typ.NumField() != len(b.Fields) {
				t.Errorf("%s.%s with %d fields stands for %s with %d", desc.Name, block.Name, typ.NumField(), b.Name, len(b.Fields))
				continue
			}
			for j, f := range b.Fields {
				if typ.Field(j).Name != f.Name {
					t.Errorf("%s.%s.%s stands for %s", desc.Name, b.Name, typ.Field(j).Name, f.Name)
				}
			}
		}
	}
}

func TestLookup(t *testing.T) {
	for id := range ID(NumMessages) {
		desc := id.Descriptor()
		m := New(id)
		byNumber, ok1 := Lookup(id.Number())
		byName, ok2 := ByName(desc.Name)
		if m.ID() != id || !ok1 || byNumber != id || !ok2 || byName != id || id.String() != desc.Name ||
			uint32(id.Number()) != desc.WireNumber() || id.Zerocoded() != desc.Zerocoded {
			t.Errorf("%s: New, Lookup, ByName and the descriptor don't agree", desc.Name)
		}
		number := AppendNumber(nil, id.Number())
		want := map[template.Frequency]int{template.High: 1, template.Medium: 2, template.Low: 4, template.FixedFrequency: 4}
		if read, n, err := ReadNumber(number); err != nil || n != len(number) || n != want[desc.Frequency] || read != id.Number() {
			t.Errorf("%s: number %x read as %#x in %d bytes: %v", desc.Name, number, read, n, err)
		}
	}
	for _, n := range []Number{0, 0xFE, 0xFF, 0xFF00, 0xFFFE, 0xFFFF, 0x10000, 0xFFFE0001, 0xFFFF0000, 0xFFFFFE00, 0xFFFFFF00, 0xFFFFFFFF} {
		if id, ok := Lookup(n); ok {
			t.Errorf("%#x, which is no message, is %s", n, id)
		}
	}
	if _, ok := ByName("chatfromsimulator"); ok {
		t.Error("a name in other letters was found")
	}
	if NoID.String() != "NoID" {
		t.Errorf("NoID is called %s", NoID)
	}
}
