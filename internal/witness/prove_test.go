package witness

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var prove = flag.String("prove", "", "withhold things from their tests, and write proofs.csv: all (takes half an hour), those that have no proof (missing), or those of these names, by commas")

// proving are the packages whose tests have witnesses.
var proving = []string{"agent", "behaviors"}

const (
	atOnce        = 8
	patience      = 45 * time.Second // for a few tests: those that wait give up after 30 s at most
	wholePatience = 5 * time.Minute  // for all tests of a package
)

// program is a package's tests, compiled.
type program struct {
	pkg, file string
	seen      []sighting
	breadth   map[string]int // things that a test brings about
}

// TestProve makes proofs.csv. A test is a proof of a thing if it passes, fails
// when the thing is withheld, and fails again when it is run alone.
func TestProve(t *testing.T) {
	if *prove == "" {
		t.Skip("it takes half an hour; run it by make coverage")
	}
	var programs []*program
	for _, pkg := range proving {
		programs = append(programs, compile(t, pkg))
	}
	found := proveAll(t, programs, claims(t, programs))
	if err := os.WriteFile("proofs.csv", writeProofs(found), 0o644); err != nil {
		t.Fatal(err)
	}
}

func compile(t *testing.T, pkg string) *program {
	t.Helper()
	p := &program{pkg: pkg, file: filepath.Join(t.TempDir(), pkg+".test"), breadth: map[string]int{}}
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", p.file, "../../"+pkg).CombinedOutput(); err != nil {
		t.Fatalf("compile the tests of %s: %v\n%s", pkg, err, out)
	}
	seen := p.file + ".seen"
	if out, err := p.run(t.Context(), ".", wholePatience, seenEnv+"="+seen); err != nil {
		t.Fatalf("the tests of %s don't pass: %v\n%s", pkg, err, out)
	}
	text, err := os.ReadFile(seen)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		p.seen = append(p.seen, sighting{Thing{Kind(f[0]), f[1]}, f[2]})
		p.breadth[f[2]]++
	}
	return p
}

// run runs tests where their package lives.
func (p *program) run(ctx context.Context, tests string, limit time.Duration, env ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, limit+time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.file, "-test.run", tests, "-test.v", "-test.failfast", "-test.timeout", limit.String())
	cmd.Dir = filepath.Join("..", "..", p.pkg)
	cmd.Env = append(os.Environ(), env...)
	return cmd.CombinedOutput()
}

// claims are the things that agents' code names and that any test brings about.
func claims(t *testing.T, programs []*program) []Thing {
	c := readCoverage(t)
	set := map[Thing]bool{}
	for _, p := range programs {
		for _, s := range p.seen {
			if c.names(s.Thing) {
				set[s.Thing] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(set), byName)
}

func byName(a, b Thing) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) }

func proveAll(t *testing.T, programs []*program, things []Thing) (found []proof) {
	known := readCoverage(t).proofs
	var mu sync.Mutex
	var working sync.WaitGroup
	room := make(chan struct{}, atOnce)
	for _, thing := range things {
		p, proven := known[thing]
		if !asked(thing, proven) {
			if proven {
				mu.Lock()
				found = append(found, p)
				mu.Unlock()
			}
			continue
		}
		room <- struct{}{}
		working.Go(func() {
			defer func() { <-room }()
			for _, p := range programs {
				if test := p.prove(t.Context(), thing, known[thing]); test != "" {
					t.Logf("%s: %s.%s", thing, p.pkg, test)
					mu.Lock()
					defer mu.Unlock()
					found = append(found, proof{thing, p.pkg, test})
					return
				}
			}
			t.Logf("%s: no test fails without it", thing)
		})
	}
	working.Wait()
	slices.SortFunc(found, func(a, b proof) int { return byName(a.Thing, b.Thing) })
	return found
}

// asked tells whether a thing is to be proved anew.
func asked(thing Thing, proven bool) bool {
	switch *prove {
	case "all":
		return true
	case "missing":
		return !proven
	}
	return slices.Contains(strings.Split(*prove, ","), thing.Name)
}

// prove gives a test that needs the thing; "" if there is none. It asks those
// that bring about the fewest things first, but before all the one that was
// known to need it.
func (p *program) prove(ctx context.Context, thing Thing, known proof) string {
	var tests []string
	for _, s := range p.seen {
		if s.Thing == thing {
			tests = append(tests, s.test)
		}
	}
	slices.SortStableFunc(tests, func(a, b string) int { return cmp.Compare(p.breadth[a], p.breadth[b]) })
	if i := slices.Index(tests, known.test); i >= 0 && known.pkg == p.pkg {
		if p.failing(ctx, tests[i:i+1], thing) == known.test {
			return known.test
		}
	}
	for n := 4; len(tests) > 0; n *= 2 {
		some := tests[:min(n, len(tests))]
		if test := p.failing(ctx, some, thing); test != "" && p.failing(ctx, []string{test}, thing) == test {
			return test
		}
		tests = tests[len(some):]
	}
	return ""
}

var failure = regexp.MustCompile(`(?m)^--- FAIL: (\w+)|^panic: test timed out after .*\n\trunning tests:\n\t\t(\w+)`)

// failing runs tests without the thing and gives the first that fails, or that
// doesn't end.
func (p *program) failing(ctx context.Context, tests []string, thing Thing) string {
	out, err := p.run(ctx, "^("+strings.Join(tests, "|")+")$", patience, withholdEnv+"="+thing.String())
	if err == nil {
		return ""
	}
	m := failure.FindSubmatch(out)
	if m == nil {
		return ""
	}
	return cmp.Or(string(m[1]), string(m[2]))
}

func writeProofs(list []proof) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "kind,name,package,test")
	for _, p := range list {
		fmt.Fprintf(&b, "%s,%s,%s,%s\n", p.Kind, p.Name, p.pkg, p.test)
	}
	return b.Bytes()
}
