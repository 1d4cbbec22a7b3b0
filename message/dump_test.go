package message

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// everyType is a message with a field of each type, and each kind of block.
const everyType = `{ Everything Low 500 NotTrusted Unencoded
	{ Numbers Single {A U8} {B U16} {C U32} {D U64} {E S8} {F S16} {G S32} {H S64} {I F32} {J F64} {K BOOL} }
	{ Shapes Multiple 2 {A LLVector3} {B LLVector3d} {C LLVector4} {D LLQuaternion} }
	{ Bytes Variable {A LLUUID} {B IPADDR} {C IPPORT} {D Fixed 2} {E Variable 1} {F Variable 2} }
	{ Nothing Variable {A U8} }
}`

func sampleEveryType(t *testing.T) *Dynamic {
	d := NewDynamic(describe(t, everyType))
	d.Blocks[0][0] = Row{uint8(1), uint16(2), uint32(math.MaxUint32), uint64(math.MaxUint64), int8(-5), int16(-6), int32(-7), int64(math.MinInt64),
		float32(0.1), math.NaN(), true}
	d.Blocks[1][0] = Row{Vector3{1, -0.5, 0.1}, Vector3d{1, 2, math.Inf(-1)}, Vector4{1, 2, 3, 4}, Quaternion{0.5, -0.5, 0.5}}
	d.Blocks[2] = []Row{
		{idOf(0xAB), [4]byte{127, 0, 0, 1}, uint16(9000), []byte{0xDE, 0xAD}, Text(`say "hi" <b>`), []byte{1, 2, 3}},
		{idOf(0), [4]byte{}, uint16(0), []byte("ab"), []byte{}, Text("grüße\n")},
	}
	return d
}

func TestAppendText(t *testing.T) {
	want := `> Everything
  Numbers
    A = 1
    B = 2
    C = 4294967295
    D = 18446744073709551615
    E = -5
    F = -6
    G = -7
    H = -9223372036854775808
    I = 0.1
    J = NaN
    K = true
  Shapes[0]
    A = <1, -0.5, 0.1>
    B = <1, 2, -Inf>
    C = <1, 2, 3, 4>
    D = <0.5, -0.5, 0.5, 0.5>
  Shapes[1]
    A = <0, 0, 0>
    B = <0, 0, 0>
    C = <0, 0, 0, 0>
    D = <0, 0, 0, 1>
  Bytes[0]
    A = abababab-abab-abab-abab-abababababab
    B = 127.0.0.1
    C = 9000
    D = 0xdead
    E = "say \"hi\" <b>"
    F = 0x010203
  Bytes[1]
    A = 00000000-0000-0000-0000-000000000000
    B = 0.0.0.0
    C = 0
    D = "ab"
    E = ""
    F = "grüße\n"
`
	if diff := cmp.Diff(want, string(AppendText([]byte("> "), sampleEveryType(t)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAppendJSON(t *testing.T) {
	want := `> {"message":"Everything","blocks":{` +
		`"Numbers":[{"A":1,"B":2,"C":4294967295,"D":"18446744073709551615","E":-5,"F":-6,"G":-7,"H":"-9223372036854775808","I":0.1,"J":"NaN","K":true}],` +
		`"Shapes":[{"A":[1,-0.5,0.1],"B":[1,2,"-Inf"],"C":[1,2,3,4],"D":[0.5,-0.5,0.5,0.5]},{"A":[0,0,0],"B":[0,0,0],"C":[0,0,0,0],"D":[0,0,0,1]}],` +
		`"Bytes":[{"A":"abababab-abab-abab-abab-abababababab","B":"127.0.0.1","C":9000,"D":{"hex":"dead"},"E":"say \"hi\" \u003cb\u003e","F":{"hex":"010203"}},` +
		`{"A":"00000000-0000-0000-0000-000000000000","B":"0.0.0.0","C":0,"D":"ab","E":"","F":"grüße\n"}],` +
		`"Nothing":[]}}`
	if diff := cmp.Diff(want, string(AppendJSON([]byte("> "), sampleEveryType(t)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDumpOfAGeneratedType(t *testing.T) {
	m := &StartPingCheck{StartPingCheckPingID{PingID: 7, OldestUnacked: 42}}
	if got, want := string(AppendJSON(nil, m)), `{"message":"StartPingCheck","blocks":{"PingID":[{"PingID":7,"OldestUnacked":42}]}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := string(AppendText(nil, m)), "StartPingCheck\n  PingID\n    PingID = 7\n    OldestUnacked = 42\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestJSONIsValid parses the dump of random messages of every type.
func TestJSONIsValid(t *testing.T) {
	fewerChecks(t, "2")
	for id := range ID(NumMessages) {
		rapid.Check(t, func(t *rapid.T) {
			text := AppendJSON(nil, randomMessage(t, id.Descriptor()))
			var parsed struct {
				Message string
				Blocks  map[string][]map[string]any
			}
			if err := json.Unmarshal(text, &parsed); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if parsed.Message != id.String() || len(parsed.Blocks) != len(id.Descriptor().Blocks) {
				t.Fatalf("%s came back as %s with %d blocks", id, parsed.Message, len(parsed.Blocks))
			}
		})
	}
}
