package profiles

import (
	"bytes"
	"encoding"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("profile.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("profile.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// node is the part of a schema that mirrors a struct.
type node struct {
	Properties map[string]node
	Items      *node
	Closed     *bool `json:"additionalProperties"`
	Enum       []string
	Describes  string          `json:"description"`
	Ref        string          `json:"$ref"`
	Defs       map[string]node `json:"$defs"`
}

// follow gives what a node refers to, or the node.
func (n node) follow(defs map[string]node) node {
	if to, ok := defs[strings.TrimPrefix(n.Ref, "#/$defs/")]; ok {
		return to
	}
	return n
}

// The schema has the structs' keys, all of them and no other.
func TestSchemaMirrorsTheStructs(t *testing.T) {
	var root node
	if err := json.Unmarshal(Schema, &root); err != nil {
		t.Fatal(err)
	}
	wantMirror(t, "profile", root, root.Defs, reflect.TypeFor[Profile]())
}

func wantMirror(t *testing.T, path string, n node, defs map[string]node, typ reflect.Type) {
	t.Helper()
	n = n.follow(defs)
	if reflect.PointerTo(typ).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return
	}
	if typ.Kind() == reflect.Slice && n.Items != nil {
		wantMirror(t, path+"[]", *n.Items, defs, typ.Elem())
	}
	if typ.Kind() != reflect.Struct {
		return
	}
	if n.Closed == nil || *n.Closed {
		t.Errorf("%s lets unknown keys pass", path)
	}
	for i, key := range keys(typ) {
		property, ok := n.Properties[key]
		if !ok || property.Describes == "" {
			t.Errorf("%s.%s is not in the schema, or not described", path, key)
			continue
		}
		wantMirror(t, path+"."+key, property, defs, typ.Field(i).Type)
	}
	for key := range n.Properties {
		if slices.Contains(keys(typ), key) {
			continue
		}
		t.Errorf("%s.%s is in the schema only", path, key)
	}
}

func TestSchemaNamesTheChoices(t *testing.T) {
	var root node
	if err := json.Unmarshal(Schema, &root); err != nil {
		t.Fatal(err)
	}
	executors := root.Defs["agents"].Properties["executor"].Enum
	if len(executors) != len(executorKeys) {
		t.Errorf("executors %v", executors)
	}
	for _, e := range executors {
		if executorKeys[Executor(e)] == nil {
			t.Errorf("there is no executor %s", e)
		}
	}
	if want := []string{string(Relogin), string(Replace), string(Leave)}; !slices.Equal(root.Properties["on_loss"].Enum, want) {
		t.Errorf("on_loss %v, want %v", root.Properties["on_loss"].Enum, want)
	}
	if want := []string{string(Crowd), string(Spread)}; !slices.Equal(root.Defs["placement"].Properties["layout"].Enum, want) {
		t.Errorf("layout %v, want %v", root.Properties["placement"].Properties["layout"].Enum, want)
	}
}

// matches holds YAML against the schema.
func matches(schema *jsonschema.Schema, text []byte) error {
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		return err
	}
	asJSON, err := json.Marshal(v)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func TestSchemaTakesWhatParseTakes(t *testing.T) {
	schema := compileSchema(t)
	for _, text := range []string{everyKey, busy, small} {
		if err := matches(schema, []byte(text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	for _, name := range Builtins() {
		data, err := os.ReadFile(filepath.Join("builtin", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if err := matches(schema, data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		data, err := someProfile(t).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if err := matches(schema, data); err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
	})
}

// beyondSchema are broken profiles whose fault lies between keys, or in YAML
// that a schema never sees.
var beyondSchema = strings.Fields(`
	accounts_both accounts_half accounts_without_number anchor executor_keys executor_mixed faults_elsewhere merge
	password_in_uri placement_nowhere stage_too_steep stages_to_nowhere stairs_too_steep tag
	too_long too_many_logins two_documents warmup_after_nothing`)

func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	schema := compileSchema(t)
	files, err := filepath.Glob("testdata/errors/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no broken profiles: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		refused := matches(schema, data) != nil
		if want := !slices.Contains(beyondSchema, name); refused != want {
			t.Errorf("%s: refused by the schema is %v, want %v", name, refused, want)
		}
	}
}
