package xmlrpc

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// shelf is a table of books.
type shelf []struct {
	id    uuid.UUID
	title string
	pages int32
}

func (s shelf) WriteRows(w *RowWriter) {
	for _, b := range s {
		w.Row()
		w.ID("id", b.id)
		w.Text("title", b.title)
		w.Integer("pages", b.pages)
	}
}

func TestATableIsAListOfStructs(t *testing.T) {
	id := uuid.MustParse("0a0b0c0d-0001-4000-8000-00000000a001")
	for _, tt := range []struct {
		table shelf
		want  []any
	}{
		{nil, []any{}},
		{shelf{{id, "War & <Peace>", 1225}, {uuid.Nil, "", -1}}, []any{
			map[string]any{"id": id.String(), "title": "War & <Peace>", "pages": int32(1225)},
			map[string]any{"id": uuid.Nil.String(), "title": "", "pages": int32(-1)},
		}},
	} {
		doc, err := AppendResponse([]byte("  "), map[string]any{"books": tt.table, "last": "x"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := UnmarshalResponse(doc)
		if err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		if diff := cmp.Diff(map[string]any{"books": tt.want, "last": "x"}, got); diff != "" {
			t.Errorf("%s\n(-want +got):\n%s", doc, diff)
		}
	}
}

func TestAppendResponseKeepsWhatWasThere(t *testing.T) {
	doc, err := AppendResponse([]byte("before"), struct{}{})
	if err == nil || string(doc) != "before" {
		t.Errorf("got %q, %v", doc, err)
	}
}

// BenchmarkTable writes an inventory of 50 folders into memory that is there.
func BenchmarkTable(b *testing.B) {
	books := make(shelf, 50)
	for i := range books {
		books[i].title = "Folder"
	}
	answer := map[string]any{"login": "true", "inventory-skeleton": books}
	var doc []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if doc, err = AppendResponse(doc[:0], answer); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(len(doc)))
}
