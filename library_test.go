package slload

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the code blocks of docs/library.md anew")

// libraryBlock is a block of code with what it shows: a file's function or
// variable.
var libraryBlock = regexp.MustCompile("(?s)<!-- (\\S+) (\\S+) -->\n```go\n.*?```\n")

// The page shows the examples' code, so that what it says compiles and does
// what it says.
func TestLibraryPageShowsTheExamples(t *testing.T) {
	const page = "docs/library.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	want := libraryBlock.ReplaceAllStringFunc(string(text), func(block string) string {
		blocks++
		of := libraryBlock.FindStringSubmatch(block)
		return "<!-- " + of[1] + " " + of[2] + " -->\n```go\n" + declaration(t, of[1], of[2]) + "\n```\n"
	})
	if blocks < 6 {
		t.Errorf("the page has %d blocks of code from examples", blocks)
	}
	if strings.Count(want, "```") != 2*blocks {
		t.Error("the page has blocks of code that are no examples'")
	}
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("%s is out of date; go test . -run Library -update writes it (-want +have):\n%s", page, diff)
	}
}

// eventRow is a row of the page's table of events: its names.
var eventRow = regexp.MustCompile("(?m)^\\| (`[A-Z].*?`) \\|")

// What the page says that one can subscribe to is a type of package agent that is
// emitted there.
func TestLibraryPageNamesEvents(t *testing.T) {
	text, err := os.ReadFile("docs/library.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("agent/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	rows := eventRow.FindAllStringSubmatch(string(text), -1)
	if len(rows) < 10 {
		t.Errorf("the page names events in %d rows", len(rows))
	}
	for _, row := range rows {
		for name := range strings.SplitSeq(row[1], ", ") {
			name = strings.Trim(name, "`")
			listened := strings.Contains(code.String(), "listens["+name+"]") || strings.Contains(code.String(), "emit(a, "+name+"{")
			if !listened || !strings.Contains(code.String(), "type "+name+" struct") {
				t.Errorf("nothing emits %s", name)
			}
		}
	}
}

// declaration is the source of a function or variable, without its comment.
func declaration(t *testing.T, file, name string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, file, text, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Decls {
		if declares(d, name) {
			return string(text[files.Position(d.Pos()).Offset:files.Position(d.End()).Offset])
		}
	}
	t.Fatalf("%s declares no %s", file, name)
	return ""
}

func declares(d ast.Decl, name string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Recv == nil && d.Name.Name == name
	case *ast.GenDecl:
		v, ok := d.Specs[0].(*ast.ValueSpec)
		return ok && v.Names[0].Name == name
	}
	return false
}
