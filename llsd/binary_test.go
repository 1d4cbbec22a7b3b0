package llsd

import (
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// unhex reads hex with spaces; text in quotes stands for its own bytes.
func unhex(t *testing.T, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, "`") {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
	return out
}

// binaryVectors were written by hand from the format's description, so that
// encoder and decoder can't agree on the same mistake.
var binaryVectors = []struct {
	hex  string
	want any
}{
	{"`!`", nil},
	{"`1`", true},
	{"`0`", false},
	{"`i` 00 00 00 2a", int32(42)},
	{"`i` ff ff ff fe", int32(-2)},
	{"`r` 3f f8 00 00 00 00 00 00", 1.5},
	{"`r` 7f f0 00 00 00 00 00 00", math.Inf(1)},
	{"`u` 6f9619ff 8b86 d011 b42d 00c04fc964ff", someID},
	{"`u` 00000000 0000 0000 0000 000000000000", uuid.Nil},
	{"`s` 00 00 00 03 `abc`", "abc"},
	{"`s` 00 00 00 00", ""},
	{"`b` 00 00 00 02 00 ff", []byte{0, 255}},
	{"`l` 00 00 00 09 `http://h/`", URI("http://h/")},
	// 1234567890.25 s, the only little-endian field: 0x41D26580B4900000
	{"`d` 00 00 90 b4 80 65 d2 41", someDate},
	{"`d` 00 00 00 00 00 00 00 00", epoch},
	{"`[` 00 00 00 00 `]`", []any{}},
	{"`[` 00 00 00 02 `1` `[` 00 00 00 01 `!` `]` `]`", []any{true, []any{nil}}},
	{"`{` 00 00 00 00 `}`", map[string]any{}},
	{"`{` 00 00 00 01 `k` 00 00 00 01 `a` `i` 00 00 00 01 `}`", map[string]any{"a": int32(1)}},
}

func TestBinaryVectors(t *testing.T) {
	for _, tt := range binaryVectors {
		doc := unhex(t, tt.hex)
		for _, header := range []string{"", "<? LLSD/Binary ?>\n", "<?llsd/binary?>\r\n", "<?LLSD/BINARY?>"} {
			var got any
			if err := UnmarshalBinary(append([]byte(header), doc...), &got); err != nil {
				t.Errorf("%q %s: %v", header, tt.hex, err)
			} else if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%q %s (-want +got):\n%s", header, tt.hex, diff)
			}
		}
		got, err := MarshalBinary(tt.want)
		if err != nil {
			t.Errorf("%v: %v", tt.want, err)
		} else if want := binaryHeader + string(doc); string(got) != want {
			t.Errorf("%v\n got %q\nwant %q", tt.want, got, want)
		}
	}
}

func TestBinaryTakesQuotedText(t *testing.T) {
	var got any
	doc := unhex(t, "`{` 00 00 00 02 `'it\\'s'` `\"a\\x41\"` `\"b\"` `!` `}` 0a")
	if err := UnmarshalBinary(doc, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"it's": "aA", "b": nil}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBinarySaysWhereItIsWrong(t *testing.T) {
	for _, tt := range []struct {
		hex, msg string
		offset   int
	}{
		{"", "expected a type marker of 1 bytes, found 0", 0},
		{"`?`", "expected a type marker, found '?'", 0},
		{"`i` 00 00", "expected a value of 4 bytes, found 2", 1},
		{"`u` 00", "expected a value of 16 bytes, found 1", 1},
		{"`s` ff ff ff ff `a`", "expected text or binary of 4294967295 bytes, found 1", 5},
		{"`[` ff ff ff ff", "expected a type marker of 1 bytes, found 0", 5},
		{"`{` ff ff ff ff", "expected 'k', found the end", 5},
		{"`[` 00 00 00 01 `!`", "expected ']', found the end", 6},
		{"`[` 00 00 00 01 `!!`", "expected ']', found '!'", 6},
		{"`{` 00 00 00 01 `!`", "expected 'k', found '!'", 5},
		{"`{` 00 00 00 00", "expected '}'", 5},
		{"`1` `1`", "expected the end of the document, found '1'", 1},
		{"`'open`", "no closing quote", 0},
		{"`d` 00 00 00 00 00 00 f8 7f", "outside years 1 to 9999", 9},
		{"`d` 00 00 00 00 00 00 00 7f", "outside years 1 to 9999", 9},
	} {
		var got any
		err := UnmarshalBinary(unhex(t, tt.hex), &got)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: got %v and error %v, want a syntax error", tt.hex, got, err)
			continue
		}
		if syntax.Offset != tt.offset || !strings.Contains(syntax.Msg, tt.msg) {
			t.Errorf("%s\n got byte %d: %s\nwant byte %d: %s", tt.hex, syntax.Offset, syntax.Msg, tt.offset, tt.msg)
		}
	}
}
