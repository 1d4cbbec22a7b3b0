package message

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/message/template"
)

// TestCustomTemplate sends and receives a message that was not compiled in.
func TestCustomTemplate(t *testing.T) {
	custom, err := template.Parse(strings.NewReader("version 2.0 "+everyType+
		"{ Ping High 200 NotTrusted Zerocoded { B Single {Padding Fixed 9} } }"), "custom")
	if err != nil {
		t.Fatal(err)
	}
	c := LoadCatalogue(custom)
	desc, ok := c.ByName("Ping")
	if !ok {
		t.Fatal("the custom message has no name")
	}
	if byNumber, ok := c.Lookup(200); !ok || byNumber != desc {
		t.Fatal("the custom message has no number")
	}
	d := NewDynamic(desc)
	if d.ID() != NoID {
		t.Errorf("the custom message has the ID of %s", d.ID())
	}
	var scratch []byte
	pkt, err := AppendPacket(nil, FlagReliable, 5, d, &scratch)
	if want := unhex(t, "C0 00000005 00 | C8 | 00 09"); err != nil || !bytes.Equal(pkt, want) {
		t.Fatalf("encoded %x (%v), want %x", pkt, err, want)
	}
	p, err := ParsePacket(pkt)
	if err != nil {
		t.Fatal(err)
	}
	body, err := p.Decoded(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, n, err := c.Decode(append(body, 0xEE))
	if err != nil || n != 10 {
		t.Fatalf("decoding read %d bytes: %v", n, err)
	}
	if diff := cmp.Diff(d, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDynamicThroughMaps(t *testing.T) {
	d := sampleEveryType(t)
	d.Blocks[0][0][9] = 0.25 // NaN equals nothing
	got := NewDynamic(d.Desc)
	if err := got.FromMap(d.ToMap()); err != nil {
		t.Fatal(err)
	}
	if diff := diffBlocks(d, got); diff != "" {
		t.Error(diff)
	}
}

func TestCatalogueRefuses(t *testing.T) {
	c := CompiledIn()
	if _, _, err := c.Decode([]byte{0xFF}); !errors.Is(err, ErrNumber) {
		t.Errorf("half a number: %v", err)
	}
	var unknown *UnknownError
	if _, _, err := c.Decode([]byte{0xFE}); !errors.As(err, &unknown) || unknown.Number != 0xFE || unknown.Reason() != "unknown" {
		t.Errorf("a number that nobody has: %v", err)
	}
	var short *ShortError
	if _, _, err := c.Decode([]byte{1, 5, 0}); !errors.As(err, &short) || *short != (ShortError{"StartPingCheck", "PingID", 0, 2}) {
		t.Errorf("half a message: %v", err)
	}
}

// TestShortBodies cuts bodies at each byte: the generated types and Dynamic must
// agree on which lengths are legal and what is missing.
func TestShortBodies(t *testing.T) {
	for _, v := range vectors {
		whole := unhex(t, v.wire)
		for size := range whole {
			m, d := New(v.want.ID()), NewDynamic(v.want.ID().Descriptor())
			_, typedErr := m.DecodeBody(whole[:size])
			_, dynamicErr := d.DecodeBody(whole[:size])
			if diff := cmp.Diff(typedErr, dynamicErr); diff != "" {
				t.Errorf("%s, %d of %d bytes (-typed +dynamic):\n%s", m.ID(), size, len(whole), diff)
			}
		}
	}
	for _, v := range []struct {
		name string
		wire string
		m    Message
		want error
	}{
		{"a count that the body can't hold", "FF 01", &PacketAck{}, &ShortError{"PacketAck", "Packets", -1, 2}},
		{"a Variable 1 longer than the rest", "02" + times(16, "01") + "00" + times(16, "02") + "05 41", &ParcelRename{}, &ShortError{"ParcelRename", "ParcelData", 1, 36}},
		{"a Variable 2 longer than the rest", "4C FF FF 00", &LayerData{}, &ShortError{"LayerData", "LayerData", 0, 4}},
		{"the second of four Multiples", times(20, "00"), &TestMessage{}, &ShortError{"TestMessage", "NeighborBlock", 1, 20}},
	} {
		_, err := v.m.DecodeBody(unhex(t, v.wire))
		if diff := cmp.Diff(v.want, err); diff != "" {
			t.Errorf("%s (-want +got):\n%s", v.name, diff)
		}
		if err != nil && !strings.Contains(err.Error(), v.m.ID().String()) {
			t.Errorf("%s: the error doesn't name the message: %v", v.name, err)
		}
	}
}

// TestMissingVariableBlock: a Variable block that is missing at the end of a
// message has no repeats, whatever the struct held before.
func TestMissingVariableBlock(t *testing.T) {
	body := unhex(t, times(16, "01")+times(16, "02")+"7F000001")
	typed := &FindAgent{LocationBlock: []FindAgentLocationBlock{{GlobalX: 1}}}
	if n, err := typed.DecodeBody(body); err != nil || n != len(body) || len(typed.LocationBlock) != 0 {
		t.Errorf("the generated type read %d bytes and has %d repeats: %v", n, len(typed.LocationBlock), err)
	}
	d := ToDynamic(&FindAgent{LocationBlock: []FindAgentLocationBlock{{GlobalX: 1}}})
	if n, err := d.DecodeBody(body); err != nil || n != len(body) || len(d.Blocks[1]) != 0 {
		t.Errorf("Dynamic read %d bytes and has %d repeats: %v", n, len(d.Blocks[1]), err)
	}
}

// TestTrailingBytes: OpenSim sends terse updates that count 18 objects and carry a
// nineteenth.
func TestTrailingBytes(t *testing.T) {
	object := sampleTerse(1)
	one, err := object.AppendBody(nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := sampleTerse(18).AppendBody(nil)
	if err != nil {
		t.Fatal(err)
	}
	nineteenth := one[11:] // after the region's 10 bytes and the count
	var m ImprovedTerseObjectUpdate
	n, err := m.DecodeBody(append(body, nineteenth...))
	if err != nil || n != len(body) || len(m.ObjectData) != 18 || len(nineteenth) != 63 {
		t.Errorf("read %d objects in %d of %d bytes, %d trail: %v", len(m.ObjectData), n, len(body), len(nineteenth), err)
	}
}

// TestReuse decodes long and short messages into one struct.
func TestReuse(t *testing.T) {
	var m PacketAck
	for _, ids := range [][]uint32{{1, 2, 3}, {9}, nil, {4, 5, 6, 7}} {
		body := []byte{byte(len(ids))}
		for _, id := range ids {
			body = append(body, byte(id), 0, 0, 0)
		}
		if _, err := m.DecodeBody(body); err != nil {
			t.Fatal(err)
		}
		var got []uint32
		for _, p := range m.Packets {
			got = append(got, p.ID)
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestVariableFieldsAlias holds that Variable fields are windows into the input
// which can't be appended into their neighbours.
func TestVariableFieldsAlias(t *testing.T) {
	body := unhex(t, times(16, "22")+"FE FF 02 61 00")
	var m ReplyTaskInventory
	if _, err := m.DecodeBody(body); err != nil {
		t.Fatal(err)
	}
	name := m.InventoryData.Filename
	if &name[0] != &body[19] {
		t.Error("the field is a copy: that allocates")
	}
	if cap(name) != len(name) {
		t.Errorf("the field's capacity %d reaches past its %d bytes", cap(name), len(name))
	}
}

func TestDynamicRefusesOtherShapes(t *testing.T) {
	desc := describe(t, "{ M Low 1 NotTrusted Unencoded { A Single {F U8} {G Fixed 2} } { B Multiple 2 {F U8} } { C Variable {F Variable 1} } }")
	for name, blocks := range map[string][][]Row{
		"a missing block":             {{{uint8(1), []byte{1, 2}}}, {{uint8(1)}, {uint8(2)}}},
		"a Single that comes twice":   {{{uint8(1), []byte{1, 2}}, {uint8(1), []byte{1, 2}}}, {{uint8(1)}, {uint8(2)}}, {}},
		"a Multiple that comes once":  {{{uint8(1), []byte{1, 2}}}, {{uint8(1)}}, {}},
		"a missing field":             {{{uint8(1)}}, {{uint8(1)}, {uint8(2)}}, {}},
		"a value of another type":     {{{1, []byte{1, 2}}}, {{uint8(1)}, {uint8(2)}}, {}},
		"a Fixed of another length":   {{{uint8(1), []byte{1}}}, {{uint8(1)}, {uint8(2)}}, {}},
		"a Variable that is no bytes": {{{uint8(1), []byte{1, 2}}}, {{uint8(1)}, {uint8(2)}}, {{"text"}}},
		"nil":                         {{{nil, []byte{1, 2}}}, {{uint8(1)}, {uint8(2)}}, {}},
	} {
		got, err := (&Dynamic{Desc: desc, Blocks: blocks}).AppendBody([]byte("before"))
		if err == nil || !strings.Contains(err.Error(), "encode M: ") || string(got) != "before" {
			t.Errorf("%s gave %q and error %v", name, got, err)
		}
	}
}
