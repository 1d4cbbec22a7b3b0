package witness

import (
	_ "embed"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"strings"
)

//go:embed proofs.csv
var proofsCSV string

// proof is a test that was seen to fail when a thing was withheld.
type proof struct {
	Thing
	pkg, test string
}

// readProofs reads proofs.csv.
func readProofs(text string) ([]proof, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read proofs.csv: %w", err)
	}
	var list []proof
	for _, row := range rows[min(1, len(rows)):] {
		list = append(list, proof{Thing{Kind(row[0]), row[1]}, row[2], row[3]})
	}
	return list, nil
}

// Runner is a *testing.M, and what Main makes of it.
type Runner interface{ Run() int }

// Main makes a run of all tests of a package fail where a test no longer
// brings about what it is a proof of. pkg is the package's folder.
func Main(m Runner, pkg string) Runner { return &witnessed{m, pkg} }

type witnessed struct {
	Runner
	pkg string
}

func (w *witnessed) Run() int {
	code := w.Runner.Run()
	if name := os.Getenv(seenEnv); name != "" {
		if err := all.write(name); err != nil {
			fmt.Fprintln(os.Stderr, "witness:", err)
			return 1
		}
	}
	if code != 0 || !wholeRun() {
		return code
	}
	proofs, err := readProofs(proofsCSV)
	if err != nil {
		fmt.Fprintln(os.Stderr, "witness:", err)
		return 1
	}
	for _, p := range missing(proofs, w.pkg, all.list()) {
		fmt.Fprintf(os.Stderr, "witness: %s is no proof of %q any more: it never came by; prove anew with make coverage\n", p.test, p.Thing)
		code = 1
	}
	return code
}

// wholeRun tells whether every test was run.
func wholeRun() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	f := flag.Lookup("test.short")
	return f == nil || f.Value.String() != "true"
}

// missing gives a package's proofs whose test didn't bring the thing about.
func missing(proofs []proof, pkg string, seen []sighting) (list []proof) {
	have := map[sighting]bool{}
	for _, s := range seen {
		have[s] = true
	}
	for _, p := range proofs {
		if p.pkg == pkg && !have[sighting{p.Thing, p.test}] {
			list = append(list, p)
		}
	}
	return list
}
