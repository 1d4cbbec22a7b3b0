package llsd

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
)

func TestXMLDecodesEveryForm(t *testing.T) {
	for _, tt := range []struct {
		doc  string
		want any
	}{
		{`<llsd/>`, nil},
		{`<llsd></llsd>`, nil},
		{`<llsd><undef/></llsd>`, nil},
		{`<llsd><undef></undef></llsd>`, nil},

		{`<llsd><boolean>1</boolean></llsd>`, true},
		{`<llsd><boolean>true</boolean></llsd>`, true},
		{`<llsd><boolean>0</boolean></llsd>`, false},
		{`<llsd><boolean>false</boolean></llsd>`, false},
		{`<llsd><boolean/></llsd>`, false},

		{`<llsd><integer>289343</integer></llsd>`, int32(289343)},
		{`<llsd><integer>-3</integer></llsd>`, int32(-3)},
		{`<llsd><integer> 7 </integer></llsd>`, int32(7)},
		{`<llsd><integer /></llsd>`, int32(0)},
		{`<llsd><integer>4294967295</integer></llsd>`, int32(-1)}, // a U32 keeps its bits

		{`<llsd><real>-0.28334</real></llsd>`, -0.28334},
		{`<llsd><real>2983287453.3848387</real></llsd>`, 2983287453.3848387},
		{`<llsd><real>1E-05</real></llsd>`, 1e-05},
		{`<llsd><real>NaN</real></llsd>`, math.NaN()},
		{`<llsd><real>-inf</real></llsd>`, math.Inf(-1)},
		{`<llsd><real>1e999</real></llsd>`, math.Inf(1)},
		{`<llsd><real/></llsd>`, 0.0},

		{`<llsd><uuid>6f9619ff-8b86-d011-b42d-00c04fc964ff</uuid></llsd>`, someID},
		{`<llsd><uuid>6F9619FF-8B86-D011-B42D-00C04FC964FF</uuid></llsd>`, someID},
		{`<llsd><uuid /></llsd>`, uuid.Nil},

		{`<llsd><string> kept as it is </string></llsd>`, " kept as it is "},
		{`<llsd><string/></llsd>`, ""},
		{`<llsd><string>&lt;&gt;&amp;&quot;&apos;&#65;&#x2603;</string></llsd>`, `<>&"'A☃`},
		{"<llsd><string>a\r\nb\rc&#13;d</string></llsd>", "a\nb\nc\rd"},
		{`<llsd><string>a<![CDATA[<b> & ]] ]]>c</string></llsd>`, "a<b> & ]] c"},
		{`<llsd><string>a <!-- no <b> --> c<?pi?> d</string></llsd>`, "a  c d"},
		{"<llsd><string>cut \xe2\x98</string></llsd>", "cut \uFFFD\uFFFD"},
		{"<llsd><string>\x00&#1;\uFFFEé</string></llsd>", "\uFFFD\uFFFD\uFFFDé"},

		{`<llsd><binary encoding="base64">AAH+/w==</binary></llsd>`, []byte{0, 1, 254, 255}},
		{`<llsd><binary>AAH+/w</binary></llsd>`, []byte{0, 1, 254, 255}},
		{"<llsd><binary>\n AAH+\n /w== \n</binary></llsd>", []byte{0, 1, 254, 255}},
		{`<llsd><binary encoding = 'base16' >00 01 fe FF</binary></llsd>`, []byte{0, 1, 254, 255}},
		{`<llsd><binary/></llsd>`, []byte{}},

		{`<llsd><date>2009-02-13T23:31:30.25Z</date></llsd>`, someDate},
		{`<llsd><date>2009-02-14T00:31:30.25+01:00</date></llsd>`, someDate},
		{`<llsd><date>2009-02-13T23:31:30.25</date></llsd>`, someDate},
		{`<llsd><date>2009-02-13</date></llsd>`, time.Date(2009, 2, 13, 0, 0, 0, 0, time.UTC)},
		{`<llsd><date/></llsd>`, epoch},

		{`<llsd><uri> http://127.0.0.1/?a&amp;b </uri></llsd>`, URI("http://127.0.0.1/?a&b")},
		{`<llsd><uri/></llsd>`, URI("")},

		{`<llsd><map/></llsd>`, map[string]any{}},
		{`<llsd><array /></llsd>`, []any{}},
		{`<llsd><map><key>a</key><integer>1</integer><key/><undef/></map></llsd>`, map[string]any{"a": int32(1), "": nil}},
		{`<llsd><map><key>a</key><integer>1</integer><key>a</key><integer>2</integer></map></llsd>`, map[string]any{"a": int32(2)}},
		{`<llsd><array><array><map/></array><undef/></array></llsd>`, []any{[]any{map[string]any{}}, nil}},

		{"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- hello -->\n<llsd a='1'\n b=\"2\">\n <map>\n  <key>k</key>\n  <string>v</string>\n </map>\n</llsd>\n\n", map[string]any{"k": "v"}},
	} {
		var got any
		if err := UnmarshalXML([]byte(tt.doc), &got); err != nil {
			t.Errorf("%s: %v", tt.doc, err)
		} else if diff := cmp.Diff(tt.want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.doc, diff)
		}
	}
}

