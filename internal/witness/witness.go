// Package witness tells which messages, events and capabilities the tests of
// agents depend on. It stands between a test's client and its network: Conn
// and Client note what goes by, and withhold one thing from its receiver where
// the environment asks for it. A test that asserts what the thing does fails
// then, and that is the proof that something came of it.
//
// proofs.csv holds a test for each thing, found so by this package's own test
// with -prove; docs/coverage.md is made of it. Only tests import the package.
package witness

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
)

// Environment variables of a test program.
const (
	// withholdEnv names what is withheld, as Thing.String has it.
	withholdEnv = "SLLOAD_WITHHOLD"
	// seenEnv is a file that gets a line "kind name test" for all that was seen.
	seenEnv = "SLLOAD_WITNESS"
)

// Kind is how a thing reached its receiver.
type Kind string

// The kinds, as a client sees them.
const (
	Sent       Kind = "sent"       // a message, to a simulator, over UDP
	Received   Kind = "received"   // a message, from a simulator, over UDP
	Event      Kind = "event"      // from an event queue
	Capability Kind = "capability" // a call of one
)

// Thing is a message, an event or a capability by its name.
type Thing struct {
	Kind Kind
	Name string
}

func (t Thing) String() string { return string(t.Kind) + " " + t.Name }

// sighting is a thing that one test brought about.
type sighting struct {
	Thing
	test string
}

// record is what the tests of this process have seen. They run side by side.
type record struct {
	mu   sync.Mutex
	seen map[sighting]bool
}

var (
	all      = record{seen: map[sighting]bool{}}
	withheld = os.Getenv(withholdEnv)
)

// note keeps that a test brought a thing about, and tells whether to withhold
// it. A subtest's things are its test's.
func note(t Thing, test string) (withhold bool) {
	test, _, _ = strings.Cut(test, "/")
	all.mu.Lock()
	defer all.mu.Unlock()
	all.seen[sighting{t, test}] = true
	return withheld != "" && t.String() == withheld
}

// list gives what was seen, in order.
func (r *record) list() []sighting {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Keys(r.seen), func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.test, b.test))
	})
}

// write makes a file of what was seen, line by line.
func (r *record) write(name string) error {
	var b strings.Builder
	for _, s := range r.list() {
		fmt.Fprintf(&b, "%s %s %s\n", s.Kind, s.Name, s.test)
	}
	return os.WriteFile(name, []byte(b.String()), 0o644)
}
