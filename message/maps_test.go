package message

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
)

// TestFromMapOfEvents fills messages from bodies as simulators write them into
// event queues.
func TestFromMapOfEvents(t *testing.T) {
	for _, v := range []struct {
		name string
		body map[string]any
		want Message
	}{
		{"words as big-endian binary, a port as integer",
			map[string]any{"SimulatorInfo": []any{map[string]any{
				"Handle": []byte{0, 3, 0xE9, 0, 0, 3, 0xE8, 0}, "IP": []byte{127, 0, 0, 1}, "Port": int32(9001),
				"RegionSizeX": []byte{0, 0, 1, 0},
			}}},
			&EnableSimulator{EnableSimulatorSimulatorInfo{Handle: 256256<<32 | 256000, IP: [4]byte{127, 0, 0, 1}, Port: 9001}}},
		{"text, vectors, several blocks, unknown keys and blocks",
			map[string]any{
				"AgentData":  []any{map[string]any{"AgentID": idOf(1), "SessionID": idOf(2)}},
				"Info":       []any{map[string]any{"LookAt": []any{0.0, 1.0, int32(0)}, "Position": []any{0.5, 89.25, 4.5}}},
				"RegionData": []any{map[string]any{"SeedCapability": "http://127.0.0.1/seed", "SimPort": int32(9001), "Flavour": "new"}},
				"MoreData":   []any{map[string]any{"X": int32(1)}},
			},
			&CrossedRegion{
				AgentData:  CrossedRegionAgentData{AgentID: idOf(1), SessionID: idOf(2)},
				Info:       CrossedRegionInfo{LookAt: Vector3{0, 1, 0}, Position: Vector3{0.5, 89.25, 4.5}},
				RegionData: CrossedRegionRegionData{SeedCapability: Text("http://127.0.0.1/seed"), SimPort: 9001},
			}},
		{"an empty array is no repeats",
			map[string]any{"AgentData": []any{map[string]any{"AgentID": idOf(1)}}, "GroupData": []any{}},
			&AgentGroupDataUpdate{AgentData: AgentGroupDataUpdateAgentData{AgentID: idOf(1)}}},
		{"repeats of a Variable block",
			map[string]any{"GroupData": []any{
				map[string]any{"GroupID": idOf(5), "GroupPowers": []byte{0, 0, 0, 0, 0, 0, 0, 9}, "AcceptNotices": true},
				map[string]any{"Contribution": int32(-3), "GroupName": "Builders"},
			}},
			&AgentGroupDataUpdate{GroupData: []AgentGroupDataUpdateGroupData{
				{GroupID: idOf(5), GroupPowers: 9, AcceptNotices: true},
				{Contribution: -3, GroupName: Text("Builders")},
			}}},
		{"a block that is the map itself", map[string]any{"Info": map[string]any{"TeleportFlags": int32(16)}},
			&TeleportStart{TeleportStartInfo{TeleportFlags: 16}}},
		{"nothing at all", nil, &TeleportStart{}},
		{"undefined values are zero", map[string]any{"Info": []any{map[string]any{"TeleportFlags": nil}}}, &TeleportStart{}},
		{"a Multiple block that stops early is zero from there",
			map[string]any{"TestBlock1": []any{map[string]any{"Test1": int32(1)}},
				"NeighborBlock": []any{map[string]any{"Test0": int32(2)}, map[string]any{"Test2": int32(3)}}},
			&TestMessage{TestMessageTestBlock1{1}, [4]TestMessageNeighborBlock{{Test0: 2}, {Test2: 3}}}},
	} {
		t.Run(v.name, func(t *testing.T) {
			got := New(v.want.ID())
			if err := FromMap(got, v.body); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFromMapTakesMoreThanUDP: over HTTP a text can be longer than a Variable 1
// field can say on UDP.
func TestFromMapTakesMoreThanUDP(t *testing.T) {
	long := strings.Repeat("x", 300)
	var m ParcelRename
	err := FromMap(&m, map[string]any{"ParcelData": []any{map[string]any{"NewName": long}}})
	if err != nil || String(m.ParcelData[0].NewName) != long {
		t.Errorf("a name of 300 bytes came in as %d: %v", len(m.ParcelData[0].NewName), err)
	}
	if got := ToMap(&m)["ParcelData"].([]any)[0].(map[string]any)["NewName"]; len(got.([]byte)) != 301 {
		t.Errorf("and went out as %v", got)
	}
}

// text is a string type of another package, as llsd.URI is.
type text string

// TestConversions fills a field of each type with each kind of value.
func TestConversions(t *testing.T) {
	const refused = "refused"
	date := time.Unix(1700000000, 0)
	for _, v := range []struct {
		typ  string
		in   any
		want any
	}{
		{"U8", int32(255), uint8(255)},
		{"U8", int32(256), refused},
		{"U8", int32(-1), refused},
		{"U8", 7.9, uint8(7)},
		{"U8", []byte{9}, uint8(9)},
		{"U8", []byte{1, 0}, refused},
		{"U8", true, uint8(1)},
		{"U8", "12", uint8(12)},
		{"U8", "", uint8(0)},
		{"U8", "twelve", refused},
		{"U8", []any{}, refused},
		{"S8", int32(-128), int8(-128)},
		{"S8", int32(128), refused},
		{"S8", []byte{0xFF}, int8(-1)},
		{"U16", int32(9000), uint16(9000)},
		{"U16", "65536", refused},
		{"S16", []byte{0xFF, 0xFE}, int16(-2)},
		{"S16", -32768.5, int16(-32768)},
		{"U32", []byte{1, 2, 3, 4}, uint32(0x01020304)},
		{"U32", int32(-1), uint32(0xFFFFFFFF)},
		{"U32", 4294967295.0, uint32(0xFFFFFFFF)},
		{"U32", 4294967296.0, refused},
		{"U32", -1.0, refused},
		{"U32", []byte{}, uint32(0)},
		{"U32", uint32(5), uint32(5)},
		{"S32", date, int32(1700000000)},
		{"S32", []byte{0xFF, 0xFF, 0xFF, 0xFF}, int32(-1)},
		{"S32", "2.9e3", int32(2900)},
		{"U64", []byte{0, 3, 0xE9, 0, 0, 3, 0xE8, 0}, uint64(0x0003E9000003E800)},
		{"U64", []byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, refused},
		{"U64", "18446744073709551615", uint64(1<<64 - 1)},
		{"U64", int32(-1), refused},
		{"S64", []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE}, int64(-2)},
		{"S64", "-9223372036854775808", int64(-1 << 63)},
		{"S64", int64(-5), int64(-5)},
		{"F32", 0.1, float32(0.1)},
		{"F32", int32(3), float32(3)},
		{"F32", "2.5", float32(2.5)},
		{"F32", "", float32(0)},
		{"F32", "much", refused},
		{"F32", []byte{1}, refused},
		{"F64", 0.1, 0.1},
		{"F64", true, 1.0},
		{"BOOL", true, true},
		{"BOOL", int32(2), true},
		{"BOOL", 0.0, false},
		{"BOOL", "true", true},
		{"BOOL", "", false},
		{"BOOL", "perhaps", refused},
		{"LLUUID", "00112233-4455-6677-8899-aabbccddeeff", uuid.MustParse("00112233-4455-6677-8899-aabbccddeeff")},
		{"LLUUID", make([]byte, 16), uuid.Nil},
		{"LLUUID", "", uuid.Nil},
		{"LLUUID", "not one", refused},
		{"LLUUID", int32(1), refused},
		{"IPADDR", []byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 1}},
		{"IPADDR", "127.0.0.1", [4]byte{127, 0, 0, 1}},
		{"IPADDR", int32(0x7F000001), [4]byte{127, 0, 0, 1}},
		{"IPADDR", []byte{127, 0, 0}, refused},
		{"IPADDR", "::1", refused},
		{"IPADDR", false, [4]byte{}},
		{"IPPORT", int32(9000), uint16(9000)},
		{"IPPORT", []byte{0x23, 0x28}, uint16(9000)},
		{"LLVector3", []any{1.0, int32(-1), "0.5"}, Vector3{1, -1, 0.5}},
		{"LLVector3", []any{1.0, 2.0}, refused},
		{"LLVector3", []any{1.0, 2.0, 3.0, 4.0}, refused},
		{"LLVector3", []any{1.0, 2.0, "x"}, refused},
		{"LLVector3", 1.0, refused},
		{"LLVector3d", []any{0.1, 0.2, 0.3}, Vector3d{0.1, 0.2, 0.3}},
		{"LLVector4", []any{1.0, 2.0, 3.0, 4.0}, Vector4{1, 2, 3, 4}},
		{"LLVector4", []any{1.0, 2.0, 3.0}, refused},
		{"LLVector4", []any{1.0, 2.0, 3.0, 4.0, 5.0}, refused},
		{"LLQuaternion", []any{0.5, -0.5, 0.5}, Quaternion{0.5, -0.5, 0.5}},
		{"LLQuaternion", []any{0.5, -0.5, 0.5, 0.5}, Quaternion{0.5, -0.5, 0.5}},
		{"LLQuaternion", []any{0.5, -0.5, 0.5, -0.5}, Quaternion{-0.5, 0.5, -0.5}},
		{"Fixed 4", []byte{1, 2, 3, 4}, []byte{1, 2, 3, 4}},
		{"Fixed 4", "abcd", []byte("abcd")},
		{"Fixed 4", "abc", refused},
		{"Fixed 4", []byte{1, 2, 3, 4, 5}, refused},
		{"Variable 1", []byte{1}, []byte{1}},
		{"Variable 1", "hi", []byte("hi\x00")},
		{"Variable 2", text("http://127.0.0.1/"), []byte("http://127.0.0.1/\x00")},
		{"Variable 2", int32(1), refused},
	} {
		d := NewDynamic(describe(t, "{ M Low 1 NotTrusted Unencoded { B Single { F "+v.typ+" } } }"))
		err := FromMap(d, map[string]any{"B": []any{map[string]any{"F": v.in}}})
		if v.want == refused {
			if err == nil {
				t.Errorf("%s took %T %v as %v", v.typ, v.in, v.in, d.Blocks[0][0][0])
			} else if !strings.HasPrefix(err.Error(), "message M: B[0].F: ") {
				t.Errorf("%s refused %v without saying where: %v", v.typ, v.in, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s from %T %v: %v", v.typ, v.in, v.in, err)
		} else if diff := cmp.Diff(v.want, d.Blocks[0][0][0]); diff != "" {
			t.Errorf("%s from %T %v (-want +got):\n%s", v.typ, v.in, v.in, diff)
		}
	}
}

func TestFromMapRefusesOtherShapes(t *testing.T) {
	for name, body := range map[string]map[string]any{
		"a block that is no array":        {"Info": "x"},
		"a repeat that is no map":         {"Info": []any{"x"}},
		"a Single block that comes twice": {"Info": []any{map[string]any{}, map[string]any{}}},
	} {
		m := &TeleportStart{TeleportStartInfo{TeleportFlags: 1}}
		if err := FromMap(m, body); err == nil || !strings.Contains(err.Error(), "TeleportStart") || !strings.Contains(err.Error(), "Info") {
			t.Errorf("%s: the error is %v", name, err)
		}
		if m.Info.TeleportFlags != 1 {
			t.Errorf("%s: the error changed the message", name)
		}
	}
}

// TestToMap holds the forms that event queues have for each type.
func TestToMap(t *testing.T) {
	got := ToMap(&EnableSimulator{EnableSimulatorSimulatorInfo{Handle: 256256<<32 | 256000, IP: [4]byte{127, 0, 0, 1}, Port: 9001}})
	want := map[string]any{"SimulatorInfo": []any{map[string]any{
		"Handle": []byte{0, 3, 0xE9, 0, 0, 3, 0xE8, 0}, "IP": []byte{127, 0, 0, 1}, "Port": int32(9001),
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, v := range []struct {
		in   any
		want any
	}{
		{uint8(1), int32(1)}, {int8(-1), int32(-1)}, {uint16(1), int32(1)}, {int16(-1), int32(-1)}, {int32(-1), int32(-1)},
		{uint32(1), []byte{0, 0, 0, 1}}, {uint64(1), []byte{0, 0, 0, 0, 0, 0, 0, 1}},
		{int64(-2), []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE}},
		{float32(0.5), 0.5}, {0.1, 0.1}, {true, true}, {idOf(1), idOf(1)}, {[]byte{1}, []byte{1}}, {[4]byte{1, 2, 3, 4}, []byte{1, 2, 3, 4}},
		{Vector3{1, 2, 3}, []any{1.0, 2.0, 3.0}}, {Vector3d{1, 2, 3}, []any{1.0, 2.0, 3.0}},
		{Vector4{1, 2, 3, 4}, []any{1.0, 2.0, 3.0, 4.0}}, {Quaternion{}, []any{0.0, 0.0, 0.0, 1.0}},
	} {
		if diff := cmp.Diff(v.want, toLLSD(v.in)); diff != "" {
			t.Errorf("%T %v (-want +got):\n%s", v.in, v.in, diff)
		}
	}
}
