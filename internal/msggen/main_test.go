package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/message/template"
)

// protocol is the real template, which is not part of the repository; messages is
// the package that was generated from it.
const (
	protocol = "../../../shared/protocol/message_template.msg"
	messages = "../../message"
)

// TestGeneratedCodeIsUpToDate regenerates and compares.
func TestGeneratedCodeIsUpToDate(t *testing.T) {
	if _, err := os.Stat(protocol); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("no message template at %s", protocol)
	}
	if err := run(protocol, messages, true); err != nil {
		t.Error(err)
	}
}

// everyType has a field of each type, S64 among them, which no message of the
// protocol has.
const everyType = `version 2.0
{ Everything Low 500 NotTrusted Zerocoded
	{ Numbers Single {A U8} {B U16} {C U32} {D U64} {E S8} {F S16} {G S32} {H S64} {I F32} {J F64} {K BOOL} }
	{ Shapes Multiple 2 {A LLVector3} {B LLVector3d} {C LLVector4} {D LLQuaternion} }
	{ Bytes Variable {A LLUUID} {B Variable 1} {C IPADDR} {D IPPORT} {E Fixed 2} {F Variable 2} {G U8} }
}
{ Bare Fixed 0xFFFFFFFD NotTrusted Unencoded }
`

// vector checks the code that was generated from everyType with bytes that were
// worked out by hand.
const vector = `package message

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

func TestVector(t *testing.T) {
	wire, err := hex.DecodeString(strings.ReplaceAll(
		"01 0200 03000000 0400000000000000 FB FAFF F9FFFFFF F8FFFFFFFFFFFFFF 0000C842 00000000000004C0 01"+
			"0000803F 00000000 00000000"+"0000000000000000 000000000000F03F 0000000000000000"+"0000803F 00000040 00004040 00008040"+"0000003F 000000BF 0000003F"+
			strings.Repeat("00", 12+24+16+12)+
			"01 "+strings.Repeat("AB", 16)+"02 6100 7F000001 2328 BEEF 0300 010203 09", " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	var m Everything
	n, err := m.DecodeBody(wire)
	if err != nil || n != len(wire) {
		t.Fatalf("read %d of %d bytes: %v", n, len(wire), err)
	}
	if want := (EverythingNumbers{1, 2, 3, 4, -5, -6, -7, -8, 100, -2.5, true}); m.Numbers != want {
		t.Errorf("got %+v, want %+v", m.Numbers, want)
	}
	shape := EverythingShapes{Vector3{1, 0, 0}, Vector3d{0, 1, 0}, Vector4{1, 2, 3, 4}, Quaternion{0.5, -0.5, 0.5}}
	if want := [2]EverythingShapes{shape, {}}; m.Shapes != want {
		t.Errorf("got %+v, want %+v", m.Shapes, want)
	}
	b := m.Bytes[0]
	if String(b.B) != "a" || b.C != [4]byte{127, 0, 0, 1} || b.D != 9000 || b.E != [2]byte{0xBE, 0xEF} || !bytes.Equal(b.F, []byte{1, 2, 3}) || b.G != 9 {
		t.Errorf("got %+v", b)
	}
	if again, err := m.AppendBody(nil); err != nil || !bytes.Equal(again, wire) {
		t.Errorf("encoded %x (%v), want %x", again, err, wire)
	}
	if id, ok := Lookup(0xFFFF01F4); !ok || id != IDEverything || NumMessages != 2 {
		t.Errorf("number 500 is %v of %d messages", id, NumMessages)
	}
}
`

