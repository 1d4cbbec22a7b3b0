package llsd

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestNotationDecodesEveryForm(t *testing.T) {
	for _, tt := range []struct {
		doc  string
		want any
	}{
		{`!`, nil},
		{`1`, true}, {`t`, true}, {`T`, true}, {`true`, true}, {`TRUE`, true},
		{`0`, false}, {`f`, false}, {`F`, false}, {`false`, false}, {`FALSE`, false},
		{`i42`, int32(42)}, {`i-42`, int32(-42)},
		{`r1.5`, 1.5}, {`r-4.371139E-08`, -4.371139e-08}, {`r256000`, 256000.0}, {`rinf`, math.Inf(1)},
		{`u6f9619ff-8b86-d011-b42d-00c04fc964ff`, someID},
		{`u00000000-0000-0000-0000-000000000000`, uuid.Nil},
		{`"it's"`, "it's"}, {`'say "x"'`, `say "x"`}, {`''`, ""},
		{`'\a\b\f\n\r\t\v\\\'\"\x41\xe2\x98\x83\q'`, "\a\b\f\n\r\t\v\\'\"A☃q"},
		{`s(5)"a"b\c"`, `a"b\c`}, {`s(0)''`, ""},
		{`b64"AAH+/w=="`, []byte{0, 1, 254, 255}},
		{`b16"0001FEff"`, []byte{0, 1, 254, 255}},
		{"b(4)\"\x00\"\xfe\xff\"", []byte{0, '"', 254, 255}},
		{`l"http://h/?a&b"`, URI("http://h/?a&b")},
		{`d"2009-02-13T23:31:30.25Z"`, someDate},
		{`[]`, []any{}}, {`{}`, map[string]any{}},
		{`[i1,[i2],{}]`, []any{int32(1), []any{int32(2)}, map[string]any{}}},
		{`{'a':i1,"b":!}`, map[string]any{"a": int32(1), "b": nil}},
		{`{s(1)"a":i1}`, map[string]any{"a": int32(1)}},
		{"<? llsd/notation ?>\n[i1]", []any{int32(1)}},
		{"<?llsd/notation?>\n i1", int32(1)},

		// loose: spaces, commas too many or missing, bare keys, bare numbers
		{" { 'a' : i1 , 'b' : [ i1 , i2 , ] , } \n", map[string]any{"a": int32(1), "b": []any{int32(1), int32(2)}}},
		{`[i1 i2]`, []any{int32(1), int32(2)}},
		{`{position:[128.5,64,0]}`, map[string]any{"position": []any{128.5, int32(64), false}}},
	} {
		var got any
		if err := UnmarshalNotation([]byte(tt.doc), &got); err != nil {
			t.Errorf("%s: %v", tt.doc, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.doc, diff)
		}
	}
}

// A login answer's home and look_at are strings of notation.
func TestNotationOfALoginAnswer(t *testing.T) {
	var home struct {
		Handle   [2]float64 `llsd:"region_handle"`
		Position [3]float32 `llsd:"position"`
		LookAt   [3]float32 `llsd:"look_at"`
	}
	text := `{'region_handle':[r256512,r255744], 'position':[r12.5,r200,r24.25], 'look_at':[r-1,r4.371139E-08,r0]}`
	if err := UnmarshalNotation([]byte(text), &home); err != nil {
		t.Fatal(err)
	}
	if home.Handle != [2]float64{256512, 255744} || home.Position != [3]float32{12.5, 200, 24.25} ||
		home.LookAt != [3]float32{-1, 4.371139e-08, 0} {
		t.Errorf("got %+v", home)
	}
	var lookAt [3]float32
	if err := UnmarshalNotation([]byte("[r0.99949799999999999756,r0.03166859999999999814,r0]"), &lookAt); err != nil {
		t.Fatal(err)
	}
	if lookAt != [3]float32{0.999498, 0.0316686, 0} {
		t.Errorf("got %v", lookAt)
	}
}

func TestNotationSaysWhereItIsWrong(t *testing.T) {
	for _, tt := range []struct {
		doc, msg string
		offset   int
	}{
		{``, "expected a value, found the end", 0},
		{`,`, "expected a value, found ','", 0},
		{`[i1`, "expected a value, found the end", 3},
		{`[i1}`, "expected a value, found '}'", 3},
		{`{'a':i1`, "expected a key or '}'", 7},
		{`{'a' i1}`, "expected ':' after a key", 5},
		{`{'a':}`, "expected a value, found '}'", 5},
		{`{,}`, "expected a key or '}'", 1},
		{`i1 i2`, "expected the end of the document", 3},
		{`i`, `"i" is no LLSD value`, 0},
		{`ione`, `"one" is no 32-bit integer`, 0},
		{`r1,5`, "expected the end of the document, found ','", 2},
		{`u123`, "3 bytes of text are no uuid", 0},
		{`u"6f9619ff-8b86-d011-b42d-00c04fc964ff"`, `"u" is no LLSD value`, 0},
		{`nonsense`, `"nonsense" is no LLSD value`, 0},
		{`'open`, "no closing quote", 0},
		{`'open\'`, "no closing quote", 0},
		{`'\xzz'`, "expected an escape", 0},
		{`'\x4`, "expected an escape", 0},
		{`'\`, "expected an escape", 0},
		{`s(5)"abc"`, "a length of 5 is beyond the end", 4},
		{`s(2)"abc"`, "expected the closing quote, found 'c'", 7},
		{`s(-1)"abc"`, "expected a length and ')'", 4},
		{`s(1)abc`, "expected a quote", 4},
		{`s'abc'`, "expected '('", 1},
		{`b64`, "expected a quote, found the end", 3},
		{`b64"?"`, "no base64", 0},
		{`b85"?"`, `encoding "base85" is unknown`, 0},
		{`d"soon"`, `"soon" is no date`, 0},
		{`lhttp`, "expected a quote, found 'h'", 1},
	} {
		var got any
		err := UnmarshalNotation([]byte(tt.doc), &got)
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

func TestNotationEncodes(t *testing.T) {
	got, err := MarshalNotation(map[string]any{
		"a": []any{nil, true, false, int32(-1), 1.5, someID},
		"b": "it's \\ \"x\"\n☃\x7f",
		"c": []byte{0, 255},
		"d": someDate,
		"l": URI(`http://h/"`),
		"m": map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{'a':[!,1,0,i-1,r1.5,u6f9619ff-8b86-d011-b42d-00c04fc964ff],` +
		`'b':'it\'s \\ "x"\x0a☃\x7f','c':b64"AP8=",'d':d"2009-02-13T23:31:30.25Z",'l':l"http://h/\"",'m':{}}`
	if string(got) != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
