package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/results"
)

// Schema names the format of a comparison as JSON. Keys may be added to it,
// never renamed or taken away.
const Schema = "slload/comparison/1"

// Verdict is the judgement over one operation, or over all.
type Verdict string

// The verdicts, worst first.
const (
	Regressed    Verdict = "REGRESSED"
	Inconclusive Verdict = "INCONCLUSIVE"
	Improved     Verdict = "IMPROVED"
	Equivalent   Verdict = "EQUIVALENT"
	// None: with one run a side there is a difference, and nothing to judge it
	// by.
	None Verdict = "NONE"
)

// severity orders verdicts, worst first.
var severity = []Verdict{Regressed, None, Inconclusive, Improved, Equivalent}

// Options say how runs are compared.
type Options struct {
	// Primary are the operations that are judged; empty: those that the first
	// run's profile declares.
	Primary []string
	// Force compares runs that don't fit together; the comparison says so.
	Force bool
}

// Comparison is what came out.
type Comparison struct {
	Schema string `json:"schema"`
	// Verdict is the worst over the primary operations.
	Verdict Verdict `json:"verdict"`
	// Mismatches are the guards that did not hold, with Options.Force.
	Mismatches []string `json:"mismatches"`
	Profile    string   `json:"profile"`
	Agents     int      `json:"agents"`
	Base       []Run    `json:"base"`
	New        []Run    `json:"new"`
	// Labellings is how many the permutation test looked at, Exact whether
	// those were all that there are.
	Labellings int  `json:"labellings"`
	Exact      bool `json:"exact"`
	// Operations are the primary ones, as they were declared, and then all
	// others that all runs have, which are not judged.
	Operations []*Operation `json:"operations"`
	Notes      []string     `json:"notes,omitempty"`
}

// Run is one that was compared.
type Run struct {
	Dir     string            `json:"dir"`
	ID      string            `json:"id"`
	Started time.Time         `json:"started"`
	Seed    uint64            `json:"seed"`
	Tags    map[string]string `json:"tags"`
}

// Operation is the comparison of one operation.
type Operation struct {
	Name    string  `json:"name"`
	Primary bool    `json:"primary"`
	Verdict Verdict `json:"verdict,omitempty"` // of a primary one
	Why     string  `json:"why,omitempty"`     // in words
	// Notes say what was not judged, and how many runs it takes.
	Notes []string `json:"notes,omitempty"`
	// P is the permutation test's over all measures together, corrected by
	// Holm for the number of primary operations.
	P        *float64   `json:"p,omitempty"`
	Measures []*Measure `json:"measures"`
}

// UnknownOperationError is a primary operation that no run has.
type UnknownOperationError struct {
	Name  string
	Known []string
}

func (e *UnknownOperationError) Error() string {
	return fmt.Sprintf("no run has the operation %q; there are %s", e.Name, strings.Join(e.Known, ", "))
}

// NoPrimaryError says that nobody declared which operations matter.
type NoPrimaryError struct {
	Profile string
	Known   []string
}

func (e *NoPrimaryError) Error() string {
	return fmt.Sprintf("profile %s declares no primary operations: name those that matter with --primary; there are %s",
		e.Profile, strings.Join(e.Known, ", "))
}

// Compare compares the runs of a new build with those of a base. The error is
// a *MismatchError, *DuplicateError, *NoPrimaryError or *UnknownOperationError.
// Both sides have one run or more.
func Compare(base, new []*results.SteadyState, opts Options) (*Comparison, error) {
	all := slices.Concat(base, new)
	if err := duplicate(all); err != nil {
		return nil, err
	}
	mismatches := guards(all)
	if len(mismatches) > 0 && !opts.Force {
		return nil, &MismatchError{mismatches}
	}
	primary, err := primaries(all, opts.Primary)
	if err != nil {
		return nil, err
	}
	m := base[0].Manifest
	c := &Comparison{
		Schema: Schema, Mismatches: mismatches, Profile: m.Profile, Agents: m.Agents,
		Base: runsOf(base), New: runsOf(new), Notes: notes(all),
	}
	for _, name := range primary {
		c.Operations = append(c.Operations, operation(name, base, new))
	}
	c.judge()
	c.others(base, new)
	return c, nil
}

func runsOf(runs []*results.SteadyState) (list []Run) {
	for _, r := range runs {
		m := r.Manifest
		list = append(list, Run{Dir: r.Dir, ID: m.ID, Started: m.Started, Seed: m.Seed, Tags: m.Tags})
	}
	return list
}

// primaries are the operations to judge.
func primaries(runs []*results.SteadyState, asked []string) ([]string, error) {
	names := asked
	if len(names) == 0 {
		names = runs[0].Manifest.Primary
	}
	var list []string
	known := operations(runs)
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, &UnknownOperationError{name, known}
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	if len(list) == 0 {
		return nil, &NoPrimaryError{runs[0].Manifest.Profile, known}
	}
	return list, nil
}

// operations are those that any run has, in the order of an agent's life.
func operations(runs []*results.SteadyState) []string {
	names := map[string]bool{}
	for _, r := range runs {
		for name := range r.Ops {
			names[name] = true
		}
	}
	return slices.SortedFunc(maps.Keys(names), results.CompareOps)
}

func operation(name string, base, new []*results.SteadyState) *Operation {
	o := &Operation{Name: name}
	for _, k := range kinds {
		o.Measures = append(o.Measures, k.measure(name, base, new))
	}
	return o
}

// others adds the operations that are shown and not judged.
func (c *Comparison) others(base, new []*results.SteadyState) {
	all := slices.Concat(base, new)
	for _, name := range operations(all) {
		primary := slices.ContainsFunc(c.Operations, func(o *Operation) bool { return o.Name == name })
		inAll := !slices.ContainsFunc(all, func(r *results.SteadyState) bool { return r.Ops[name].Count == 0 })
		if !primary && inAll {
			c.Operations = append(c.Operations, operation(name, base, new))
		}
	}
}

// notes are what the reader should know besides.
func notes(runs []*results.SteadyState) (list []string) {
	isSuspect := func(r *results.SteadyState) bool { return r.Summary.Verdict.Generator == results.Suspect }
	if v := runs[0].Summary.Verdict; !slices.ContainsFunc(runs, func(r *results.SteadyState) bool { return !isSuspect(r) }) {
		list = append(list, "the generator is SUSPECT in all runs; in "+runs[0].Dir+": "+strings.Join(v.Reasons, ", "))
	}
	machine := func(r *results.SteadyState) string {
		m := r.Manifest
		return fmt.Sprintf("%s/%s, %s, %s, transport %s", m.OS, m.Arch, m.Machines(), m.Go, cmp.Or(m.Transport, "unknown"))
	}
	if groups := groupBy(runs, machine); len(groups) > 1 {
		list = append(list, "the runs were made in different ways: "+strings.Join(groups, "; "))
	}
	return list
}
