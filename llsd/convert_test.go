package llsd

import (
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// as converts value into a new T.
func as[T any](value any) (any, error) {
	var v T
	err := Convert(value, &v)
	return v, err
}

type caseOf struct {
	name  string
	into  func(any) (any, error)
	value any
	want  any // nil: a TypeError
}

func TestConvertScalars(t *testing.T) {
	for _, tt := range []caseOf{
		{"bool", as[bool], true, true},
		{"bool", as[bool], int32(2), true},
		{"bool", as[bool], 0.0, false},
		{"bool", as[bool], "true", true},
		{"bool", as[bool], "", false},
		{"bool", as[bool], "false", false},
		{"bool", as[bool], "0", false},
		{"bool", as[bool], "Y", true},
		{"bool", as[bool], nil, false},
		{"bool", as[bool], []byte{1}, nil},
		{"bool", as[bool], []any{}, nil},

		{"int", as[int], int32(-7), -7},
		{"int", as[int], 7.9, 7},
		{"int", as[int], true, 1},
		{"int", as[int], "12", 12},
		{"int", as[int], " 12.7 ", 12},
		{"int", as[int], "", 0},
		{"int", as[int], "twelve", nil},
		{"int", as[int], math.NaN(), nil},
		{"int", as[int], math.Inf(1), nil},
		{"int", as[int], "1e300", nil},
		{"int", as[int], someID, nil},
		{"int", as[int], map[string]any{}, nil},
		{"int64", as[int64], someDate, int64(1234567890)},
		{"int8", as[int8], int32(127), int8(127)},
		{"int8", as[int8], int32(128), nil},
		{"int64", as[int64], []byte{0xff, 0xff, 0xff, 0xfe}, int64(-2)},
		{"int16", as[int16], []byte{0, 1, 0, 0}, nil},

		// How the event queue carries what LLSD has no type for.
		{"uint32", as[uint32], []byte{0, 3, 0xe8, 0}, uint32(256000)},
		{"uint64", as[uint64], []byte{0, 3, 0xe8, 0, 0, 3, 0xe9, 0}, uint64(256000<<32 | 256256)},
		{"uint64", as[uint64], []byte{}, uint64(0)},
		{"uint32", as[uint32], []byte{1, 0, 0, 0, 0}, nil},
		{"uint64", as[uint64], make([]byte, 9), nil},
		{"uint32", as[uint32], int32(-1), uint32(math.MaxUint32)},
		{"uint16", as[uint16], int32(9000), uint16(9000)},
		{"uint16", as[uint16], int32(-1), nil},
		{"uint32", as[uint32], "4294967295", uint32(math.MaxUint32)},
		{"uint32", as[uint32], "-1", nil},
		{"netip.Addr", as[netip.Addr], []byte{127, 0, 0, 1}, netip.MustParseAddr("127.0.0.1")},
		{"netip.Addr", as[netip.Addr], "127.0.0.1", netip.MustParseAddr("127.0.0.1")},
		{"netip.Addr", as[netip.Addr], []byte{127, 0, 0}, nil},
		{"netip.AddrPort", as[netip.AddrPort], "127.0.0.1:9001", netip.MustParseAddrPort("127.0.0.1:9001")},
		{"netip.AddrPort", as[netip.AddrPort], "somewhere", nil},
		{"[4]byte", as[[4]byte], []byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 1}},
		{"[4]byte", as[[4]byte], []byte{127, 0, 0, 1, 0}, nil},

		{"float64", as[float64], int32(3), 3.0},
		{"float64", as[float64], "-0.5", -0.5},
		{"float64", as[float64], "half", nil},
		{"float32", as[float32], 0.5, float32(0.5)},

		{"string", as[string], int32(-7), "-7"},
		{"string", as[string], 0.25, "0.25"},
		{"string", as[string], true, "true"},
		{"string", as[string], someID, "6f9619ff-8b86-d011-b42d-00c04fc964ff"},
		{"string", as[string], someDate, "2009-02-13T23:31:30.25Z"},
		{"string", as[string], URI("http://h/"), "http://h/"},
		{"string", as[string], []byte("raw"), "raw"},
		{"string", as[string], []any{}, nil},
		{"URI", as[URI], "http://h/", URI("http://h/")},

		{"uuid", as[uuid.UUID], "6F9619FF-8b86-d011-b42d-00c04fc964ff", someID},
		{"uuid", as[uuid.UUID], "", uuid.Nil},
		{"uuid", as[uuid.UUID], someID[:], someID},
		{"uuid", as[uuid.UUID], "nobody", nil},
		{"date", as[time.Time], "2009-02-13T23:31:30.25Z", someDate},
		{"date", as[time.Time], "soon", nil},
		{"[]byte", as[[]byte], []byte{1}, []byte{1}},
		{"[]byte", as[[]byte], []any{int32(1), int32(2)}, []byte{1, 2}},
		{"[]byte", as[[]byte], "text", nil},
		{"chan int", as[chan int], int32(1), nil},
	} {
		got, err := tt.into(tt.value)
		var typeErr *TypeError
		switch {
		case tt.want == nil && !errors.As(err, &typeErr):
			t.Errorf("%#v as %s: got %v, error %v; want a TypeError", tt.value, tt.name, got, err)
		case tt.want != nil && err != nil:
			t.Errorf("%#v as %s: %v", tt.value, tt.name, err)
		case tt.want != nil && !reflect.DeepEqual(got, tt.want):
			t.Errorf("%#v as %s: got %#v, want %#v", tt.value, tt.name, got, tt.want)
		}
	}
}

