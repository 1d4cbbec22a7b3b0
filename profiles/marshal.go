package profiles

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Marshal writes the effective profile as YAML, every default spelled out;
// Parse reads the same profile from it. It holds no password, as no profile
// does.
func (p *Profile) Marshal() ([]byte, error) {
	node, err := yaml.ValueToNode(p, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write profile %s: %w", p.Name, err)
	}
	ast.Walk(quoter{}, node)
	return append([]byte(node.String()), '\n'), nil
}

// quoter puts text into quotes that may need them. The YAML library sees to
// most of it, but leaves a tab bare, for one, and then reads it as nothing.
type quoter struct{}

var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._,/<%{}-]*$`)

// Visit quotes one node; where the library put quotes, they are part of the
// value.
func (q quoter) Visit(node ast.Node) ast.Visitor {
	if s, ok := node.(*ast.StringNode); ok && s.Value[:min(1, len(s.Value))] != `"` && !plain.MatchString(s.Value) {
		s.Token.Type = token.DoubleQuoteType
	}
	return q
}

// hashVersion changes when the same profile comes to mean another load, so
// that runs from before and after are not taken for equal.
const hashVersion = "slload/profile/1\n"

// SHA256 is the hash, in hexadecimal, of what the profile asks of a grid. Left
// out is all that may differ between two runs of the same load: the address of
// the grid, the accounts, the seed, and the words that name and describe the
// profile.
func (p *Profile) SHA256() string {
	plan := *p
	plan.Name, plan.Description, plan.HandScaled = "", "", false
	plan.Grid.LoginURI, plan.Accounts, plan.Seed = "", AccountSource{}, 0
	plan.Groups = slices.Clone(p.Groups)
	for i := range plan.Groups {
		plan.Groups[i].Name = ""
	}
	// encoding/json writes struct fields in their order and map keys sorted:
	// for one profile there is one text.
	data, err := json.Marshal(plan)
	if err != nil {
		panic("profiles: a resolved profile has no JSON: " + err.Error())
	}
	sum := sha256.Sum256(append([]byte(hashVersion), data...))
	return hex.EncodeToString(sum[:])
}
