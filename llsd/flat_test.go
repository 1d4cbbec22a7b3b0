package llsd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// flatLimits are small enough to be met.
var flatLimits = Limits{MaxBytes: 1 << 10, MaxDepth: 8, MaxElements: 4}

// sameFlat makes sure that what decodes flat is what decodes as a tree. It gives
// whether the document was decoded flat.
func sameFlat[T any](t interface{ Fatalf(string, ...any) }, doc []byte) bool {
	var got, want T
	limits := flatLimits.withDefaults()
	flat := decodeFlat(doc, Auto, limits, &got)
	value, err := parse(doc, Auto, limits)
	if err == nil {
		err = Convert(value, &want)
	}
	if !flat {
		want = *new(T) // v is as it was
	} else if err != nil {
		t.Fatalf("%q: decoded flat, but %v", doc, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q (-tree +flat):\n%s", doc, diff)
	}
	return flat
}

func TestFlat(t *testing.T) {
	for _, tt := range []struct {
		doc  string
		flat bool
	}{
		{"<llsd><map><key>a</key><string>b</string><key>c</key><string></string></map></llsd>", true},
		{"<?xml version=\"1.0\"?>\n<llsd>\n <map>\n <key>a</key> <string> b &amp; c</string>\n</map> </llsd>\n<!-- end -->", true},
		{"<llsd><map><key>a</key><string>b</string><key>a</key><string>c</string></map></llsd>", true},
		{"<llsd><map><key>a</key><string>b\x01</string></map></llsd>", true},
		{"<llsd><map></map></llsd>", true},
		{"<llsd><map/></llsd>", false},
		{"<llsd><map><key>a</key><string/></map></llsd>", false},
		{"<llsd><map><key>a</key><uri>b</uri></map></llsd>", false},
		{"<llsd><map><key>a</key><integer>1</integer></map></llsd>", false},
		{"<llsd><map><key>a</key></map></llsd>", false},
		{"<llsd><map><key>a</key><string>b</string></map></llsd> more", false},
		{"<llsd><map><key>a</key><string>b</string></map>", false},
		{"<llsd><undef/></llsd>", false},
		{"<llsd><array><string>a</string></array></llsd>", false},
		{"<llsd><map>" + strings.Repeat("<key>a</key><string>b</string>", 3) + "</map></llsd>", true},
		{"<llsd><map>" + strings.Repeat("<key>a</key><string>b</string>", 4) + "</map></llsd>", false}, // too many elements
		{"<llsd><map><key>a</key><string>" + strings.Repeat("b", 1<<10) + "</string></map></llsd>", false},
		{"{'a':'b'}", false}, // notation
	} {
		if flat := sameFlat[map[string]string](t, []byte(tt.doc)); flat != tt.flat {
			t.Errorf("%.80s: decoded flat: %t", tt.doc, flat)
		}
		list := strings.NewReplacer("map>", "array>", "<key>a</key>", "", "<key>c</key>", "", "<map", "<array").Replace(tt.doc)
		sameFlat[[]string](t, []byte(list))
	}
	if !sameFlat[[]string](t, []byte("<llsd><array><string>a</string> <string>b</string></array></llsd>")) {
		t.Error("a list was not decoded flat")
	}
}

func TestFlatLeavesAMapWithSomethingInIt(t *testing.T) {
	got := map[string]string{"old": "1"}
	if err := UnmarshalXML([]byte("<llsd><map><key>new</key><string>2</string></map></llsd>"), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"old": "1", "new": "2"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// However a document is cut about, flat decoding finds in it what the tree does.
func TestFlatIsLikeATree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab<&>\n\t\x01☃ ")), 0, 9, -1)
		doc, err := MarshalXML(rapid.MapOfN(text, text, 0, 4).Draw(t, "map"))
		if err != nil {
			t.Fatal(err)
		}
		list, err := MarshalXML(rapid.SliceOfN(text, 0, 4).Draw(t, "list"))
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range [][]byte{doc, list} {
			if cut := rapid.IntRange(0, 2*len(doc)).Draw(t, "cut"); cut < len(doc) {
				doc = append(doc[:cut:cut], doc[min(len(doc), cut+rapid.IntRange(1, 9).Draw(t, "bytes")):]...)
			}
			sameFlat[map[string]string](t, doc)
			sameFlat[[]string](t, doc)
		}
	})
}

func FuzzFlat(f *testing.F) {
	f.Add([]byte("<llsd><map><key>a</key><string>b</string></map></llsd>"))
	f.Add([]byte("<llsd><array><string>a</string><string>&lt;b</string></array></llsd>"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		sameFlat[map[string]string](t, doc)
		sameFlat[[]string](t, doc)
	})
}

// BenchmarkDecodeSeed is the answer of a seed capability.
func BenchmarkDecodeSeed(b *testing.B) {
	urls := map[string]string{}
	for i := range 35 {
		urls[fmt.Sprintf("SomeCapability%d", i)] = fmt.Sprintf("http://127.0.0.1:9000/0a0b0c0d-0000-4000-8000-%012d", i)
	}
	doc, err := MarshalXML(urls)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		var got map[string]string
		if err := Decode(doc, &got); err != nil || len(got) != len(urls) {
			b.Fatal(len(got), err)
		}
	}
}
