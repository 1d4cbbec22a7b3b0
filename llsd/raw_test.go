package llsd

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// ripe decodes the Raws in a tree, and tells whether all could be.
func ripe(v any) (any, error) {
	var failed error
	switch x := v.(type) {
	case Raw:
		var inner any
		err := x.Decode(&inner)
		return inner, err
	case map[string]any:
		for name, value := range x {
			inner, err := ripe(value)
			x[name], failed = inner, errors.Join(failed, err)
		}
	case []any:
		for i, value := range x {
			inner, err := ripe(value)
			x[i], failed = inner, errors.Join(failed, err)
		}
	}
	return v, failed
}

// sameLater makes sure that what is kept raw is, decoded later, what it would
// have been, and is refused at once or later where it would have been. Of a
// member that comes twice the first isn't looked at later, so only documents
// that can't say body twice are held to that.
func sameLater(t interface{ Fatalf(string, ...any) }, doc []byte) {
	var want, got any
	wantErr := Decode(doc, &want)
	err := DecodeWithRaw(doc, "body", &got)
	if err == nil {
		got, err = ripe(got)
	}
	if wantErr != nil {
		once := bytes.Count(doc, []byte("body")) < 2 && bytes.IndexByte(doc, '&') < 0 && !bytes.Contains(doc, []byte("<!"))
		if once && err == nil {
			t.Fatalf("%q: taken later, but %v", doc, wantErr)
		}
		return
	}
	if err != nil {
		t.Fatalf("%q: raw %v", doc, err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" {
		t.Fatalf("%q (-at once +later):\n%s", doc, diff)
	}
}

func TestRawIsReadLater(t *testing.T) {
	for _, body := range []string{
		"<map><key>a</key><array><integer>1</integer> <map/></array><key>body</key><string>&lt;</string></map>",
		"\n<!-- a --> <string>text</string>", "<map/>", "<array/>", "<undef/>", "<string />", "<uuid></uuid>",
		"<map><key>a</key></map></map></map>", "<array><map><key>a</key></map></map></map></array>",
		"<integer>one</integer>", "<map><key>a</key></map>", "<array><string></array>", "<unheard>of</unheard>", "</map>",
	} {
		doc := "<llsd><array><map><key>message</key><string>A</string><key>body</key>" + body + "<key>last</key><real>1</real></map></array></llsd>"
		sameLater(t, []byte(doc))
		var got any
		err := DecodeWithRaw([]byte(doc), "body", &got)
		if err == nil {
			_, err = ripe(got)
		}
		if bad := Decode([]byte(doc), &got); (err == nil) != (bad == nil) {
			t.Errorf("%s: %v later, %v at once", body, err, bad)
		}
	}
	sameLater(t, []byte("[{'message':'A','body':{'a':i1}}]"))
}

// What is kept raw is one element: a map whose last key has no value would end
// with what ends the map around it.
func TestRawIsWellFormed(t *testing.T) {
	for _, body := range []string{
		"<map><key>a</key></map></map></map>", "<map><key>a</key></array></array></map>", "<array><map><key>a</key></map></map></map></array>",
		"<array></map>", "<map></array>", "<map><key>a</key>", "<string></map>",
	} {
		var got any
		doc := "<llsd><map><key>body</key>" + body + "</map></llsd>"
		var bad *SyntaxError
		if err := DecodeWithRaw([]byte(doc), "body", &got); !errors.As(err, &bad) {
			t.Errorf("%s: kept %q, %v", body, got, err)
		}
	}
}

func TestRawIsTheElement(t *testing.T) {
	var got []map[string]any
	doc := "<llsd><array><map><key>body</key> <map><key>body</key><integer>1</integer></map>\n</map><map><key>other</key><map/></map></array></llsd>"
	if err := DecodeWithRaw([]byte(doc), "body", &got); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{{"body": Raw(" <map><key>body</key><integer>1</integer></map>")}, {"other": map[string]any{}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var fits map[string]int
	if err := got[0]["body"].(Raw).Decode(&fits); err != nil || fits["body"] != 1 {
		t.Errorf("decoded to %v, %v", fits, err)
	}
	var not []int
	var wrong *TypeError
	if err := got[0]["body"].(Raw).Decode(&not); !errors.As(err, &wrong) {
		t.Errorf("decoded to %v, %v", not, err)
	}
}

// What nobody reads is bounded as what is read.
func TestLimitsOfRaw(t *testing.T) {
	deep := DefaultLimits.MaxDepth - 1 // the map around it is one
	for _, tt := range []struct {
		body  string
		limit string
	}{
		{strings.Repeat("<array>", deep) + strings.Repeat("</array>", deep), ""},
		{strings.Repeat("<array>", deep+1) + strings.Repeat("</array>", deep+1), "depth"},
		{strings.Repeat("<map><key>a</key>", deep+1) + strings.Repeat("</map>", deep+1), "depth"},
		{"<array>" + strings.Repeat("<map/>", DefaultLimits.MaxElements) + "</array>", "elements"},
	} {
		var got any
		err := DecodeWithRaw([]byte("<llsd><map><key>body</key>"+tt.body+"</map></llsd>"), "body", &got)
		var limit *LimitError
		if broken := errors.As(err, &limit); broken != (tt.limit != "") || broken && limit.Limit != tt.limit || !broken && err != nil {
			t.Errorf("%.40s: %v", tt.body, err)
		}
	}
}

func FuzzRaw(f *testing.F) {
	f.Add([]byte("<llsd><map><key>body</key><map><key>a</key><integer>1</integer></map></map></llsd>"))
	f.Add([]byte("<llsd><array><map><key>body</key><string>&amp;</string></map></array></llsd>"))
	f.Add([]byte("{'body':[i1]}"))
	f.Fuzz(func(t *testing.T, doc []byte) { sameLater(t, doc) })
}

// BenchmarkDecodeWithRaw is BenchmarkDecodeStruct for who wants no event.
func BenchmarkDecodeWithRaw(b *testing.B) {
	doc, err := MarshalXML(pollAnswer())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		var poll struct {
			ID     int32 `llsd:"id"`
			Events []struct {
				Message string `llsd:"message"`
				Body    any    `llsd:"body"`
			} `llsd:"events"`
		}
		if err := DecodeWithRaw(doc, "body", &poll); err != nil || len(poll.Events) != 8 {
			b.Fatal(fmt.Sprint(len(poll.Events)), err)
		}
	}
}
