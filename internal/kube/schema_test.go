package kube

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// schemasOf are the files of Kubernetes' schemas that have what manifests hold,
// by apiVersion, and what the names of schemas begin with there.
var schemasOf = map[string]struct{ file, prefix string }{
	"v1":       {"api__v1_openapi.json", "io.k8s.api.core.v1."},
	"batch/v1": {"apis__batch__v1_openapi.json", "io.k8s.api.batch.v1."},
}

// kubernetes gives the directory of the schemas of the Kubernetes whose types
// these tests use. They come with its sources, which Go's own download fetches
// and checks.
func kubernetes(t *testing.T) string {
	t.Helper()
	types, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "k8s.io/api").Output()
	if err != nil {
		t.Fatalf("of which version is k8s.io/api? %v", err)
	}
	version := strings.Replace(strings.TrimSpace(string(types)), "v0.", "v1.", 1) // its v0.37.2 belongs to Kubernetes v1.37.2
	cmd := exec.Command("go", "mod", "download", "-json", "k8s.io/kubernetes@"+version)
	cmd.Dir = t.TempDir() // outside of the module: it needs no Kubernetes
	out, err := cmd.Output()
	var got struct{ Dir, Error string }
	if jerr := json.Unmarshal(out, &got); err != nil || jerr != nil || got.Error != "" {
		t.Skipf("Kubernetes %s can't be had here, so its schemas aren't asked: %v", version, errors.Join(err, jerr, errors.New(got.Error)))
	}
	t.Logf("schemas of Kubernetes %s", version)
	return filepath.Join(got.Dir, "api", "openapi-spec", "v3")
}

// judge holds YAML documents against the schemas in dir.
func judge(t *testing.T, dir string, text []byte) (errs []error) {
	t.Helper()
	for _, document := range regexp.MustCompile(`(?m)^---\n`).Split(string(text), -1) {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
			t.Fatal(err)
		}
		of, ok := schemasOf[kind.APIVersion]
		if !ok {
			t.Fatalf("nothing is known of %s", kind.APIVersion)
		}
		schema, err := jsonschema.NewCompiler().Compile(filepath.Join(dir, of.file) + "#/components/schemas/" + of.prefix + kind.Kind)
		if err != nil {
			t.Fatal(err)
		}
		data, err := yaml.YAMLToJSONStrict([]byte(document))
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// All that is rendered, and what is in the repository, keeps Kubernetes' own
// schemas, which also tell what must be there and of what form it is.
func TestSchemasOfKubernetes(t *testing.T) {
	if os.Getenv("SLLOAD_TEST_KUBE") == "" {
		t.Skip("make test-kube: it fetches Kubernetes' sources")
	}
	dir := kubernetes(t)
	for name, c := range variants() {
		files, err := Render(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			for _, err := range judge(t, dir, f.Data) {
				t.Errorf("%s: %s: %v", name, f.Name, err)
			}
		}
	}
	paths, err := filepath.Glob("../../deploy/kubernetes/*.yaml")
	if err != nil || len(paths) < 4 {
		t.Fatalf("%v in deploy/kubernetes, %v", paths, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range judge(t, dir, text) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for what, text := range map[string]string{
		"a number that is a word": "apiVersion: batch/v1\nkind: Job\nspec: {completions: four, template: {}}\n",
		"a Job without a pod":     "apiVersion: batch/v1\nkind: Job\nspec: {completions: 4}\n",
		"a port without a number": "apiVersion: v1\nkind: Service\nspec: {ports: [{name: nats}]}\n",
	} {
		if len(judge(t, dir, []byte(text))) == 0 {
			t.Errorf("%s is nothing to the schemas", what)
		}
	}
}