func TestXMLSaysWhereItIsWrong(t *testing.T) {
	for _, tt := range []struct {
		doc    string
		offset int
		msg    string
	}{
		{``, 0, "expected a tag, found the end of the document"},
		{`not found`, 0, "expected a tag, found 'n'"},
		{`<html>`, 6, "expected <llsd>, found <html>"},
		{`</llsd>`, 7, "expected <llsd>, found <llsd>"},
		{`<llsd>`, 6, "expected a tag, found the end of the document"},
		{`<llsd>text</llsd>`, 6, "expected a tag, found 't'"},
		{`<llsd><integer>1</integer><integer>2</integer></llsd>`, 35, "expected </llsd>, found <integer>"},
		{`<llsd><undef/></llsd><llsd/>`, 21, "expected the end of the document, found '<'"},
		{`<llsd><colour>red</colour></llsd>`, 14, "<colour> is no LLSD type"},
		{`<llsd><integer>one</integer></llsd>`, 15, `"one" is no 32-bit integer`},
		{`<llsd><integer>4294967296</integer></llsd>`, 15, "is no 32-bit integer"},
		{`<llsd><boolean>maybe</boolean></llsd>`, 15, `"maybe" is no boolean`},
		{`<llsd><real>1,5</real></llsd>`, 12, `"1,5" is no real`},
		{`<llsd><uuid>6f9619ff</uuid></llsd>`, 12, "8 bytes of text are no uuid"},
		{`<llsd><date>yesterday, about ten past three</date></llsd>`, 12, `"yesterday, about ten pas..." is no date`},
		{`<llsd><binary>?</binary></llsd>`, 14, "no base64"},
		{`<llsd><binary encoding="base16">0</binary></llsd>`, 32, "no base16"},
		{`<llsd><binary encoding="base85">0</binary></llsd>`, 32, `encoding "base85" is unknown`},
		{`<llsd><map><integer>1</integer></map></llsd>`, 20, "expected <key> or </map>, found <integer>"},
		{`<llsd><map><key>a</key></map></llsd>`, 29, "expected a value after <key>a</key>, found </map>"},
		{`<llsd><map><key>a</key><undef/></array></llsd>`, 39, "expected </map>, found </array>"},
		{`<llsd><string>a<b/></string></llsd>`, 19, "expected </string>, found <b>"},
		{`<llsd><string>a</llsd>`, 22, "expected </string>, found </llsd>"},
		{`<llsd><string>a`, 14, "expected an end tag"},
		{`<llsd><string>a &amp`, 14, "expected an end tag"},
		{`<llsd><string>&nbsp;</string></llsd>`, 14, "unknown entity &nbsp;"},
		{`<llsd><string>&#0;</string></llsd>`, 14, "unknown entity &#0;"},
		{`<llsd><string>&#xD800;</string></llsd>`, 14, "unknown entity"},
		{`<llsd><string>&#99999999999;</string></llsd>`, 14, "expected a reference"},
		{`<llsd><string>fish & chips</string></llsd>`, 19, "expected a reference"},
		{`<llsd><string><![CDATA[ open</string></llsd>`, 14, "expected ]]>"},
		{`<llsd><!-- open`, 6, "expected -->"},
		{`<llsd><!-->`, 6, "expected -->"},
		{`<llsd a></llsd>`, 7, "expected = after attribute a"},
		{`<llsd a=1></llsd>`, 8, "expected a quoted value"},
		{`<llsd a="1></llsd>`, 8, "no closing quote"},
		{`<llsd ="1"></llsd>`, 6, "expected an attribute or >"},
		{`<llsd/ >`, 6, "expected >"},
		{`<llsd></llsd a="1">`, 13, "expected >"},
		{`< llsd>`, 1, "expected an element's name"},
	} {
		var got any
		err := UnmarshalXML([]byte(tt.doc), &got)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: got %v and error %v, want a syntax error", tt.doc, got, err)
			continue
		}
		if syntax.Offset != tt.offset || !strings.Contains(syntax.Msg, tt.msg) {
			t.Errorf("%s\n got byte %d: %s\nwant byte %d: %s", tt.doc, syntax.Offset, syntax.Msg, tt.offset, tt.msg)
		}
	}
}

