package template

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const small = `// a comment before the version
version 2.0 // and one behind it

{
	Ping High 1 NotTrusted Unencoded
	{ PingID Single
		{ PingID U8 }
		{	OldestUnacked	U32	}// tabs, and a comment without a blank
	}
}
{ Crowd Medium 2 Trusted Zerocoded Deprecated
	{ One Multiple 4 { Where LLVector3 } }
	{ Many Variable { Name Variable 1 } { Data Variable 2 } { Digest Fixed 32 } }
}
{Compact Low 0x50 NotTrusted Unencoded UDPBlackListed{B Single{F BOOL}}}
{ Bare Fixed 0xFFFFFFFD NotTrusted Unencoded }
`

func TestParse(t *testing.T) {
	got, err := Parse(strings.NewReader(small), "small")
	if err != nil {
		t.Fatal(err)
	}
	want := &Template{Version: "2.0", Messages: []Message{
		{Name: "Ping", Frequency: High, Number: 1, Blocks: []Block{
			{Name: "PingID", Quantity: Single, Count: 1, Fields: []Field{{Name: "PingID", Type: U8}, {Name: "OldestUnacked", Type: U32}}},
		}},
		{Name: "Crowd", Frequency: Medium, Number: 2, Trusted: true, Zerocoded: true, Deprecation: "Deprecated", Blocks: []Block{
			{Name: "One", Quantity: Multiple, Count: 4, Fields: []Field{{Name: "Where", Type: LLVector3}}},
			{Name: "Many", Quantity: VariableBlocks, Fields: []Field{
				{Name: "Name", Type: Variable, Size: 1}, {Name: "Data", Type: Variable, Size: 2}, {Name: "Digest", Type: Fixed, Size: 32}}},
		}},
		{Name: "Compact", Frequency: Low, Number: 80, Deprecation: "UDPBlackListed", Blocks: []Block{
			{Name: "B", Quantity: Single, Count: 1, Fields: []Field{{Name: "F", Type: BOOL}}},
		}},
		{Name: "Bare", Frequency: FixedFrequency, Number: 0xFFFFFFFD},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWireNumber(t *testing.T) {
	for want, m := range map[uint32]Message{
		0x00000001: {Frequency: High, Number: 1},
		0x0000FF02: {Frequency: Medium, Number: 2},
		0xFFFF0050: {Frequency: Low, Number: 80},
		0xFFFFFFFB: {Frequency: FixedFrequency, Number: 0xFFFFFFFB},
	} {
		if got := m.WireNumber(); got != want {
			t.Errorf("%s %d is %#08x on the wire, want %#08x", m.Frequency, m.Number, got, want)
		}
	}
}

func TestMinSize(t *testing.T) {
	b := Block{Fields: []Field{{Type: LLUUID}, {Type: Variable, Size: 2}, {Type: Fixed, Size: 5}, {Type: BOOL}, {Type: Variable, Size: 1}}}
	if got := b.MinSize(); got != 16+2+5+1+1 {
		t.Errorf("the smallest block has %d bytes, want 25", got)
	}
}

// TestSizes holds what each type takes on the wire.
func TestSizes(t *testing.T) {
	want := map[string]int{"U8": 1, "U16": 2, "U32": 4, "U64": 8, "S8": 1, "S16": 2, "S32": 4, "S64": 8, "F32": 4, "F64": 8,
		"LLVector3": 12, "LLVector3d": 24, "LLVector4": 16, "LLQuaternion": 12, "LLUUID": 16, "BOOL": 1, "IPADDR": 4, "IPPORT": 2,
		"Fixed": 7, "Variable": 0}
	got := map[string]int{}
	for typ := U8; typ <= Variable; typ++ {
		got[typ.String()] = (&Field{Type: typ, Size: 7}).FixedSize()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamesOfWordsThatDontExist(t *testing.T) {
	if Type(99).String() != "?" || Frequency(99).String() != "?" || Quantity(99).String() != "?" {
		t.Error("a value outside its range has a name")
	}
}

// TestSyntaxErrors marks the place of each fault with ^, which is not part of the
// template.
func TestSyntaxErrors(t *testing.T) {
	for _, v := range []struct{ name, text, expected, found string }{
		{"empty", "^", `the word "version"`, "the end of the file"},
		{"no version", "^{ M Low 1 }", `the word "version"`, `"{"`},
		{"no version number", "version ^{", "a version number", `"{"`},
		{"word between messages", "version 2.0\n  ^M Low 1", `"{" to open a message`, `"M"`},
		{"message without a name", "version 2.0 { ^}", "a message name", `"}"`},
		{"message name", "version 2.0 { ^1st Low", "a message name of letters, digits and _", `"1st"`},
		{"message name used before", "version 2.0 { M Low 1 Trusted Unencoded } { ^M Low 2 Trusted Unencoded }", "a message name that is not used yet", `"M"`},
		{"frequency", "version 2.0\n{ M ^Often 1", "one of High, Medium, Low, Fixed", `"Often"`},
		{"number", "version 2.0 { M Low ^one", "a Low message number, 1 to 65279", `"one"`},
		{"number 0", "version 2.0 { M High ^0", "a High message number, 1 to 254", `"0"`},
		{"number too large", "version 2.0 { M High ^255", "a High message number, 1 to 254", `"255"`},
		{"number far too large", "version 2.0 { M Low ^99999999999999999999", "a Low message number, 1 to 65279", `"99999999999999999999"`},
		{"Fixed number", "version 2.0 { M Fixed ^5", "a Fixed message number, 0xFFFFFF00 to 0xFFFFFFFF", `"5"`},
		{"number used before", "version 2.0 { M Low 7 Trusted Unencoded } { N Low ^7 Trusted Unencoded }", "a number of its own (M has this one)", `"7"`},
		{"trust", "version 2.0 { M Low 1 ^Maybe Unencoded }", "one of NotTrusted, Trusted", `"Maybe"`},
		{"coding", "version 2.0 { M Low 1 Trusted ^Coded }", "one of Unencoded, Zerocoded", `"Coded"`},
		{"deprecation", "version 2.0 { M Low 1 Trusted Unencoded ^Old }", `one of Deprecated, UDPDeprecated, UDPBlackListed, NotDeprecated, "{" or "}"`, `"Old"`},
		{"message not closed", "version 2.0 { M Low 1 Trusted Unencoded\n{ B Single }\n^", `"{" to open a block or "}" to close message M`, "the end of the file"},
		{"message ends with its header", "version 2.0 { M Low 1 Trusted Unencoded^", `one of Deprecated, UDPDeprecated, UDPBlackListed, NotDeprecated, "{" or "}"`, "the end of the file"},
		{"block name", "version 2.0 { M Low 1 Trusted Unencoded { ^{ F U8 } } }", "a block name", `"{"`},
		{"block name used before", "version 2.0 { M Low 1 Trusted Unencoded { B Single } { ^B Single } }", "a block name that is not used yet", `"B"`},
		{"quantity", "version 2.0 { M Low 1 Trusted Unencoded { B ^Twice } }", "one of Single, Multiple, Variable", `"Twice"`},
		{"count", "version 2.0 { M Low 1 Trusted Unencoded { B Multiple ^{ F U8 } } }", "how often the block comes, 1 to 255", `"{"`},
		{"count too large", "version 2.0 { M Low 1 Trusted Unencoded { B Multiple ^256 } }", "how often the block comes, 1 to 255", `"256"`},
		{"word among fields", "version 2.0 { M Low 1 Trusted Unencoded { B Single ^U8 } }", `"{" to open a field or "}" to close block B`, `"U8"`},
		{"field name", "version 2.0 { M Low 1 Trusted Unencoded { B Single { ^} } }", "a field name", `"}"`},
		{"field name used before", "version 2.0 { M Low 1 Trusted Unencoded { B Single { F U8 } { ^F U8 } } }", "a field name that is not used yet", `"F"`},
		{"type", "version 2.0\n{ M Low 1 Trusted Unencoded\n\t{ B Single\n\t\t{ F ^U7 }", "one of U8, U16, U32, U64, S8, S16, S32, S64, F32, F64, LLVector3, LLVector3d, LLVector4, LLQuaternion, LLUUID, BOOL, IPADDR, IPPORT, Fixed, Variable", `"U7"`},
		{"Variable size", "version 2.0 { M Low 1 Trusted Unencoded { B Single { F Variable ^3 } } }", "the bytes of the field's length, 1 or 2", `"3"`},
		{"Fixed size", "version 2.0 { M Low 1 Trusted Unencoded { B Single { F Fixed ^} } }", "the field's bytes, 1 to 65535", `"}"`},
		{"size of another type", "version 2.0 { M Low 1 Trusted Unencoded { B Single { F U8 ^1 } } }", `"}" to close field F`, `"1"`},
		{"brace too many", "version 2.0 { M Low 1 Trusted Unencoded } ^}", `"{" to open a message`, `"}"`},
		{"column counts characters", "version 2.0 { M Low 1 Trusted Unencoded { B Single { ^é U8 } } }", "a field name of letters, digits and _", `"é"`},
		{"and behind a wide one", "version 2é ^M", `"{" to open a message`, `"M"`},
	} {
		t.Run(v.name, func(t *testing.T) {
			before, after, _ := strings.Cut(v.text, "^")
			want := &SyntaxError{File: "custom.msg", Line: 1 + strings.Count(before, "\n"),
				Column: 1 + len([]rune(before[strings.LastIndex(before, "\n")+1:])), Expected: v.expected, Found: v.found}
			_, err := Parse(strings.NewReader(before+after), "custom.msg")
			var got *SyntaxError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a SyntaxError", err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyntaxErrorText(t *testing.T) {
	_, err := Parse(strings.NewReader("version 2.0\n{ M Low 1 Trusted Unencoded { B Single { F U7 } } }"), "custom.msg")
	want := `custom.msg:2:44: expected one of U8, U16, U32, U64, S8, S16, S32, S64, F32, F64, LLVector3, LLVector3d, LLVector4, LLQuaternion, LLUUID, BOOL, IPADDR, IPPORT, Fixed, Variable, found "U7"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestReaderThatFails(t *testing.T) {
	broken := errors.New("disk on fire")
	if _, err := Parse(iotest.ErrReader(broken), "custom.msg"); !errors.Is(err, broken) || !strings.Contains(err.Error(), "custom.msg") {
		t.Errorf("got %v", err)
	}
}

// protocol is the real template, which is not part of the repository.
const protocol = "../../../shared/protocol/message_template.msg"

func TestRealTemplate(t *testing.T) {
	f, err := os.Open(protocol)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no message template at %s", protocol)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := Parse(f, protocol)
	if err != nil {
		t.Fatal(err)
	}
	frequencies := map[Frequency]int{}
	blocks, fields := 0, 0
	for _, m := range all.Messages {
		frequencies[m.Frequency]++
		blocks += len(m.Blocks)
		for _, b := range m.Blocks {
			fields += len(b.Fields)
		}
	}
	want := map[Frequency]int{Low: 431, Medium: 17, High: 32, FixedFrequency: 3}
	if diff := cmp.Diff(want, frequencies); diff != "" || blocks != 904 || fields != 2983 {
		t.Errorf("%d blocks, %d fields, messages (-want +got):\n%s", blocks, fields, diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("version 2.0 { M Low 1 Trusted Unencoded { B Single { F U7 } } }"))
	f.Add([]byte("version 2.0 //\n{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := Parse(strings.NewReader(string(text)), "fuzz")
		if err == nil {
			for _, m := range got.Messages {
				if m.Name == "" || m.Number == 0 {
					t.Fatalf("a message without a name or a number was taken: %+v", m)
				}
			}
			return
		}
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Fatalf("an error without a place: %v", err)
		}
		if lines := strings.Count(string(text), "\n") + 1; syntax.Line < 1 || syntax.Line > lines || syntax.Column < 1 {
			t.Fatalf("line %d, column %d of %d lines", syntax.Line, syntax.Column, lines)
		}
	})
}
