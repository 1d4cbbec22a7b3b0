package compare

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/slload/slload/results"
)

// MismatchError says why runs can't be compared fairly: they differ in more
// than the build, or their figures are not the grid's.
type MismatchError struct{ Mismatches []string }

func (e *MismatchError) Error() string {
	return "these runs can't be compared fairly (--force does it all the same): " + strings.Join(e.Mismatches, ", ")
}

// guards gives what stands against comparing runs.
func guards(runs []*results.SteadyState) []string {
	list := []string{}
	for _, g := range []struct {
		what string
		of   func(*results.SteadyState) string
	}{
		{"the profiles differ", func(r *results.SteadyState) string {
			return fmt.Sprintf("%s %.8s", r.Manifest.Profile, r.Manifest.ProfileSHA256)
		}},
		{"the numbers of agents differ", func(r *results.SteadyState) string {
			return plural(int64(r.Manifest.Agents), "agent")
		}},
		{"the versions of slload differ", func(r *results.SteadyState) string { return r.Manifest.Version }},
		{"the generator's verdicts differ", func(r *results.SteadyState) string { return string(r.Summary.Verdict.Generator) }},
		{"some had an embedded grid", func(r *results.SteadyState) string {
			return map[bool]string{true: "embedded grid", false: "grid of its own"}[r.Manifest.EmbeddedGrid]
		}},
	} {
		if groups := groupBy(runs, g.of); len(groups) > 1 {
			list = append(list, g.what+" ("+strings.Join(groups, "; ")+")")
		}
	}
	for _, r := range runs {
		list = append(list, unfit(r)...)
	}
	return list
}

// groupBy says which values the runs have, how many have each, and which is
// the first that does.
func groupBy(runs []*results.SteadyState, of func(*results.SteadyState) string) []string {
	var values []string
	dirs := map[string][]string{}
	for _, r := range runs {
		v := cmp.Or(of(r), "none")
		if dirs[v] == nil {
			values = append(values, v)
		}
		dirs[v] = append(dirs[v], r.Dir)
	}
	var groups []string
	for _, v := range values {
		groups = append(groups, v+": "+dirs[v][0]+more(len(dirs[v])-1))
	}
	return groups
}

// unfit gives what stands against comparing a run with any other.
func unfit(r *results.SteadyState) (list []string) {
	s := r.Summary
	switch {
	case r.Manifest.HandScaled:
		list = append(list, r.Dir+" was scaled by hand: put the number of agents into the profile, in place of --agents")
	case s.Run.HandScaled:
		list = append(list, r.Dir+" was scaled by hand while it went on")
	}
	if s.Run.PausedSeconds > 0 {
		list = append(list, fmt.Sprintf("%s was paused by hand, for %.3g s", r.Dir, s.Run.PausedSeconds))
	}
	if s.Verdict.Generator == results.Invalid {
		list = append(list, r.Dir+" is INVALID: "+strings.Join(s.Verdict.Reasons, ", "))
	}
	if n := len(s.Run.Segments); n > 1 {
		list = append(list, fmt.Sprintf("%s broke off and was resumed, with a gap of %s", r.Dir, results.Human(time.Duration(s.Run.GapSeconds*1e9))))
	}
	if lost := s.Run.LostLoad; len(lost) > 0 {
		list = append(list, fmt.Sprintf("%s lost a part of its load, from %.3g s to %.3g s: %s%s", r.Dir, lost[0].From, lost[0].To, results.Plain(lost[0].What), more(len(lost)-1)))
	}
	switch {
	case s.Run.CutOff:
		list = append(list, r.Dir+" was cut off")
	case r.EndedEarly():
		list = append(list, fmt.Sprintf("%s ended early, at %.3g s of %.3g s", r.Dir, s.Run.Seconds, r.Manifest.PlannedSeconds))
	}
	return list
}

// more tells of n that are not named.
func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// DuplicateError is a run that was given twice: it would count as two looks
// at a build.
type DuplicateError struct{ First, Second, ID string }

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%s and %s are the same run, %s: name each once", e.First, e.Second, e.ID)
}

func duplicate(runs []*results.SteadyState) error {
	seen := map[string]string{}
	for _, r := range runs {
		id := r.Manifest.ID
		if first, ok := seen[id]; ok {
			return &DuplicateError{first, r.Dir, id}
		}
		seen[id] = r.Dir
	}
	return nil
}