// TestGeneratedCodeWorks builds package message with code from another template in
// place of its own and runs the vector in it. Nothing in the repository changes:
// the compiler is told to read other files.
func TestGeneratedCodeWorks(t *testing.T) {
	all, err := template.Parse(strings.NewReader(everyType), "everyType")
	if err != nil {
		t.Fatal(err)
	}
	taken, err := declared(messages)
	if err != nil {
		t.Fatal(err)
	}
	files, err := generate(all, taken)
	if err != nil {
		t.Fatal(err)
	}
	files["vector_test.go"] = []byte(vector)
	folder, err := filepath.Abs(messages)
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{} // a file of the package -> what to read instead, "" for nothing
	for _, pattern := range []string{"*_gen.go", "*_test.go"} {
		old, _ := filepath.Glob(filepath.Join(folder, pattern))
		for _, path := range old {
			replace[path] = ""
		}
	}
	temp := t.TempDir()
	for name, text := range files {
		replace[filepath.Join(folder, name)] = filepath.Join(temp, name)
		if err := os.WriteFile(filepath.Join(temp, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(temp, "overlay.json"), overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "test", "-count=1", "-run", "^TestVector$", "-v", "-overlay", filepath.Join(temp, "overlay.json"), messages).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestVector")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestNamesThatCollide has names that only differ until they are exported, and
// some that the package or the Message interface already has.
func TestNamesThatCollide(t *testing.T) {
	all, err := template.Parse(strings.NewReader(`version 2.0
		{ packet Low 1 NotTrusted Unencoded { ID Single {object_id U8} {ObjectId U8} {object__id U8} } { decodeBody Single } { DecodeBody Single } }
		{ packetMessage Low 2 NotTrusted Unencoded }
		{ A Low 3 NotTrusted Unencoded { BC Single } { b_c Single } }
		{ AB Low 4 NotTrusted Unencoded { C Single } }
		{ NotTaken Low 5 NotTrusted Unencoded }
	`), "collisions")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, m := range resolve(all, map[string]bool{"Packet": true, "IDNotTaken": true}) {
		names := []string{}
		for _, b := range m.blocks {
			names = append(names, b.member+" "+b.goName)
			for _, f := range b.fields {
				names = append(names, f.goName)
			}
		}
		got[m.goName] = names
	}
	want := map[string][]string{
		"PacketMessage": {"IDBlock PacketMessageID", "ObjectId", "ObjectIdField", "ObjectIdFieldField",
			"DecodeBodyBlock PacketMessageDecodeBody", "DecodeBodyBlockBlock PacketMessageDecodeBodyBlock"},
		"PacketMessageMessage": {},
		"A":                    {"BC ABC", "BCBlock ABCBlock"},
		"AB":                   {"C ABCBlockBlock"},
		"NotTakenMessage":      {},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDeclared(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"a.go":      "package m\ntype T struct{}\nfunc F() {}\nfunc (T) Method() {}\nvar X, Y = 1, 2\nconst C = 1\nimport \"fmt\"",
		"b_gen.go":  "package m\ntype Generated struct{}",
		"a_test.go": "package m\nfunc TestHelper() {}",
	} {
		writeFile(t, folder, name, text)
	}
	if _, err := declared(folder); err == nil {
		t.Error("a file that doesn't parse was taken")
	}
	writeFile(t, folder, "a.go", "package m\ntype T struct{}\nfunc F() {}\nfunc (T) Method() {}\nvar X, Y = 1, 2\nconst C = 1\n")
	got, err := declared(folder)
	if diff := cmp.Diff(map[string]bool{"T": true, "F": true, "X": true, "Y": true, "C": true}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestRun writes, finds everything up to date, notices each kind of change, and
// mends it without touching what others wrote.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(t.TempDir(), "custom.msg")
	writeFile(t, filepath.Dir(file), "custom.msg", everyType)
	writeFile(t, folder, "hand_gen.go", "package message // written by hand\n")
	if err := run(file, folder, true); err == nil || !strings.Contains(err.Error(), "catalogue_gen.go") {
		t.Errorf("nothing was generated yet, and the check says %v", err)
	}
	if err := run(file, folder, false); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(){
		"low_e_types_gen.go":  func() { writeFile(t, folder, "low_e_types_gen.go", marker+"\n\npackage message\n") },
		"catalogue_gen.go":    func() { os.Remove(filepath.Join(folder, "catalogue_gen.go")) },
		"low_z_encode_gen.go": func() { writeFile(t, folder, "low_z_encode_gen.go", marker+"\n\npackage message\n") },
	} {
		change()
		if err := run(file, folder, true); err == nil || !strings.HasSuffix(err.Error(), ": "+name) {
			t.Errorf("%s was changed, and the check says %v", name, err)
		}
		if err := run(file, folder, false); err != nil {
			t.Fatal(err)
		}
		if err := run(file, folder, true); err != nil {
			t.Errorf("after generating again: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "hand_gen.go")); err != nil {
		t.Errorf("a file that the generator didn't write is gone: %v", err)
	}
	writeFile(t, filepath.Dir(file), "custom.msg", "version 2.0 { M Low x }")
	var syntax *template.SyntaxError
	if err := run(file, folder, false); !errors.As(err, &syntax) || syntax.Line != 1 || syntax.Column != 21 {
		t.Errorf("a broken template gives %v", err)
	}
	if err := run(file+".none", folder, false); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing template gives %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "catalogue_gen.go")); err != nil {
		t.Errorf("a run that failed took generated code away: %v", err)
	}
}

func TestGeneratedFilesAreMarked(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(messages, "*_gen.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no generated files in %s: %v", messages, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(text, []byte(marker+"\n")) {
			t.Errorf("%s doesn't say on its first line that it is generated", path)
		}
	}
}

func writeFile(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
