package message

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/slload/slload/message/template"
)

// vectors holds, for each field type, a message and its body, worked out by hand
// from the protocol's rules: little-endian, but IPADDR and IPPORT big-endian.
var vectors = []struct {
	name string
	wire string
	want Message
}{
	{"U8", "07", &CompletePingCheck{CompletePingCheckPingID{PingID: 7}}},
	{"U16 and an empty Variable 2", "75 41 | 00 00",
		&GenericStreamingMessage{MethodData: GenericStreamingMessageMethodData{Method: 0x4175}}},
	{"U32", "04 03 02 01", &TeleportStart{TeleportStartInfo{TeleportFlags: 0x01020304}}},
	{"U64, a region handle: x = 256000 m in the high word, y = 256256 m in the low", "00 E9 03 00 00 E8 03 00",
		&NearestLandingRegionReply{NearestLandingRegionReplyLandingRegionData{RegionHandle: 256000<<32 | 256256}}},
	{"S8 and BOOL", times(16, "11") + "| FE | 01",
		&AssetUploadComplete{AssetUploadCompleteAssetBlock{UUID: idOf(0x11), Type: -2, Success: true}}},
	{"S16 and Variable 1", times(16, "22") + "| FE FF | 02 61 00",
		&ReplyTaskInventory{ReplyTaskInventoryInventoryData{TaskID: idOf(0x22), Serial: -2, Filename: Text("a")}}},
	{"S32", "FE FF FF FF | 01 00 00 00",
		&ReportAutosaveCrash{ReportAutosaveCrashAutosaveData{PID: -2, Status: 1}}},
	{"F32", "00 00 C8 42", &HealthMessage{HealthMessageHealthData{Health: 100}}},
	{"F64, IPADDR and a Variable block", times(16, "33") + times(16, "44") + "7F 00 00 01 | 01 | 00 00 00 00 00 00 F0 3F  00 00 00 00 00 00 04 C0",
		&FindAgent{
			AgentBlock:    FindAgentAgentBlock{Hunter: idOf(0x33), Prey: idOf(0x44), SpaceIP: [4]byte{127, 0, 0, 1}},
			LocationBlock: []FindAgentLocationBlock{{GlobalX: 1, GlobalY: -2.5}},
		}},
	{"LLVector3", times(16, "55") + times(16, "66") + times(16, "77") + "00 00 80 3F  00 00 80 BF  00 00 00 3F",
		&AgentRequestSit{
			AgentData:    AgentRequestSitAgentData{AgentID: idOf(0x55), SessionID: idOf(0x66)},
			TargetObject: AgentRequestSitTargetObject{TargetID: idOf(0x77), Offset: Vector3{1, -1, 0.5}},
		}},
	{"LLVector3d", times(16, "01") + times(16, "02") +
		times(16, "03") + times(16, "04") + "00" + times(16, "05") + "02 68 00 | 03 00 68 69 00 |" + times(16, "06") +
		"00 00 00 00 00 00 F0 3F  00 00 00 00 00 00 04 C0  00 00 00 00 00 00 00 00 | FF FF FF FF | 01",
		&PickInfoUpdate{
			AgentData: PickInfoUpdateAgentData{AgentID: idOf(1), SessionID: idOf(2)},
			Data: PickInfoUpdateData{PickID: idOf(3), CreatorID: idOf(4), ParcelID: idOf(5), Name: Text("h"), Desc: Text("hi"),
				SnapshotID: idOf(6), PosGlobal: Vector3d{1, -2.5, 0}, SortOrder: -1, Enabled: true},
		}},
	{"LLVector4", "00 00 80 3F  00 00 00 40  00 00 40 40  00 00 80 40",
		&CameraConstraint{CameraConstraintCameraCollidePlane{Plane: Vector4{1, 2, 3, 4}}}},
	{"LLQuaternion, without its W", times(16, "01") + times(16, "02") + times(16, "03") + "00 00 00 3F  00 00 00 BF  00 00 00 3F",
		&ObjectSpinUpdate{
			AgentData:  ObjectSpinUpdateAgentData{AgentID: idOf(1), SessionID: idOf(2)},
			ObjectData: ObjectSpinUpdateObjectData{ObjectID: idOf(3), Rotation: Quaternion{0.5, -0.5, 0.5}},
		}},
	{"LLUUID", "00112233 4455 6677 8899 AABBCCDDEEFF",
		&ImageNotInDatabase{ImageNotInDatabaseImageID{ID: uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")}}},
	{"BOOL", "01", &ViewerFrozenMessage{ViewerFrozenMessageFrozenData{Data: true}}},
	{"IPADDR and IPPORT", "7F 00 00 01 | 23 28",
		&OpenCircuit{OpenCircuitCircuitInfo{IP: [4]byte{127, 0, 0, 1}, Port: 9000}}},
	{"Fixed 32", times(16, "0A") + times(31, "42") + "43",
		&CreateTrustedCircuit{CreateTrustedCircuitDataBlock{EndPointID: idOf(0x0A), Digest: [32]byte([]byte(strings.Repeat("B", 31) + "C"))}}},
	{"Variable 1 in a Variable block", "02" + times(16, "01") + "00" + times(16, "02") + "03 41 42 00",
		&ParcelRename{[]ParcelRenameParcelData{{ParcelID: idOf(1)}, {ParcelID: idOf(2), NewName: Text("AB")}}}},
	{"Variable 2, its length little-endian: 258 bytes", "4C | 02 01" + times(258, "EE"),
		&LayerData{LayerDataLayerID{Type: 'L'}, LayerDataLayerData{Data: bytes.Repeat([]byte{0xEE}, 258)}}},
	{"Multiple 4, which has no count", "01 00 00 00 |" +
		"02 00 00 00 03 00 00 00 04 00 00 00 |" + times(12, "00") + times(12, "00") + "05 00 00 00 06 00 00 00 07 00 00 00",
		&TestMessage{TestMessageTestBlock1{Test1: 1}, [4]TestMessageNeighborBlock{{2, 3, 4}, {}, {}, {5, 6, 7}}}},
	{"no blocks", "", &CloseCircuit{}},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			wire := unhex(t, v.wire)
			got := New(v.want.ID())
			n, err := got.DecodeBody(wire)
			if err != nil || n != len(wire) {
				t.Fatalf("decoding read %d of %d bytes: %v", n, len(wire), err)
			}
			if diff := cmp.Diff(v.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			encoded, err := v.want.AppendBody([]byte("kept"))
			if err != nil || !bytes.Equal(encoded, append([]byte("kept"), wire...)) {
				t.Errorf("encoded %x (%v), want \"kept\" and %x", encoded, err, wire)
			}
			d := NewDynamic(v.want.ID().Descriptor())
			if n, err := d.DecodeBody(wire); err != nil || n != len(wire) {
				t.Fatalf("Dynamic read %d of %d bytes: %v", n, len(wire), err)
			}
			if diff := cmp.Diff(ToDynamic(v.want).Blocks, d.Blocks, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Dynamic decoded (-typed +dynamic):\n%s", diff)
			}
		})
	}
}

// TestVectorsCoverEveryType keeps the vectors complete.
func TestVectorsCoverEveryType(t *testing.T) {
	covered := map[template.Type]bool{}
	quantities := map[template.Quantity]bool{}
	for _, v := range vectors {
		for _, b := range v.want.ID().Descriptor().Blocks {
			quantities[b.Quantity] = true
			for _, f := range b.Fields {
				covered[f.Type] = true
			}
		}
	}
	for typ := template.U8; typ <= template.Variable; typ++ {
		// No message of the protocol has an S64: TestDynamicTypes and the generator's
		// own tests have it.
		if !covered[typ] && typ != template.S64 {
			t.Errorf("no vector has a field of type %s", typ)
		}
	}
	for _, q := range []template.Quantity{template.Single, template.Multiple, template.VariableBlocks} {
		if !quantities[q] {
			t.Errorf("no vector has a block that is %s", q)
		}
	}
}

// TestDynamicTypes decodes each field type from a template of its own.
func TestDynamicTypes(t *testing.T) {
	for _, v := range []struct {
		typ  string
		wire string
		want any
	}{
		{"U8", "FE", uint8(254)},
		{"U16", "01 02", uint16(0x0201)},
		{"U32", "01 02 03 04", uint32(0x04030201)},
		{"U64", "01 02 03 04 05 06 07 08", uint64(0x0807060504030201)},
		{"S8", "FE", int8(-2)},
		{"S16", "FE FF", int16(-2)},
		{"S32", "FE FF FF FF", int32(-2)},
		{"S64", "FE FF FF FF FF FF FF FF", int64(-2)},
		{"F32", "00 00 C8 42", float32(100)},
		{"F64", "00 00 00 00 00 00 04 C0", float64(-2.5)},
		{"LLVector3", "00 00 80 3F 00 00 80 BF 00 00 00 3F", Vector3{1, -1, 0.5}},
		{"LLVector3d", "00 00 00 00 00 00 F0 3F" + times(8, "00") + "00 00 00 00 00 00 04 C0", Vector3d{1, 0, -2.5}},
		{"LLVector4", "00 00 80 3F 00 00 00 40 00 00 40 40 00 00 80 40", Vector4{1, 2, 3, 4}},
		{"LLQuaternion", "00 00 00 3F 00 00 00 BF 00 00 00 3F", Quaternion{0.5, -0.5, 0.5}},
		{"LLUUID", "00112233445566778899AABBCCDDEEFF", uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")},
		{"BOOL", "01", true},
		{"IPADDR", "7F 00 00 01", [4]byte{127, 0, 0, 1}},
		{"IPPORT", "23 28", uint16(9000)},
		{"Fixed 3", "01 02 03", []byte{1, 2, 3}},
		{"Variable 1", "02 AA BB", []byte{0xAA, 0xBB}},
		{"Variable 2", "02 00 AA BB", []byte{0xAA, 0xBB}},
	} {
		t.Run(v.typ, func(t *testing.T) {
			wire := unhex(t, v.wire)
			d := NewDynamic(describe(t, "{ M Low 1 NotTrusted Unencoded { B Single { F "+v.typ+" } } }"))
			n, err := d.DecodeBody(wire)
			if err != nil || n != len(wire) {
				t.Fatalf("decoding read %d of %d bytes: %v", n, len(wire), err)
			}
			if diff := cmp.Diff([][]Row{{{v.want}}}, d.Blocks); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
			got, err := d.AppendBody(nil)
			if err != nil || !bytes.Equal(got, wire) {
				t.Errorf("encoded %x (%v), want %x", got, err, wire)
			}
		})
	}
}

// describe parses a template of one message.
func describe(t testing.TB, message string) *template.Message {
	t.Helper()
	all, err := template.Parse(strings.NewReader("version 2.0 "+message), "test")
	if err != nil || len(all.Messages) != 1 {
		t.Fatalf("parse the test's template: %v", err)
	}
	return &all.Messages[0]
}

func TestBoolIsTrueForAnyByteButZero(t *testing.T) {
	var m ViewerFrozenMessage
	for b := range 256 {
		if _, err := m.DecodeBody([]byte{byte(b)}); err != nil || m.FrozenData.Data != (b != 0) {
			t.Errorf("BOOL %#x decoded to %t (%v)", b, m.FrozenData.Data, err)
		}
	}
}

func TestQuaternion(t *testing.T) {
	half := float32(math.Sqrt(0.5))
	for _, v := range []struct {
		name       string
		x, y, z, w float32
		want       Quaternion
		wantW      float32
	}{
		{"no rotation", 0, 0, 0, 1, Quaternion{}, 1},
		{"a quarter turn", 0, 0, half, half, Quaternion{0, 0, half}, half},
		{"is normalised", 0, 0, 2, 2, Quaternion{0, 0, half}, half},
		{"a negative W turns the sign of all", 0, 0, half, -half, Quaternion{0, 0, -half}, half},
		{"no length is no rotation", 0, 0, 0, 0, Quaternion{}, 1},
		{"half a turn has no W", 1, 0, 0, 0, Quaternion{1, 0, 0}, 0},
	} {
		t.Run(v.name, func(t *testing.T) {
			near := cmpopts.EquateApprox(0, 1e-6)
			got := NewQuaternion(v.x, v.y, v.z, v.w)
			if !cmp.Equal(v.want, got, near) || !cmp.Equal(v.wantW, got.W(), near) {
				t.Errorf("got %v with W %v, want %v with W %v", got, got.W(), v.want, v.wantW)
			}
		})
	}
	if w := (Quaternion{0.8, 0.8, 0.8}).W(); w != 0 {
		t.Errorf("W of a rotation longer than 1 is %v, want 0", w)
	}
}

func TestText(t *testing.T) {
	if got := Text("hi"); !bytes.Equal(got, []byte("hi\x00")) {
		t.Errorf("Text gave %q", got)
	}
	for in, want := range map[string]string{"hi\x00": "hi", "hi": "hi", "": "", "\x00": "", "a\x00b\x00": "a\x00b", "a\x00\x00": "a\x00"} {
		if got := String([]byte(in)); got != want {
			t.Errorf("String(%q) is %q, want %q", in, got, want)
		}
	}
}
