package xmlrpc

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// mapRows makes of rows what they would be without it.
type mapRows struct{ list []any }

func (r *mapRows) Row()       { r.list = append(r.list, map[string]any{}) }
func (r *mapRows) Value() any { return rowsRead(r.list) }
func (r *mapRows) Text(member string, text []byte) bool {
	r.list[len(r.list)-1].(map[string]any)[member] = string(text)
	return member != "unwanted"
}
func (r *mapRows) Integer(member string, n int32) bool {
	r.list[len(r.list)-1].(map[string]any)[member] = n
	return member != "unwanted"
}

// rowsRead is a list that was read in rows.
type rowsRead []any

func everyMember(string) Rows { return &mapRows{list: []any{}} }

// plain is a value in which lists read in rows are lists as any, and whether
// there were any.
func plain(v any) (any, bool) {
	members, _ := v.(map[string]any)
	some := false
	for name, value := range members {
		if list, ok := value.(rowsRead); ok {
			members[name], some = []any(list), true
		}
	}
	return v, some
}

func TestRows(t *testing.T) {
	member := func(name, value string) string {
		return "<member><name>" + name + "</name><value>" + value + "</value></member>"
	}
	list := func(structs ...string) string {
		var b strings.Builder
		for _, s := range structs {
			b.WriteString("<value><struct>" + s + "</struct></value>\n")
		}
		return "<array><data>" + b.String() + "</data></array>"
	}
	folder := member("id", "<string>a &amp; b</string>") + member("n", "<i4> 7</i4>") + member("bare", " text ")
	for _, tt := range []struct {
		name, value string
		inRows      bool
	}{
		{"two", list(folder, folder), true},
		{"on lines of their own", "\n <array>\n<data>\n" + list(folder)[len("<array><data>"):], true},
		{"none", list(), true},
		{"an empty struct", list(""), true},
		{"a member twice", list(member("a", "1") + member("a", "<int>2</int>")), true},
		{"text in CDATA", list(member("a", "<string><![CDATA[<b>]]></string>")), true},
		{"no list", "none", false},
		{"a list of texts", "<array><data><value>a</value></data></array>", false},
		{"a list in a struct", list(folder, member("a", list())), false},
		{"another type", list(folder, member("a", "<boolean>1</boolean>")), false},
		{"what the rows don't want", list(folder, member("unwanted", "1")), false},
		{"an empty element", list(folder, member("a", "<string/>")), false},
		{"an attribute", strings.Replace(list(folder), "<data>", `<data a="b">`, 1), false},
		{"a comment between", strings.Replace(list(folder), "<data>", "<data><!-- a -->", 1), false},
		{"an empty list", "<array><data/></array>", false},
	} {
		doc := answer("<value><struct>" + member("first", "1") + member("list", tt.value) + member("last", list(folder)) + "</struct></value>")
		want, err := UnmarshalResponse(doc)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, err := UnmarshalRows(doc, func(member string) Rows {
			if member == "list" {
				return everyMember(member)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got, inRows := plain(got)
		if diff := cmp.Diff(want, got); diff != "" || inRows != tt.inRows {
			t.Errorf("%s: in rows %t (-any +rows):\n%s", tt.name, inRows, diff)
		}
	}
}

// Whatever the document, rows change neither its value nor what is wrong with it.
func TestRowsAreLikeAnyValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "structs") {
			m := map[string]any{}
			for range rapid.IntRange(0, 3).Draw(t, "members") {
				m[text.Draw(t, "name")] = drawValue(t, 1)
			}
			list = append(list, m)
		}
		doc, err := MarshalResponse(map[string]any{"a": drawValue(t, 2), "list": list})
		if err != nil {
			t.Fatal(err)
		}
		if cut := rapid.IntRange(0, 2*len(doc)).Draw(t, "cut"); cut < len(doc) {
			doc = append(doc[:cut:cut], doc[min(len(doc), cut+rapid.IntRange(1, 9).Draw(t, "bytes")):]...)
		}
		sameAsAny(t, doc)
	})
}

func sameAsAny(t interface{ Fatalf(string, ...any) }, doc []byte) {
	want, wantErr := UnmarshalResponse(doc)
	got, err := UnmarshalRows(doc, everyMember)
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		t.Fatalf("%s\nin rows %v\nas any  %v", doc, err, wantErr)
	}
	got, _ = plain(got)
	if diff := cmp.Diff(want, got, cmp.Comparer(sameDouble)); diff != "" {
		t.Fatalf("%s (-any +rows):\n%s", doc, diff)
	}
}

// What is in rows counts for the limit of values as anything does.
func TestLimitOfRows(t *testing.T) {
	row := "<value><struct><member><name>a</name><value>1</value></member></struct></value>"
	doc := []byte("<value><struct><member><name>list</name><value><array><data>" + row + row + "</data></array></value></member></struct></value>")
	for _, tt := range []struct {
		values int
		ok     bool
	}{{6, true}, {5, false}} {
		d, err := newDecoder(doc)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.open("value"); err != nil {
			t.Fatal(err)
		}
		d.values, d.rows = tt.values, everyMember
		got, err := d.value()
		var limit *LimitError
		if broken := errors.As(err, &limit); broken == tt.ok || broken && limit.Limit != "values" {
			t.Errorf("%d values: %v", tt.values, err)
		}
		if _, inRows := plain(got); inRows != tt.ok {
			t.Errorf("%d values: read in rows: %t", tt.values, inRows)
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add(answer(`<value><struct><member><name>a</name><value><array><data><value><struct><member><name>b</name><value><i4>1</i4></value></member></struct></value></data></array></value></member></struct></value>`))
	f.Add(answer(`<value><struct><member><name>a</name><value><array><data><value><struct><member><name>b</name><value> c</value></member></struct></value></data></array></value></member></struct></value>`))
	f.Fuzz(func(t *testing.T, doc []byte) { sameAsAny(t, doc) })
}

// BenchmarkRows is BenchmarkResponse in rows that keep nothing.
func BenchmarkRows(b *testing.B) {
	doc := skeletonAnswer(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := UnmarshalRows(doc, func(string) Rows { return noRows{} }); err != nil {
			b.Fatal(err)
		}
	}
}

type noRows struct{}

func (noRows) Row()                       {}
func (noRows) Value() any                 { return nil }
func (noRows) Text(string, []byte) bool   { return true }
func (noRows) Integer(string, int32) bool { return true }