// Entity expansion needs a DOCTYPE; none gets past the tokenizer, wherever it
// stands.
func TestXMLRefusesDeclarations(t *testing.T) {
	for _, doc := range []string{
		`<!DOCTYPE llsd [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><llsd><string>&b;</string></llsd>`,
		`<!DOCTYPE llsd SYSTEM "http://127.0.0.1/llsd.dtd"><llsd/>`,
		`<?xml version="1.0"?><!DOCTYPE llsd><llsd/>`,
		`<llsd><!ENTITY a "b"><undef/></llsd>`,
		`<llsd><string>a<!ENTITY a "b">c</string></llsd>`,
		`<llsd><undef/></llsd><!DOCTYPE llsd>`,
	} {
		var got any
		err := UnmarshalXML([]byte(doc), &got)
		if err == nil || !strings.Contains(err.Error(), "DOCTYPE or other declaration is not allowed") {
			t.Errorf("%s: got %v, error %v", doc, got, err)
		}
	}
}

func TestXMLEncodes(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{nil, `<undef/>`},
		{true, `<boolean>1</boolean>`},
		{false, `<boolean>0</boolean>`},
		{int32(-1), `<integer>-1</integer>`},
		{1.5, `<real>1.5</real>`},
		{math.NaN(), `<real>NaN</real>`},
		{math.Inf(1), `<real>+Inf</real>`},
		{someID, `<uuid>6f9619ff-8b86-d011-b42d-00c04fc964ff</uuid>`},
		{"<a> & \r\x00\uFFFF\xff☃", `<string>&lt;a&gt; &amp; &#13;` + "\uFFFD\uFFFD\uFFFD" + `☃</string>`},
		{[]byte{0, 1, 254, 255}, `<binary>AAH+/w==</binary>`},
		{someDate.In(time.FixedZone("", 3600)), `<date>2009-02-13T23:31:30.25Z</date>`},
		{URI("http://h/?a&b"), `<uri>http://h/?a&amp;b</uri>`},
		{map[string]any{"b": nil, "a": int32(1)}, `<map><key>a</key><integer>1</integer><key>b</key><undef/></map>`},
		{[]any{"x", []any{}}, `<array><string>x</string><array></array></array>`},
	} {
		got, err := MarshalXML(tt.v)
		if err != nil {
			t.Errorf("%v: %v", tt.v, err)
		} else if want := "<llsd>" + tt.want + "</llsd>"; string(got) != want {
			t.Errorf("%v\n got %s\nwant %s", tt.v, got, want)
		}
	}
}
