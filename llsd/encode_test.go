package llsd

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"
)

type named string

type level byte

func (l level) MarshalText() ([]byte, error) {
	if l == 0 {
		return nil, errors.New("no level")
	}
	return []byte("level"), nil
}

func TestEncodeGoTypes(t *testing.T) {
	seven := 7
	for _, tt := range []struct {
		v    any
		want string // in notation
	}{
		{7, "i7"}, {int8(-7), "i-7"}, {int64(7), "i7"}, {uint8(7), "i7"}, {uint16(65535), "i65535"},
		{uint32(256000), `b64"AAPoAA=="`},
		{uint64(256000<<32 | 256256), `b64"AAPoAAAD6QA="`},
		{float32(0.5), "r0.5"},
		{named("x"), "'x'"},
		{&seven, "i7"}, {(*int)(nil), "!"},
		{[4]byte{127, 0, 0, 1}, `b64"fwAAAQ=="`},
		{[]level{1, 2}, `b64"AQI="`},
		{[]byte(nil), `b64""`},
		{netip.MustParseAddr("127.0.0.1"), `b64"fwAAAQ=="`},
		{netip.MustParseAddrPort("127.0.0.1:9000"), "'127.0.0.1:9000'"},
		{level(1), "'level'"},
		{[]string{"a", "b"}, "['a','b']"},
		{[]string(nil), "[]"},
		{[2]bool{true}, "[1,0]"},
		{map[named]int{"b": 2, "a": 1}, "{'a':i1,'b':i2}"},
		{map[string]any(nil), "{}"},
		{map[string]*int{"p": &seven, "q": nil}, "{'p':i7,'q':!}"},
		{outer{inner: inner{A: 1, B: "hidden"}, B: "b", Skipped: "s", hidden: "h"},
			"{'A':i1,'b':'b','other-name':i0,'any':!,'ptr':!,'list':[],'map':{},'vector':[r0,r0,r0],'kept':'','zeroed':''}"},
		{struct {
			A int            `llsd:"a,omitempty"`
			B []int          `llsd:",omitempty"`
			C map[string]int `llsd:"c,omitempty"`
			D *int           `llsd:"d,omitempty"`
			E time.Time      `llsd:"e,omitempty"`
			F string         `llsd:"f,omitempty"`
			G *int           `llsd:"g,omitempty"`
		}{F: "f", G: &seven}, "{'f':'f','g':i7}"},
	} {
		got, err := MarshalNotation(tt.v)
		if err != nil {
			t.Errorf("%#v: %v", tt.v, err)
		} else if string(got) != tt.want {
			t.Errorf("%#v\n got %s\nwant %s", tt.v, got, tt.want)
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	type cycle struct{ Next any }
	loop := &cycle{}
	loop.Next = loop
	endless := []any{nil}
	endless[0] = endless
	for _, tt := range []struct {
		v    any
		want string
	}{
		{int64(1 << 31), "2147483648 does not fit LLSD's 32-bit integer"},
		{make(chan int), "can't encode a Go chan int"},
		{map[string]any{"f": func() {}}, "can't encode a Go func()"},
		{map[int]int{1: 1}, "an LLSD map has string keys"},
		{struct{ F complex128 }{}, "can't encode a Go complex128"},
		{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "year 10000 is outside 1 to 9999"},
		{level(0), "no level"},
		{loop, "or a cycle"},
		{endless, "or a cycle"},
	} {
		for _, marshal := range []func(any) ([]byte, error){MarshalXML, MarshalBinary, MarshalNotation} {
			got, err := marshal(tt.v)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%T: error %v, want %s", tt.v, err, tt.want)
			}
			if got != nil {
				t.Errorf("%T: half a document came with the error", tt.v)
			}
		}
	}
}
