package message

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// packets holds whole packets, worked out by hand: flags, sequence number
// (big-endian), length of the extra header, message number, body, appended acks
// (big-endian) and their count.
var packets = []struct {
	name  string
	wire  string
	flags Flags
	seq   uint32
	want  Message
	acks  []uint32
}{
	{"High", "00 00000001 00 | 01 | 05 2A000000",
		0, 1, &StartPingCheck{StartPingCheckPingID{PingID: 5, OldestUnacked: 42}}, nil},
	{"High, zero-coded: 2 and 12 zeros", "80 00000102 00 | 16 | 00 02 80 3F 00 0C",
		FlagZerocoded, 0x102, &CameraConstraint{CameraConstraintCameraCollidePlane{Plane: Vector4{X: 1}}}, nil},
	{"Medium, reliable, with two acks", "50 01000000 00 | FF 0E |" + times(16, "11") + "00 00 80 3F | 0000000A 00010000 02",
		FlagReliable | FlagAcks, 0x01000000,
		&AttachedSoundGainChange{AttachedSoundGainChangeDataBlock{ObjectID: idOf(0x11), Gain: 1}}, []uint32{10, 65536}},
	{"Low, zero-coded, reliable, resent, with an ack: the number's own zero is coded too", "F0 FFFFFFFE 00 | FF FF 00 01 9B | 00 10 02 00 03 | 01020304 01",
		FlagZerocoded | FlagReliable | FlagResent | FlagAcks, 0xFFFFFFFE,
		&TransferAbort{TransferAbortTransferInfo{ChannelType: 2}}, []uint32{0x01020304}},
	{"Low, marked as zero-coded, but that would be longer", "00 00000007 00 | FF FF 00 8A | 00 00 C8 42",
		0, 7, &HealthMessage{HealthMessageHealthData{Health: 100}}, nil},
	{"Low, zero-coded: 300 zeros are two runs", "80 00000008 00 | FF FF 00 01 C4 | 01 00 03 | 2C 01 | 00 FF 00 2D",
		FlagZerocoded, 8, &ParcelOverlay{ParcelOverlayParcelData{SequenceID: 1, Data: make([]byte, 300)}}, nil},
	{"Fixed, acks in the body are little-endian", "00 00000003 00 | FF FF FF FB | 02 | 0A000000 00000100",
		0, 3, &PacketAck{[]PacketAckPackets{{ID: 10}, {ID: 65536}}}, nil},
}

