package xmltext

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/slload/slload/internal/captured"
)

// walk lists what a document holds, as `<a>`, `</a>` and text.
func walk(doc []byte) (parts []string, err error) {
	var s Scanner
	s.Reset(doc)
	depth := 0
	for {
		if depth == 0 {
			if err := s.SkipMisc(); err != nil || s.AtEnd() {
				return parts, err
			}
		} else {
			text, err := s.Characters()
			if err != nil {
				return parts, err
			}
			if len(text) > 0 {
				parts = append(parts, string(text))
			}
		}
		tag, err := s.Tag()
		if err != nil {
			return parts, err
		}
		switch {
		case tag.Closing:
			depth--
			parts = append(parts, "</"+string(tag.Name)+">")
		case tag.Empty:
			parts = append(parts, "<"+string(tag.Name)+">", "</"+string(tag.Name)+">")
		default:
			depth++
			parts = append(parts, "<"+string(tag.Name)+">")
		}
		if depth < 0 {
			return parts, errors.New("more ends than starts")
		}
	}
}

// walkStandard is walk by encoding/xml.
func walkStandard(t *rapid.T, doc []byte) (parts []string) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	text, depth := "", 0
	flush := func() {
		if text != "" && depth > 0 {
			parts = append(parts, text)
		}
		text = ""
	}
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatalf("encoding/xml can't read %q: %v", doc, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			flush()
			depth++
			parts = append(parts, "<"+tok.Name.Local+">")
		case xml.EndElement:
			flush()
			depth--
			parts = append(parts, "</"+tok.Name.Local+">")
		case xml.CharData:
			text += string(tok)
		}
	}
}

func TestReadsWhatEncodingXMLReads(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"text", " ", "\r\n", "a\rb", "&amp;", "&lt;b&gt;", "&#65;&#x2603;", "☃", "<![CDATA[<x>&y;\r\n]]>",
		"<!-- not text -->", "<?skip this?>", "<empty/>", `<a b="c>d" e='"' />`, "<b >", "</b\n>",
	})
	rapid.Check(t, func(t *rapid.T) {
		var doc strings.Builder
		doc.WriteString("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<root>")
		open := 0
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			p := piece.Draw(t, "piece")
			switch p {
			case "<b >":
				open++
			case "</b\n>":
				if open == 0 {
					continue
				}
				open--
			}
			doc.WriteString(p)
		}
		doc.WriteString(strings.Repeat("</b>", open) + "</root>\n<!-- end -->")
		got, err := walk([]byte(doc.String()))
		if err != nil {
			t.Fatalf("%q: %v", doc.String(), err)
		}
		if diff := cmp.Diff(walkStandard(t, []byte(doc.String()[3:])), got); diff != "" {
			t.Fatalf("%q (-encoding/xml +ours):\n%s", doc.String(), diff)
		}
	})
}

func TestSaysWhereAndWhat(t *testing.T) {
	for _, tt := range []struct {
		doc    string
		offset int
		msg    string
	}{
		{"text", 0, "expected a tag, found 't'"},
		{"<a>", 3, "expected an end tag, found the end of the document"},
		{"<>", 1, "expected an element's name, found '>'"},
		{"<a b>", 4, "expected = after attribute b, found '>'"},
		{"<a b=c>", 5, "expected a quoted value of attribute b, found 'c'"},
		{`<a b="c>`, 5, "the value of attribute b has no closing quote"},
		{"<a/b>", 3, "expected >, found 'b'"},
		{"</a b>", 4, "expected >, found 'b'"},
		{"<a>&nbsp;</a>", 3, "unknown entity &nbsp;"},
		{"<a>&#0;</a>", 3, "unknown entity &#0;"},
		{"<a>&amp</a>", 3, "expected a reference like &amp;"},
		{"<!-- a", 0, "expected -->, found the end of the document"},
		{"<!DOCTYPE a>", 0, "a DOCTYPE or other declaration is not allowed"},
		{"<a><!ENTITY b></a>", 3, "a DOCTYPE or other declaration is not allowed"},
	} {
		_, err := walk([]byte(tt.doc))
		var syntax *Error
		if !errors.As(err, &syntax) || syntax.Offset != tt.offset || !strings.Contains(syntax.Msg, tt.msg) {
			t.Errorf("%s\n got %v\nwant byte %d: %s", tt.doc, err, tt.offset, tt.msg)
		}
	}
}

func TestEscapedTextComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		want := string(Legal([]byte(s)))
		got, err := walk([]byte("<a>" + string(AppendEscaped(nil, s)) + "</a>"))
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(got[1:len(got)-1], ""); text != want {
			t.Errorf("%q came back as %q, want %q", s, text, want)
		}
	})
}

func TestNamesAreShared(t *testing.T) {
	var n Names
	text := []byte("member")
	first := n.Get(text)
	allocs := testing.AllocsPerRun(100, func() {
		if n.Get(text) != first {
			t.Error("another text")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for a name that was seen", allocs)
	}
	text[0] = 'M'
	if first != "member" || n.Get(text) != "Member" {
		t.Error("a name changed with the document that it came from")
	}
}

func FuzzScanner(f *testing.F) {
	for _, seed := range []string{"<a/>", "<a>b&amp;c</a>", "<a><![CDATA[]]></a>", "<!---->", "<a b='c'>\r\n</a>", "<", "&", "<a>&#x41;"} {
		f.Add([]byte(seed))
	}
	captured.SeedHTTP(f, "events/*.xml", func(doc []byte) { f.Add(doc) })
	f.Fuzz(func(t *testing.T, doc []byte) {
		before := bytes.Clone(doc)
		parts, _ := walk(doc)
		size := 0
		for _, p := range parts {
			size += len(p)
		}
		if most := 4*len(doc) + 16; size > most {
			t.Errorf("%d bytes gave %d", len(doc), size)
		}
		if !bytes.Equal(before, doc) {
			t.Error("the document was changed")
		}
	})
}
