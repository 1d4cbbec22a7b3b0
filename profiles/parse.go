package profiles

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Parse reads a profile from YAML, fills in what was left out and checks it,
// as Resolve does. file names the source in errors and, without its folder and
// extension, a profile that has no name. All errors are Errors. A sound
// profile is then given to each Check, whose errors get their keys' places.
func Parse(data []byte, file string, more ...Check) (*Profile, error) {
	p := New()
	p.Name = nameOf(file)
	errs := decodeProfile(data, p, more)
	for _, e := range errs {
		e.File = file
	}
	if err := errs.err(); err != nil {
		return nil, err
	}
	return p, nil
}

// Check finds what is wrong with a resolved profile beyond what this package
// knows of, as the parameters of behaviours; Key says where.
type Check func(p *Profile) Errors

// nameOf turns a file's name into one that a profile may have.
func nameOf(file string) string {
	base := filepath.Base(file)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(nameRunes, r) {
			return r
		}
		return '-'
	}, base)
	name = strings.TrimLeft(name, "-._")
	return cmp.Or(name[:min(len(name), maxName)], "profile")
}

// decodeProfile decodes data into p and resolves it.
func decodeProfile(data []byte, p *Profile, more []Check) Errors {
	root, errs := parseYAML(data)
	if errs != nil {
		return errs
	}
	d := decoder{at: map[string]*token.Position{}}
	d.value("", root, reflect.ValueOf(p).Elem())
	for prefix, g := range p.sets() {
		for i := range g.Agents.Stages {
			if stage := fmt.Sprintf("%sagents.stages[%d]", prefix, i); d.at[stage+".to"] == nil {
				d.failf(d.at[stage], stage, "to is missing: want the number of agents to go to")
			}
		}
	}
	d.checkPercents(p.Faults)
	if len(d.errs) > 0 {
		return d.errs
	}
	errs = p.resolve()
	if len(errs) == 0 {
		for _, check := range more {
			errs = append(errs, check(p)...)
		}
	}
	for _, e := range errs {
		d.locate(e)
	}
	return errs
}

// parseYAML returns the root of the one document that a profile is.
func parseYAML(data []byte) (ast.Node, Errors) {
	if len(data) > maxFile {
		return nil, Errors{{Problem: fmt.Sprintf("is larger than a profile may be (%d bytes)", maxFile)}}
	}
	tokens := lexer.Tokenize(string(data))
	if at := tooDeep(tokens); at != nil {
		return nil, Errors{{Line: at.Line, Column: at.Column, Problem: fmt.Sprintf("nests more than %d levels deep", maxDepth)}}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, Errors{syntaxError(err)}
	}
	var root ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			e := &Error{Problem: "a profile is one document: drop the second one"}
			if at := start(doc.Body); at != nil {
				e.Line, e.Column = at.Line, at.Column
			}
			return nil, Errors{e}
		}
		root = doc.Body
	}
	if root == nil {
		return nil, Errors{{Problem: "is empty: want a profile, which has at least agents"}}
	}
	return root, nil
}

// maxDepth bounds nesting: what the parser takes for a level grows with the
// levels above it, until a file of brackets eats the memory.
const maxDepth = 32

// tooDeep returns where the nesting goes past maxDepth. Brackets are counted;
// so are dashes and question marks that open levels in one line. Other levels
// are indented more and more, and a file has room for a few hundred of those.
func tooDeep(tokens token.Tokens) *token.Position {
	brackets, opened, line := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, opened = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType:
			opened++
		}
		if brackets > maxDepth || opened > maxDepth {
			return tk.Position
		}
	}
	return nil
}

// syntaxError keeps the first line and the position of what the YAML parser
// found wrong; the rest is a picture of the source.
func syntaxError(err error) *Error {
	var ye yaml.Error
	if !errors.As(err, &ye) {
		return &Error{Problem: "bad YAML: " + firstLine(err.Error()), Err: err}
	}
	e := &Error{Problem: "bad YAML: " + firstLine(ye.GetMessage()), Err: err}
	if tk := ye.GetToken(); tk != nil && tk.Position != nil {
		e.Line, e.Column = tk.Position.Line, tk.Position.Column
	}
	return e
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
