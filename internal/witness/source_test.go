package witness

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/message"
)

// source is what a package's code says about the protocol, tests left out.
type source struct {
	makes   map[string]bool // messages of which it makes one
	takes   map[string]bool // messages that it names to receive them
	events  map[string]bool // events whose names it compares, or puts into a queue
	words   map[string]bool // capabilities that it names
	inTests map[string]bool // the tests, by function
}

// readSource reads the Go files of a folder beside this package's parent.
func readSource(t *testing.T, folder string) *source {
	t.Helper()
	s := &source{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s, %v", folder, err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			s.readTests(f)
			continue
		}
		ast.Inspect(f, s.visit)
	}
	return s
}

func (s *source) readTests(f *ast.File) {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
			s.inTests[fn.Name.Name] = true
		}
	}
}

func (s *source) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CompositeLit:
		add(s.makes, messageNamed(n.Type))
	case *ast.ValueSpec:
		add(s.makes, messageNamed(n.Type))
	case *ast.TypeAssertExpr:
		add(s.takes, pointee(n.Type))
	case *ast.Field:
		add(s.makes, messageNamed(n.Type)) // it keeps one to be sent again and again
	case *ast.SelectorExpr:
		add(s.takes, messageID(n))
	case *ast.CaseClause:
		for _, e := range n.List {
			add(s.takes, pointee(e))
		}
	case *ast.SwitchStmt:
		s.switchOn(n)
	case *ast.BinaryExpr:
		if isName(n.X) {
			add(s.events, text(n.Y))
		}
	case *ast.CallExpr:
		if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "put" && len(n.Args) > 0 {
			add(s.events, text(n.Args[0]))
		}
	case *ast.BasicLit:
		if name := text(n); slices.Contains(caps.Names, name) {
			add(s.words, name)
		}
	}
	return true
}

// switchOn reads the cases of a switch on an event's name.
func (s *source) switchOn(n *ast.SwitchStmt) {
	if !isName(n.Tag) {
		return
	}
	for _, c := range n.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			add(s.events, text(e))
		}
	}
}

func isName(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Name"
}

func add(set map[string]bool, name string) {
	if name != "" {
		set[name] = true
	}
}

// messageNamed is the name of the message type that an expression is; "" for
// what is none.
func messageNamed(e ast.Expr) string {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok || !ofMessage(sel) {
		return ""
	}
	return known(sel.Sel.Name)
}

func pointee(e ast.Expr) string {
	star, ok := e.(*ast.StarExpr)
	if !ok {
		return ""
	}
	return messageNamed(star.X)
}

// messageID is what message.IDChatFromViewer names.
func messageID(sel *ast.SelectorExpr) string {
	name, ok := strings.CutPrefix(sel.Sel.Name, "ID")
	if !ok || !ofMessage(sel) {
		return ""
	}
	return known(name)
}

func ofMessage(sel *ast.SelectorExpr) bool {
	pkg, ok := sel.X.(*ast.Ident)
	return ok && pkg.Name == "message"
}

func known(name string) string {
	if _, ok := message.ByName(name); !ok {
		return ""
	}
	return name
}

func text(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	return strings.Trim(lit.Value, "`\"")
}