type inner struct {
	A int
	B string `llsd:"b"`
}

type outer struct {
	inner
	B       string `llsd:"b"` // hides inner's
	Renamed int32  `llsd:"other-name"`
	Skipped string `llsd:"-"`
	hidden  string
	Any     any               `llsd:"any"`
	Ptr     *inner            `llsd:"ptr"`
	List    []inner           `llsd:"list"`
	Map     map[string]uint32 `llsd:"map"`
	Vector  [3]float32        `llsd:"vector"`
	Kept    string            `llsd:"kept"`
	Zeroed  string            `llsd:"zeroed"`
}

func TestConvertStruct(t *testing.T) {
	got := outer{Kept: "kept", Zeroed: "old", Skipped: "s", hidden: "h"}
	err := Convert(map[string]any{
		"A": int32(1), "b": "outer", "other-name": "5", "Skipped": "x", "-": "x", "hidden": "x", "unknown": "x",
		"any":    []any{int32(1)},
		"ptr":    map[string]any{"A": int32(2)},
		"list":   []any{map[string]any{"A": int32(3)}, map[string]any{"b": "4"}},
		"map":    map[string]any{"x": []byte{1, 0}, "y": int32(2)},
		"vector": []any{int32(1), 2.5},
		"zeroed": nil,
	}, &got)
	if err != nil {
		t.Fatal(err)
	}
	want := outer{
		inner: inner{A: 1}, B: "outer", Renamed: 5, Skipped: "s", hidden: "h",
		Any: []any{int32(1)}, Ptr: &inner{A: 2}, List: []inner{{A: 3}, {B: "4"}},
		Map: map[string]uint32{"x": 256, "y": 2}, Vector: [3]float32{1, 2.5}, Kept: "kept",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outer{}, inner{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConvertSaysWhere(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
	}{
		{map[string]any{"list": []any{map[string]any{}, map[string]any{"A": "secret"}}},
			"llsd: can't turn a string of 6 bytes at list[1].A into a Go int"},
		{map[string]any{"map": map[string]any{"x": -1.5}}, "llsd: can't turn real -1.5 at map.x into a Go uint32"},
		{map[string]any{"vector": []any{1.0, 2.0, 3.0, 4.0}}, "llsd: can't turn an array of 4 at vector into a Go [3]float32"},
		{[]any{}, "llsd: can't turn an array of 0 into a Go llsd.outer"},
		{map[string]any{"list": map[string]any{}}, "llsd: can't turn a map of 0 at list into a Go []llsd.inner"},
		{map[string]any{"ptr": int32(3)}, "llsd: can't turn integer 3 at ptr into a Go llsd.inner"},
		{map[string]any{"map": someID}, "llsd: can't turn a uuid at map into a Go map[string]uint32"},
	} {
		var got outer
		err := Convert(tt.value, &got)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%v\n got %v\nwant %s", tt.value, err, tt.want)
		}
	}
}

func TestConvertNeedsAPointer(t *testing.T) {
	for _, ptr := range []any{nil, 1, outer{}, (*outer)(nil), (*any)(nil)} {
		if err := Convert(int32(1), ptr); err == nil || !strings.Contains(err.Error(), "non-nil pointer") {
			t.Errorf("%T: got %v", ptr, err)
		}
	}
}
