package profiles

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"github.com/slload/slload/internal/nearest"
)

// decoder fills a profile from a syntax tree. The library's own decoder is too
// kind for a plan of a run: it takes 1.5 agents for 1, text for numbers, and
// many of its errors have no position. This one is strict and notes where each
// key stands, for the checks that come after it.
type decoder struct {
	errs Errors
	at   map[string]*token.Position // by key path
}

// failf adds an error at a place of the file.
func (d *decoder) failf(at *token.Position, path, format string, args ...any) {
	e := &Error{Key: path, Problem: fmt.Sprintf(format, args...)}
	if at != nil {
		e.Line, e.Column = at.Line, at.Column
	}
	d.errs = append(d.errs, e)
}

// locate gives an error the position of its key, or of the nearest key above.
func (d *decoder) locate(e *Error) {
	for path := e.Key; e.Line == 0; {
		if at := d.at[path]; at != nil {
			e.Line, e.Column = at.Line, at.Column
		}
		if path == "" {
			return
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
}

// value decodes node into v, whose key path is path.
func (d *decoder) value(path string, node ast.Node, v reflect.Value) {
	at := start(node)
	d.at[path] = at
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.failf(at, path, "anchors, aliases and tags have no place in a profile: write the value out")
		return
	case *ast.NullNode:
		d.failf(at, path, "has no value: give it one or leave the key out")
		return
	}
	if t, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(path, node, t)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(path, node, v)
	case reflect.Slice:
		d.list(path, node, v)
	case reflect.Map:
		if m, ok := d.anything(path, node).(map[string]any); ok {
			v.Set(reflect.ValueOf(m))
		} else if len(d.errs) == 0 {
			d.failf(at, path, "wants keys and values, such as {text: hello}")
		}
	default:
		d.scalar(path, node, v)
	}
}

// structure decodes a mapping into a struct, by the names in the yaml tags.
func (d *decoder) structure(path string, node ast.Node, v reflect.Value) {
	entries, ok := mapping(node)
	if !ok {
		d.failf(start(node), path, "wants keys and values (%s)", strings.Join(keys(v.Type()), ", "))
		return
	}
	for _, entry := range entries {
		name, at := entry.Key.GetToken().Value, entry.Key.GetToken().Position
		sub := strings.TrimPrefix(path+"."+name, ".")
		i := slices.Index(keys(v.Type()), name)
		if i >= 0 {
			d.value(sub, entry.Value, v.Field(i))
		} else {
			d.failf(at, path, "unknown key %q%s", name, nearest.Hint(name, keys(v.Type())))
		}
	}
}

// keys lists the keys of a struct, in the order of its fields.
func keys(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
	}
	return names
}

func (d *decoder) list(path string, node ast.Node, v reflect.Value) {
	seq, ok := node.(*ast.SequenceNode)
	if !ok {
		d.failf(start(node), path, "wants a list: [first, second], or one line each after a dash")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, element := range seq.Values {
		d.value(fmt.Sprintf("%s[%d]", path, i), element, v.Index(i))
	}
}

// text hands the text of any scalar to a type that knows how to read it.
func (d *decoder) text(path string, node ast.Node, t encoding.TextUnmarshaler) {
	s, ok := scalarText(node)
	if !ok {
		d.failf(start(node), path, "wants a single value")
		return
	}
	if err := t.UnmarshalText([]byte(s)); err != nil {
		d.failf(start(node), path, "%v", err)
	}
}

// scalar decodes the kinds that have no type of their own.
func (d *decoder) scalar(path string, node ast.Node, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s, ok := scalarText(node); ok {
			v.SetString(s)
			return
		}
		d.failf(start(node), path, "wants text")
	case reflect.Bool:
		if b, ok := node.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
		d.failf(start(node), path, "wants true or false")
	case reflect.Float64:
		if f, ok := number(node); ok {
			v.SetFloat(f)
			return
		}
		d.failf(start(node), path, "wants a number")
	case reflect.Int:
		if n, ok := integer(node); ok && n <= math.MaxInt32 {
			v.SetInt(int64(n))
			return
		}
		d.failf(start(node), path, "wants a whole number from 0 to %d", math.MaxInt32)
	case reflect.Uint64:
		if n, ok := integer(node); ok {
			v.SetUint(n)
			return
		}
		d.failf(start(node), path, "wants a whole number from 0 to %d", uint64(math.MaxUint64))
	default:
		panic("profiles: no way to decode a " + v.Type().String())
	}
}

// anything decodes a value whose type a behaviour knows, not we.
func (d *decoder) anything(path string, node ast.Node) any {
	if entries, ok := mapping(node); ok {
		m := make(map[string]any, len(entries))
		for _, entry := range entries {
			name := entry.Key.GetToken().Value
			sub := path + "." + name
			d.at[sub] = start(entry.Value)
			m[name] = d.anything(sub, entry.Value)
		}
		return m
	}
	switch n := node.(type) {
	case *ast.SequenceNode:
		list := make([]any, len(n.Values))
		for i, element := range n.Values {
			list[i] = d.anything(fmt.Sprintf("%s[%d]", path, i), element)
		}
		return list
	case *ast.BoolNode:
		return n.Value
	case *ast.StringNode, *ast.LiteralNode:
		s, _ := scalarText(n)
		return s
	case *ast.IntegerNode:
		if i, ok := n.Value.(int64); ok && int64(int(i)) == i {
			return int(i)
		}
		if u, ok := n.Value.(uint64); ok && u <= math.MaxInt {
			return int(u)
		}
	}
	if f, ok := number(node); ok {
		return f
	}
	d.failf(start(node), path, "wants text, a number, true or false, a list, or keys and values")
	return nil
}