func TestPackets(t *testing.T) {
	for _, v := range packets {
		t.Run(v.name, func(t *testing.T) {
			wire := unhex(t, v.wire)
			var scratch []byte
			got, err := AppendPacket(nil, v.flags, v.seq, v.want, &scratch)
			if err != nil {
				t.Fatal(err)
			}
			if got = AppendAcks(got, v.acks); !bytes.Equal(got, wire) {
				t.Errorf("encoded\n%x, want\n%x", got, wire)
			}
			p, m := decodePacket(t, wire)
			if p.Flags != v.flags || p.Sequence != v.seq {
				t.Errorf("decoded flags %#x and sequence %d, want %#x and %d", p.Flags, p.Sequence, v.flags, v.seq)
			}
			var acks []uint32
			for i := range p.NumAcks() {
				acks = append(acks, p.Ack(i))
			}
			if diff := cmp.Diff(v.acks, acks); diff != "" {
				t.Errorf("acks (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(v.want, m); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

// decodePacket takes a datagram all the way to its message.
func decodePacket(t *testing.T, wire []byte) (Packet, Message) {
	t.Helper()
	p, err := ParsePacket(wire)
	if err != nil {
		t.Fatalf("parse %x: %v", wire, err)
	}
	m, err := p.Message()
	if err != nil {
		t.Fatalf("decode %x: %v", wire, err)
	}
	return p, m
}

// TestOtherEncodings decodes what legal senders may write and we never do.
func TestOtherEncodings(t *testing.T) {
	zeros300 := &ParcelOverlay{ParcelOverlayParcelData{SequenceID: 1, Data: make([]byte, 300)}}
	for _, v := range []struct {
		name string
		wire string
		want Message
	}{
		{"300 zeros as a wrapped count: 00 00 2C is 256 + 44", "80 00000008 00 | FF FF 00 01 C4 | 01 00 03 | 2C 01 | 00 00 2C", zeros300},
		{"300 zeros as many short runs", "80 00000008 00 | FF FF 00 01 C4 | 01 00 03 | 2C 01 |" + times(3, "00 64"), zeros300},
		{"zero-coded, though the template says it isn't", "80 00000001 00 | 01 | 05 2A 00 03",
			&StartPingCheck{StartPingCheckPingID{PingID: 5, OldestUnacked: 42}}},
		{"zero-coded, though it is longer so", "80 00000007 00 | FF FF 00 01 8A | 00 02 C8 42",
			&HealthMessage{HealthMessageHealthData{Health: 100}}},
		{"not zero-coded, though the template says it is", "00 00000102 00 | 16 | 00 00 80 3F" + times(12, "00"),
			&CameraConstraint{CameraConstraintCameraCollidePlane{Plane: Vector4{X: 1}}}},
		{"an extra header", "00 00000001 02 | AA BB | 02 | 07", &CompletePingCheck{CompletePingCheckPingID{PingID: 7}}},
		{"an extra header inside the zero-coded part", "80 00000001 03 | AA 00 02 | 02 | 07", &CompletePingCheck{CompletePingCheckPingID{PingID: 7}}},
		{"the acks flag with a count of 0", "10 00000001 00 | 02 | 07 | 00", &CompletePingCheck{CompletePingCheckPingID{PingID: 7}}},
		{"flag bits that mean nothing", "0F 00000001 00 | 02 | 07", &CompletePingCheck{CompletePingCheckPingID{PingID: 7}}},
		{"trailing bytes", "00 00000001 00 | 02 | 07 | 01 02 03", &CompletePingCheck{CompletePingCheckPingID{PingID: 7}}},
	} {
		t.Run(v.name, func(t *testing.T) {
			p, m := decodePacket(t, unhex(t, v.wire))
			if diff := cmp.Diff(v.want, m); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			if p.NumAcks() != 0 {
				t.Errorf("%d acks came out of none", p.NumAcks())
			}
		})
	}
	p, _ := decodePacket(t, unhex(t, "00 00000001 02 | AA BB | 02 | 07"))
	if want := []byte{0xAA, 0xBB}; !bytes.Equal(p.Extra, want) {
		t.Errorf("the extra header is %x, want %x", p.Extra, want)
	}
}

func TestBrokenPackets(t *testing.T) {
	for _, v := range []struct {
		name   string
		wire   string
		want   error
		reason string
	}{
		{"empty", "", ErrTooShort, "short"},
		{"a header alone", "00 00000001 00", ErrTooShort, "short"},
		{"extra header as long as the rest", "00 00000001 02 | 02 07", ErrExtra, "extra"},
		{"extra header longer than the packet", "00 00000001 FF | 02 07", ErrExtra, "extra"},
		{"extra header longer than the expansion", "80 00000001 05 | 00 04 07", ErrExtra, "extra"},
		{"255 acks in a short packet", "10 00000001 00 | 02 07 | FF", ErrAcks, "acks"},
		{"acks that leave no message", "10 00000001 00 | 0000000A 01", ErrAcks, "acks"},
		{"an ack count that is the whole body", "10 00000001 00 | 00", ErrAcks, "acks"},
		{"acks that reach into the extra header", "10 00000001 02 | AA BB | 0000000A 01", ErrExtra, "extra"},
		{"a run without its length", "80 00000001 00 | 01 05 00", ErrZeroRun, "zero_run"},
		{"a wrapped run without its length", "80 00000001 00 | 01 05 00 00 00", ErrZeroRun, "zero_run"},
		{"an expansion past any legal message", "80 00000001 00 | 01 |" + times(257, "00 FF"), ErrExpansion, "expansion"},
		{"an expansion past it by wrapping", "80 00000001 00 | 01 |" + times(257, "00") + "FF", ErrExpansion, "expansion"},
		{"a Low number cut off", "00 00000001 00 | FF FF 00", ErrNumber, "number"},
		{"a Medium number cut off", "00 00000001 00 | FF", ErrNumber, "number"},
	} {
		t.Run(v.name, func(t *testing.T) {
			p, err := ParsePacket(unhex(t, v.wire))
			if err == nil {
				_, err = p.Message()
			}
			var reasoner interface{ Reason() string }
			if !errors.Is(err, v.want) || !errors.As(err, &reasoner) || reasoner.Reason() != v.reason {
				t.Errorf("got %v, want %v with reason %q", err, v.want, v.reason)
			}
		})
	}
}

// What a whole packet can hold that is no message.
func TestPacketsWithoutAMessage(t *testing.T) {
	for wire, want := range map[string]string{
		"00 00000001 00 | FF FF FF 00": "unknown",
		"00 00000001 00 | 01 | 05 2A":  "body",
	} {
		p, err := ParsePacket(unhex(t, wire))
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Message()
		var reasoner interface{ Reason() string }
		if m != nil || !errors.As(err, &reasoner) || reasoner.Reason() != want {
			t.Errorf("%s: got %v, %v, want an error with reason %q", wire, m, err, want)
		}
	}
}

func TestAppendPacketKeepsWhatIsThere(t *testing.T) {
	before := []byte{1, 2, 3}
	var scratch []byte
	for _, m := range []Message{
		&CompletePingCheck{CompletePingCheckPingID{PingID: 7}}, // Unencoded
		&CameraConstraint{}, // zero-coded
		&HealthMessage{HealthMessageHealthData{Health: 100}},               // longer when zero-coded
		&ParcelOverlay{ParcelOverlayParcelData{Data: make([]byte, 60000)}}, // grows both buffers
		&GenericStreamingMessage{DataBlock: GenericStreamingMessageDataBlock{Data: []byte{1}}},
	} {
		got, err := AppendPacket(before, 0, 9, m, &scratch)
		if err != nil || !bytes.HasPrefix(got, before) {
			t.Fatalf("AppendPacket of %s to %x: %x, %v", m.ID(), before, got, err)
		}
		if _, decoded := decodePacket(t, got[len(before):]); !cmp.Equal(m, decoded) {
			t.Errorf("%s: (-want +got)\n%s", m.ID(), cmp.Diff(m, decoded))
		}
	}
}

func TestAppendPacketSetsItsOwnFlags(t *testing.T) {
	var scratch []byte
	got, err := AppendPacket(nil, 0xFF, 9, &CompletePingCheck{}, &scratch)
	if want := FlagReliable | FlagResent; err != nil || Flags(got[0]) != want {
		t.Errorf("of all flags %#x came through (%v), want %#x", got[0], err, want)
	}
}

func TestAppendPacketRefusesWhatDoesNotFit(t *testing.T) {
	long := bytes.Repeat([]byte{'x'}, 256)
	var scratch []byte
	for _, v := range []struct {
		m    Message
		want OverflowError
	}{
		{&MuteListUpdate{MuteListUpdateMuteData{Filename: long}}, OverflowError{"MuteListUpdate", "MuteData", "Filename", 256, 255}},
		{&LayerData{LayerData: LayerDataLayerData{Data: make([]byte, 65536)}}, OverflowError{"LayerData", "LayerData", "Data", 65536, 65535}},
		{&PacketAck{make([]PacketAckPackets, 256)}, OverflowError{"PacketAck", "Packets", "", 256, 255}},
		{&ParcelOverlay{ParcelOverlayParcelData{Data: make([]byte, 65536)}}, OverflowError{"ParcelOverlay", "ParcelData", "Data", 65536, 65535}},
	} {
		got, err := AppendPacket([]byte("before"), 0, 1, v.m, &scratch)
		var overflow *OverflowError
		if !errors.As(err, &overflow) || *overflow != v.want || overflow.Reason() != "overflow" {
			t.Errorf("%s: got error %v, want %v", v.m.ID(), err, &v.want)
		}
		if string(got) != "before" {
			t.Errorf("%s: the error left %q", v.m.ID(), got)
		}
		if _, err := ToDynamic(v.m).AppendBody(nil); !errors.As(err, &overflow) || *overflow != v.want {
			t.Errorf("%s as a Dynamic: got error %v, want %v", v.m.ID(), err, &v.want)
		}
	}
}

func TestAppendAcks(t *testing.T) {
	pkt := unhex(t, "00 00000001 00 | 02 07")
	if got := AppendAcks(bytes.Clone(pkt), nil); !bytes.Equal(got, pkt) {
		t.Errorf("no acks made %x of %x: a flag without acks breaks the packet", got, pkt)
	}
	acks := make([]uint32, MaxAcks)
	for i := range acks {
		acks[i] = uint32(i) << 24
	}
	p, err := ParsePacket(AppendAcks(bytes.Clone(pkt), acks))
	if err != nil || p.NumAcks() != MaxAcks || p.Ack(254) != 254<<24 || !bytes.Equal(p.Body, pkt[6:]) {
		t.Errorf("255 acks came back as %d, body %x: %v", p.NumAcks(), p.Body, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("256 acks, which no packet can carry, were taken")
		}
	}()
	AppendAcks(pkt, make([]uint32, 256))
}

func TestNumbers(t *testing.T) {
	for _, v := range []struct {
		wire   string
		number Number
		id     ID
	}{
		{"04", 4, IDAgentUpdate},
		{"FF 06", 0xFF06, IDCoarseLocationUpdate},
		{"FF FF 00 8B", 0xFFFF008B, IDChatFromSimulator},
		{"FF FF FF FB", 0xFFFFFFFB, IDPacketAck},
	} {
		wire := unhex(t, v.wire)
		number, n, err := ReadNumber(append(wire, 0xEE))
		if err != nil || number != v.number || n != len(wire) {
			t.Errorf("%s read as %#x in %d bytes, %v", v.wire, number, n, err)
		}
		if got := AppendNumber(nil, v.number); !bytes.Equal(got, wire) {
			t.Errorf("%#x written as %x, want %x", v.number, got, wire)
		}
		if id, ok := Lookup(v.number); !ok || id != v.id || id.Number() != v.number {
			t.Errorf("%#x is %v (%t), want %v", v.number, id, ok, v.id)
		}
	}
}
