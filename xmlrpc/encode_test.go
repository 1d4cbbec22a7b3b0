package xmlrpc

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/internal/captured"
	"pgregory.net/rapid"
)

func TestEncodes(t *testing.T) {
	got, err := MarshalRequest("do & dare", map[string]any{
		"b": []any{nil, true, false, 1, int32(-1), uint16(9000), uint32(7), 1.5},
		"a": "<&>",
		"c": []byte{0, 255},
		"d": time.Date(1998, 7, 17, 16, 8, 55, 0, time.FixedZone("", 7200)),
		"e": []string{"x", "y"},
		"f": uuid.Nil,
	}, "second")
	if err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="utf-8"?><methodCall><methodName>do &amp; dare</methodName><params>` +
		`<param><value><struct>` +
		`<member><name>a</name><value><string>&lt;&amp;&gt;</string></value></member>` +
		`<member><name>b</name><value><array><data><value><nil/></value><value><boolean>1</boolean></value>` +
		`<value><boolean>0</boolean></value><value><i4>1</i4></value><value><i4>-1</i4></value>` +
		`<value><i4>9000</i4></value><value><i4>7</i4></value><value><double>1.5</double></value></data></array></value></member>` +
		`<member><name>c</name><value><base64>AP8=</base64></value></member>` +
		`<member><name>d</name><value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value></member>` +
		`<member><name>e</name><value><array><data><value><string>x</string></value><value><string>y</string></value></data></array></value></member>` +
		`<member><name>f</name><value><string>00000000-0000-0000-0000-000000000000</string></value></member>` +
		`</struct></value></param><param><value><string>second</string></value></param></params></methodCall>`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEncodeRefuses(t *testing.T) {
	type cycle []any
	endless := cycle{nil}
	endless[0] = []any(endless)
	for _, tt := range []struct {
		v    any
		want string
	}{
		{map[string]any{"list": []any{make(chan int)}}, "answer: list: [0]: XML-RPC has no form for a Go chan int"},
		{uint32(math.MaxUint32), "4294967295 does not fit a 32-bit integer"},
		{[]any(endless), "more than 32 depth"},
	} {
		if got, err := MarshalResponse(tt.v); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %s, %v; want %s", got, err, tt.want)
		}
		if got, err := MarshalRequest("m", "fine", tt.v); err == nil || !strings.Contains(err.Error(), "parameter 2 of m") {
			t.Errorf("got %s, %v", got, err)
		}
	}
}

func TestFaultRoundTrip(t *testing.T) {
	want := Fault{Code: 4, Message: "too many <parameters>"}
	_, err := UnmarshalResponse(MarshalFault(want))
	var got *Fault
	if !errors.As(err, &got) || *got != want {
		t.Errorf("got %v", err)
	}
}

var text = rapid.StringOf(rapid.Rune().Filter(func(r rune) bool {
	return r >= 0x20 && r != 0xFFFE && r != 0xFFFF || r == '\t' || r == '\n' || r == '\r'
}))

func drawValue(t *rapid.T, depth int) any {
	kinds := 9
	if depth == 0 {
		kinds = 7
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "boolean")
	case 2:
		return rapid.Int32().Draw(t, "integer")
	case 3:
		return rapid.Float64().Draw(t, "double")
	case 4:
		return text.Draw(t, "string")
	case 5:
		return rapid.SliceOf(rapid.Byte()).Draw(t, "base64")
	case 6:
		return time.Unix(rapid.Int64Range(-2208988800, 7258118400).Draw(t, "date"), 0).UTC()
	case 7:
		m := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "size") {
			m[text.Draw(t, "name")] = drawValue(t, depth-1)
		}
		return m
	}
	a := []any{}
	for range rapid.IntRange(0, 4).Draw(t, "size") {
		a = append(a, drawValue(t, depth-1))
	}
	return a
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawValue(t, 4)
		doc, err := MarshalResponse(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := UnmarshalResponse(doc)
		if err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		call, err := MarshalRequest("method", want, want)
		if err != nil {
			t.Fatal(err)
		}
		method, params, err := UnmarshalRequest(call)
		if err != nil {
			t.Fatalf("%v\n%s", err, call)
		}
		if diff := cmp.Diff([]any{want, want}, params); diff != "" || method != "method" {
			t.Fatalf("%s (-want +got):\n%s", method, diff)
		}
	})
}

func FuzzResponse(f *testing.F) {
	f.Add(answer(`<value><struct><member><name>a</name><value><array><data><value>b</value></data></array></value></member></struct></value>`))
	f.Add(answer(`<value><base64>AA==</base64></value>`))
	f.Add(answer(`<value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value>`))
	f.Add(MarshalFault(Fault{1, "x"}))
	captured.SeedHTTP(f, "login-response.xml", func(doc []byte) { f.Add(doc) })
	f.Fuzz(func(t *testing.T, doc []byte) {
		first, err := UnmarshalResponse(doc)
		if err != nil {
			return
		}
		again, err := MarshalResponse(first)
		if err != nil {
			t.Fatalf("%#v was decoded and can't be encoded: %v", first, err)
		}
		second, err := UnmarshalResponse(again)
		if err != nil {
			t.Fatalf("own document %s: %v", again, err)
		}
		if diff := cmp.Diff(first, second, cmp.Comparer(sameDouble), cmp.Comparer(sameSecond)); diff != "" {
			t.Fatalf("changed on its way through %s:\n%s", again, diff)
		}
	})
}

func sameDouble(a, b float64) bool { return a == b || a != a && b != b }

// sameSecond: an RFC 3339 date may come with parts of a second, which
// XML-RPC's own form can't hold.
func sameSecond(a, b time.Time) bool { return a.Unix() == b.Unix() }

func FuzzRequest(f *testing.F) {
	f.Add([]byte(`<methodCall><methodName>m</methodName><params><param><value>a</value></param></params></methodCall>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		method, params, err := UnmarshalRequest(doc)
		if err != nil {
			return
		}
		again, err := MarshalRequest(method, params...)
		if err != nil {
			t.Fatalf("%#v was decoded and can't be encoded: %v", params, err)
		}
		if m, p, err := UnmarshalRequest(again); err != nil || m != method || len(p) != len(params) {
			t.Fatalf("own document %s: method %q, %d parameters, %v", again, m, len(p), err)
		}
	})
}

// skeletonAnswer is a login's answer with 50 folders.
func skeletonAnswer(b *testing.B) []byte {
	b.Helper()
	folders := []any{}
	for range 50 {
		folders = append(folders, map[string]any{
			"name": "Folder", "folder_id": uuid.Nil, "parent_id": uuid.Nil, "type_default": 8, "version": 1,
		})
	}
	doc, err := MarshalResponse(map[string]any{"login": "true", "inventory-skeleton": folders})
	if err != nil {
		b.Fatal(err)
	}
	return doc
}

func BenchmarkResponse(b *testing.B) {
	doc := skeletonAnswer(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := UnmarshalResponse(doc); err != nil {
			b.Fatal(err)
		}
	}
}
