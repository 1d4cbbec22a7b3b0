package xmlrpc

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answer wraps a value the way a server does.
func answer(value string) []byte {
	return []byte(`<?xml version="1.0"?><methodResponse><params><param>` + value + `</param></params></methodResponse>`)
}

func TestDecodesEveryForm(t *testing.T) {
	aDate := time.Date(1998, 7, 17, 14, 8, 55, 0, time.UTC)
	for _, tt := range []struct {
		value string
		want  any
	}{
		{`<value><i4>-12</i4></value>`, int32(-12)},
		{`<value><int> 12 </int></value>`, int32(12)},
		{`<value><i8>12</i8></value>`, int32(12)},
		{`<value><boolean>1</boolean></value>`, true},
		{`<value><boolean>0</boolean></value>`, false},
		{`<value><boolean>true</boolean></value>`, true},
		{`<value><string>a &lt;b&gt; &amp; &#x2603;</string></value>`, "a <b> & ☃"},
		{`<value><string><![CDATA[<b>]]><!-- c --></string></value>`, "<b>"},
		{`<value><string /></value>`, ""},
		{`<value>bare</value>`, "bare"},
		{`<value/>`, ""},
		{`<value> </value>`, " "},
		{`<value><double>-12.25</double></value>`, -12.25},
		{`<value><base64>AAH+
			/w==</base64></value>`, []byte{0, 1, 254, 255}},
		{`<value><dateTime.iso8601>19980717T14:08:55</dateTime.iso8601></value>`, aDate},
		{`<value><dateTime.iso8601>1998-07-17T14:08:55Z</dateTime.iso8601></value>`, aDate},
		{`<value><nil/></value>`, nil},
		{`<value> <array> <data /> </array> </value>`, []any{}},
		{`<value><array><data><value>a</value><value><array><data></data></array></value></data></array></value>`,
			[]any{"a", []any{}}},
		{`<value><struct/></value>`, map[string]any{}},
		{`<value><struct>
			<member><name>a</name><value><i4>1</i4></value></member>
			<member><name></name><value></value></member>
		</struct></value>`, map[string]any{"a": int32(1), "": ""}},
	} {
		got, err := UnmarshalResponse(answer(tt.value))
		if err != nil {
			t.Errorf("%s: %v", tt.value, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.value, diff)
		}
	}
}

func TestDecodesARequest(t *testing.T) {
	for _, tt := range []struct {
		doc    string
		method string
		params []any
	}{
		{`<methodCall><methodName> login_to_simulator </methodName><params>
			<param><value><struct><member><name>first</name><value>Ada</value></member></struct></value></param>
			<param><value>two</value></param></params></methodCall>`,
			"login_to_simulator", []any{map[string]any{"first": "Ada"}, "two"}},
		{`<methodCall><methodName>ping</methodName><params/></methodCall>`, "ping", nil},
		{`<methodCall><methodName>ping</methodName></methodCall> <!-- end -->`, "ping", nil},
	} {
		method, params, err := UnmarshalRequest([]byte(tt.doc))
		if err != nil {
			t.Errorf("%s: %v", tt.doc, err)
		}
		if diff := cmp.Diff(tt.params, params); diff != "" || method != tt.method {
			t.Errorf("%s: method %q (-want +got):\n%s", tt.doc, method, diff)
		}
	}
}

