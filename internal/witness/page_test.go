package witness

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/message"
)

var update = flag.Bool("update", false, "write docs/coverage.md anew")

const page = "../../docs/coverage.md"

// coverage is what the page says, from the code and from the proofs.
type coverage struct {
	agent, circuit, grid *source
	proofs               map[Thing]proof
}

func readCoverage(t *testing.T) *coverage {
	t.Helper()
	c := &coverage{readSource(t, "agent"), readSource(t, "circuit"), readSource(t, "testgrid"), map[Thing]proof{}}
	list, err := readProofs(proofsCSV)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		c.proofs[p.Thing] = p
	}
	return c
}

func (c *coverage) makes(name string) bool { return c.agent.makes[name] || c.circuit.makes[name] }
func (c *coverage) takes(name string) bool { return c.agent.takes[name] || c.circuit.takes[name] }

// names tells whether the code of agents and circuits has to do with a thing.
func (c *coverage) names(t Thing) bool {
	switch t.Kind {
	case Sent:
		return c.makes(t.Name)
	case Received:
		return c.takes(t.Name)
	case Event:
		return c.uses(t.Name)
	default:
		return c.agent.words[t.Name]
	}
}

// uses tells whether agents act on an event: by its name, or by its message's.
func (c *coverage) uses(event string) bool { return c.agent.events[event] || c.agent.takes[event] }

func TestPageOfCoverage(t *testing.T) {
	c := readCoverage(t)
	want := c.render()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("docs/coverage.md is out of date; go test ./internal/witness -update writes it (-want +have):\n%s", diff)
	}
}

// A proof names a test that is there, and a thing that the code still knows.
// That the test still brings the thing about is what Main looks at.
func TestProofsHold(t *testing.T) {
	c := readCoverage(t)
	tests := map[string]*source{}
	for _, pkg := range proving {
		tests[pkg] = readSource(t, pkg)
	}
	for _, p := range c.proofs {
		if s := tests[p.pkg]; s == nil || !s.inTests[p.test] {
			t.Errorf("%s: package %q has no test %s", p.Thing, p.pkg, p.test)
		}
		if !c.names(p.Thing) {
			t.Errorf("%s has a proof (%s), and the code of agents and circuits doesn't name it", p.Thing, p.test)
		}
	}
}

// state is what a line of the table says about one way of a message.
func (c *coverage) state(word string, there bool, thing Thing, proofs *[]string) string {
	p, proven := c.proofs[thing]
	switch {
	case proven:
		*proofs = append(*proofs, "`"+p.test+"`")
		return word
	case there:
		return word + " (unproven)"
	}
	return ""
}

// line tells how a message is covered, and by which tests.
func (c *coverage) line(name string) (how, proofs []string) {
	sent := c.state("sent", c.makes(name), Thing{Sent, name}, &proofs)
	handled := c.state("handled", c.takes(name), Thing{Received, name}, &proofs)
	if _, proven := c.proofs[Thing{Received, name}]; !proven && c.uses(name) && c.grid.events[name] {
		handled = c.state("handled", true, Thing{Event, name}, &proofs)
	}
	for _, s := range []string{sent, handled} {
		if s != "" {
			how = append(how, s)
		}
	}
	return how, proofs
}

func (c *coverage) render() string {
	var rows strings.Builder
	counts := map[string]int{}
	for id := range message.ID(message.NumMessages) {
		how, proofs := c.line(id.String())
		for _, h := range how {
			counts[h]++
		}
		switch {
		case len(proofs) > 0:
			counts["covered"]++
		case len(how) == 0:
			how = []string{"decoded only"}
			counts["decoded only"]++
		}
		fmt.Fprintf(&rows, "| %s | %v | %s | %s |\n", id, id.Descriptor().Frequency, strings.Join(how, ", "), strings.Join(proofs, ", "))
	}
	return fmt.Sprintf(top, message.NumMessages, counts["covered"], counts["sent"], counts["handled"],
		counts["sent (unproven)"], counts["handled (unproven)"], counts["decoded only"]) +
		messagesHead + rows.String() +
		eventsHead + c.events() + capabilitiesHead + c.capabilities()
}

const top = `# Coverage
What of the protocol agents speak, and how that is known. This page is written by a test (` + "`go test ./internal/witness -update`" + `), which fails when the page is out of date.

Sent and handled are claims, and each claim here was tested by taking it away: the clients of the tests of packages agent and behaviors speak through a witness (internal/witness) that can withhold one message, one event or one capability from its receiver, while the circuit lives on. A message counts
- as **sent** if an agent sends it and a test fails when the embedded grid doesn't get it: the grid acted on it, and that mattered;
- as **handled** if an agent receives it, over UDP or from an event queue, and a test fails when it doesn't: something is asserted that came of it;
- as **unproven** if the code makes it or waits for it, and no test fails without it;
- as **decoded only** otherwise. All messages are encoded, decoded and shown, by package message, whose tests hold every one of them to its description.

The test beside a message is the first that was found to fail so. ` + "`make coverage`" + ` withholds everything anew. Every run of all tests checks that each of those tests still brings its message about, and that code and tests have not lost it.

| | |
|---|---|
| messages | %d |
| sent or handled | %d (PyOGP: 102) |
| sent | %d |
| handled | %d |
| sent, unproven | %d |
| handled, unproven | %d |
| decoded only | %d |
`

const (
	messagesHead     = "\n## Messages\n| message | frequency | agents | proof |\n|---|---|---|---|\n"
	eventsHead       = "\n## Events of the event queue\n| event | agents | embedded grid | proof |\n|---|---|---|---|\n"
	capabilitiesHead = "\n## Capabilities\n| capability | agents | embedded grid | proof |\n|---|---|---|---|\n"
)

func (c *coverage) events() string {
	names := map[string]bool{}
	for name := range c.grid.events {
		names[name] = true
	}
	for name := range c.agent.events {
		names[name] = true
	}
	return c.rows(names, Event, c.uses, c.grid.events, "act on it", "sends it")
}

func (c *coverage) capabilities() string {
	names := maps.Clone(c.agent.words)
	maps.Copy(names, c.grid.words)
	return c.rows(names, Capability, func(name string) bool { return c.agent.words[name] }, c.grid.words, "call it", "serves it")
}

func (c *coverage) rows(names map[string]bool, kind Kind, uses func(string) bool, served map[string]bool, use, serve string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(names)) {
		used, there, test := "", "", ""
		if uses(name) {
			used = use
		}
		if served[name] {
			there = serve
		}
		if p, ok := c.proofs[Thing{kind, name}]; ok {
			test = "`" + p.test + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, used, there, test)
	}
	return b.String()
}
