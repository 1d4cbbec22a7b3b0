package slload

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/slload/slload"

// arrows is the house's plan: in `a < b`, b may import a and all that a may.
// NONE may import nothing of ours. A package that stands nowhere here may
// not exist.
const arrows = `
NONE < internal/udp, internal/xmltext, message/template, internal/reason, internal/httpbody, internal/junit, internal/target,
  internal/nearest, internal/pagestyle, internal/captured, internal/kube, internal/pipes, internal/wholefile;
NONE < testgrid/faults, results/capacity;
internal/nearest, testgrid/faults < profiles;

internal/xmltext < llsd, xmlrpc;
message/template < message, internal/msggen;
profiles, internal/junit, internal/wholefile < results;
results, internal/pagestyle < results/compare, results/page;
results/page < results/web;
message, internal/udp < circuit;
message, internal/udp, llsd < internal/witness;
internal/httpbody, internal/reason, llsd, xmlrpc < login;
internal/httpbody, internal/reason, llsd < caps;
caps, message < eq;
message < internal/capture;
caps, login < ogp;
circuit, ogp, eq < agent;
agent, internal/nearest, internal/capture < behaviors;
internal/target < swarm;
message, llsd, xmlrpc, circuit, testgrid/faults < testgrid;
behaviors, profiles, results < swarm < cluster;
cluster, testgrid, results/compare, results/web, results/capacity < cmd/slload, bench;
swarm < swarm/control, internal/screen;
results/page, internal/nearest < results/history;
swarm/control, internal/screen, results/history, internal/kube < cmd/slload;
`

// never are edges that no later arrow may open by transitivity.
var never = [][2]string{
	{"agent", "results"},      // the library measures nothing: it reports to an Observer
	{"testgrid", "agent"},     // the server must not inherit the client's mistakes
	{"testgrid", "swarm"},     //
	{"profiles", "behaviors"}, // a profile holds names only; swarm joins them
}

func TestImportsFollowTheArrows(t *testing.T) {
	allowed := parseArrows(t, arrows)
	for _, edge := range never {
		if allowed[edge[0]][edge[1]] {
			t.Errorf("the arrows let %s import %s, which must never be", edge[0], edge[1])
		}
	}
	found := importsByPackage(t)
	for pkg := range allowed {
		if _, there := found[pkg]; !there {
			t.Errorf("the arrows have %s, which is no package", pkg)
		}
	}
	for pkg, imports := range found {
		if pkg == "." {
			continue
		}
		may, known := allowed[pkg]
		if !known {
			t.Errorf("package %s has no place in the arrows", pkg)
		}
		for imp, file := range imports {
			if !may[imp] {
				t.Errorf("%s imports %s: no arrow from %s to %s", file, imp, imp, pkg)
			}
		}
	}
}

// room is a folder in a row of DESIGN.md's table of rooms.
var room = regexp.MustCompile("`([a-z/]+)/`")

func TestDesignNamesEveryPackage(t *testing.T) {
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rooms, _ := strings.Cut(string(design), "\n## Rooms\n")
	rooms, _, _ = strings.Cut(rooms, "\n\n")
	named := []string{"."}
	for row := range strings.SplitSeq(rooms, "\n") {
		folders, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, r := range room.FindAllStringSubmatch(folders, -1) {
			if r[1] != "tools" { // a module of its own
				named = append(named, r[1])
			}
		}
	}
	slices.Sort(named)
	packages := slices.Sorted(maps.Keys(importsByPackage(t)))
	if diff := cmp.Diff(packages, named); diff != "" {
		t.Errorf("DESIGN.md's rooms are not the packages (-packages +rooms):\n%s", diff)
	}
}

func TestEveryPackageHasAComment(t *testing.T) {
	documented := map[string]bool{}
	eachGoFile(t, func(name string, f *ast.File) {
		pkg := path.Dir(name)
		documented[pkg] = documented[pkg] || f.Doc != nil
	})
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no package comment: say its role and its place", pkg)
		}
	}
	if len(documented) < 10 {
		t.Errorf("only %d packages were found: is the test run in the module's root?", len(documented))
	}
}

// parseArrows reads the rules into: package -> everything it may import,
// transitively closed.
func parseArrows(t *testing.T, rules string) map[string]map[string]bool {
	t.Helper()
	direct := map[string]map[string]bool{}
	for rule := range strings.SplitSeq(rules, ";") {
		var below []string
		for i, level := range strings.Split(rule, "<") {
			level = strings.TrimSpace(level)
			if level == "" {
				continue
			}
			names := strings.Split(level, ",")
			for j, name := range names {
				names[j] = strings.TrimSpace(name)
				if i == 0 || names[j] == "NONE" {
					continue
				}
				if direct[names[j]] == nil {
					direct[names[j]] = map[string]bool{}
				}
				for _, b := range below {
					if b != "NONE" {
						direct[names[j]][b] = true
					}
				}
			}
			below = names
		}
	}
	closed := map[string]map[string]bool{}
	for pkg := range direct {
		closed[pkg] = map[string]bool{}
		var reach func(string)
		reach = func(p string) {
			for q := range direct[p] {
				if q == pkg {
					t.Fatalf("the arrows have a cycle through %s", pkg)
				}
				if !closed[pkg][q] {
					closed[pkg][q] = true
					reach(q)
				}
			}
		}
		reach(pkg)
	}
	return closed
}

// importsByPackage maps each package of the module to the module's packages
// that its non-test files import, each with a file that does.
func importsByPackage(t *testing.T) map[string]map[string]string {
	t.Helper()
	found := map[string]map[string]string{}
	eachGoFile(t, func(name string, f *ast.File) {
		pkg := path.Dir(name)
		if found[pkg] == nil {
			found[pkg] = map[string]string{}
		}
		for _, spec := range f.Imports {
			imp := strings.Trim(spec.Path.Value, `"`)
			if rest, ours := strings.CutPrefix(imp, module+"/"); ours {
				found[pkg][rest] = name
			}
		}
	})
	return found
}

func eachGoFile(t *testing.T, visit func(name string, f *ast.File)) {
	t.Helper()
	skip := []string{"testdata", "tools", "docs", "deploy"}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != "." && (slices.Contains(skip, d.Name()) || strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(name), f)
		return nil
	})
	if err != nil {
		t.Fatalf("read the module's Go files: %v", err)
	}
}