func TestAFaultIsAnError(t *testing.T) {
	doc := `<methodResponse><fault><value><struct>
		<member><name>faultCode</name><value><int>-32601</int></value></member>
		<member><name>faultString</name><value>no such method</value></member>
	</struct></value></fault></methodResponse>`
	got, err := UnmarshalResponse([]byte(doc))
	var fault *Fault
	if !errors.As(err, &fault) || fault.Code != -32601 || fault.Message != "no such method" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSaysWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ doc, want string }{
		{``, "expected a tag, found the end of the document"},
		{`<html></html>`, "expected <methodResponse>, found <html>"},
		{`busy`, "expected a tag, found 'b'"},
		{`<methodResponse></methodResponse>`, "expected <params> or <fault>, found </methodResponse>"},
		{`<methodResponse><params></params></methodResponse>`, "expected an answer of one value, found 0"},
		{string(answer(`<value>1</value></param><param><value>2</value>`)), "expected an answer of one value, found 2"},
		{string(answer(``)), "expected <value>, found </param>"},
		{string(answer(`<value>`)), "expected </value>, found </param>"},
		{string(answer(`<value>a<i4>1</i4></value>`)), "expected </value> after text, found <i4>"},
		{string(answer(`<value><i4>1</i4>a</value>`)), "expected a tag, found 'a'"},
		{string(answer(`<value><i4>1</i4><i4>2</i4></value>`)), "expected </value>, found <i4>"},
		{string(answer(`<value><i4>4294967296</i4></value>`)), "an integer is not one of 32 bits"},
		{string(answer(`<value><i4/></value>`)), "an integer is not one of 32 bits"},
		{string(answer(`<value><boolean>2</boolean></value>`)), "a boolean is not 0 or 1"},
		{string(answer(`<value><double>x</double></value>`)), "a double is no number"},
		{string(answer(`<value><base64>?</base64></value>`)), "base64:"},
		{string(answer(`<value><dateTime.iso8601>soon</dateTime.iso8601></value>`)), "a dateTime is not of the form"},
		{string(answer(`<value><colour>red</colour></value>`)), "<colour> is no XML-RPC type"},
		{string(answer(`<value><string>a<b/></string></value>`)), "expected </string>, found <b>"},
		{string(answer(`<value><struct><name>a</name></struct></value>`)), "expected <member> or </struct>, found <name>"},
		{string(answer(`<value><struct><member><value/></member></struct></value>`)), "expected <name>, found <value>"},
		{string(answer(`<value><array><value/></array></value>`)), "expected <data>, found <value>"},
		{string(answer(`<value><string>&nbsp;</string></value>`)), "unknown entity &nbsp;"},
		{string(answer(`<value/>`)) + `<methodResponse/>`, "expected the end of the document"},
		{string(answer(`<value/>`)) + `more`, "expected the end of the document"},
		{`<methodResponse><fault><value>no</value></fault></methodResponse>`, "expected a fault of faultCode and faultString"},
	} {
		got, err := UnmarshalResponse([]byte(tt.doc))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(syntax.Msg, tt.want) {
			t.Errorf("%s\n got %v, error %v\nwant %s", tt.doc, got, err, tt.want)
		}
	}
	for _, tt := range []struct{ doc, want string }{
		{`<methodResponse/>`, "expected <methodCall>"},
		{`<methodCall><params/></methodCall>`, "expected <methodName>"},
		{`<methodCall><methodName>a</methodName><fault/></methodCall>`, "expected <params> or </methodCall>"},
		{`<methodCall><methodName>a</methodName><params/></methodCall><a/>`, "expected the end"},
	} {
		method, _, err := UnmarshalRequest([]byte(tt.doc))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\n got %q, error %v\nwant %s", tt.doc, method, err, tt.want)
		}
	}
}

// Entity expansion needs a DOCTYPE.
func TestRefusesDeclarations(t *testing.T) {
	doctype := `<!DOCTYPE a [<!ENTITY b "cccc">]>`
	for _, doc := range []string{
		doctype + string(answer(`<value>&b;</value>`)),
		string(answer(`<value>` + doctype + `</value>`)),
	} {
		if got, err := UnmarshalResponse([]byte(doc)); err == nil || !strings.Contains(err.Error(), "DOCTYPE") {
			t.Errorf("%s: got %v, %v", doc, got, err)
		}
	}
	if got, err := UnmarshalResponse([]byte(string(answer(`<value/>`)) + doctype)); err == nil {
		t.Errorf("got %v", got)
	}
}

func TestLimits(t *testing.T) {
	nested := func(n int) []byte {
		return answer(strings.Repeat(`<value><array><data>`, n) + strings.Repeat(`</data></array></value>`, n))
	}
	if _, err := UnmarshalResponse(nested(MaxDepth)); err != nil {
		t.Errorf("at the limit of depth: %v", err)
	}
	for _, tt := range []struct {
		doc   []byte
		limit string
	}{
		{nested(MaxDepth + 1), "depth"},
		{make([]byte, MaxBytes+1), "bytes"},
	} {
		_, err := UnmarshalResponse(tt.doc)
		var limit *LimitError
		if !errors.As(err, &limit) || limit.Limit != tt.limit {
			t.Errorf("got %v, want the limit of %s", err, tt.limit)
		}
	}
}

func TestLimitOfValues(t *testing.T) {
	for _, tt := range []struct {
		left int
		ok   bool
	}{{3, true}, {2, false}} {
		d, err := newDecoder([]byte(`<value><array><data><value>a</value><value>b</value></data></array></value>`))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.open("value"); err != nil || d.values != MaxValues {
			t.Errorf("a decoder begins with %d values, %v", d.values, err)
		}
		d.values = tt.left
		_, err = d.value()
		var limit *LimitError
		if broken := errors.As(err, &limit); broken == tt.ok || broken && limit.Limit != "values" {
			t.Errorf("%d values left: %v", tt.left, err)
		}
	}
}
