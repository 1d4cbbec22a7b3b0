package profiles

import (
	"math"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// start is where a node begins: the library's token of a mapping is its first
// colon, a reader looks for the key.
func start(node ast.Node) *token.Position {
	if entries, ok := mapping(node); ok && len(entries) > 0 {
		node = entries[0].Key
	}
	if tk := node.GetToken(); tk != nil {
		return tk.Position
	}
	return nil
}

// mapping returns the entries of a mapping.
func mapping(node ast.Node) ([]*ast.MappingValueNode, bool) {
	if n, ok := node.(*ast.MappingNode); ok {
		return n.Values, true
	}
	return nil, false
}

// scalarText is the text of a scalar as it stands in the file, without quotes.
func scalarText(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// integer is the value of a whole number that is not below zero.
func integer(node ast.Node) (uint64, bool) {
	n, ok := node.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := n.Value.(type) {
	case uint64:
		return v, true
	case int64:
		return uint64(v), v >= 0
	}
	return 0, false
}

// number is the value of a finite number.
func number(node ast.Node) (float64, bool) {
	switch n := node.(type) {
	case *ast.IntegerNode:
		switch v := n.Value.(type) {
		case uint64:
			return float64(v), true
		case int64:
			return float64(v), true
		}
	case *ast.FloatNode:
		return n.Value, !math.IsInf(n.Value, 0) && !math.IsNaN(n.Value)
	}
	return 0, false
}
