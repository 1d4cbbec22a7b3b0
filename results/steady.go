package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/slload/slload/profiles"
)

// SteadyState is what one run measured while its load stood still: the unit of
// a comparison.
type SteadyState struct {
	Dir      string
	Manifest *Manifest
	Summary  *Summary // of the whole run
	// Ops are the operations' figures in the phases of Manifest.Measured, each
	// from one merged histogram. Operations by which agents come and go, as
	// login and logout do, happen in the other phases: theirs are of the whole
	// run, but for a warm-up that the run begins with, and the cool-down.
	Ops map[string]Op
}

// wholePart is the part of its plan that a run must have come through to count:
// the last collection may fall a moment short.
const wholePart = 0.98

// EndedEarly tells that the run came through too little of its plan to be set
// beside others. Gaps and pauses are no part of the plan.
func (s *SteadyState) EndedEarly() bool {
	r := &s.Summary.Run
	return r.Seconds-r.GapSeconds-r.PausedSeconds < wholePart*s.Manifest.PlannedSeconds
}

// ReadSteadyState reads the steady state of the run in dir, which stays as it
// is. Histograms and errors come from the logs, the verdict from summary.json
// where the run wrote one.
func ReadSteadyState(dir string) (*SteadyState, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	r := &rebuild{dir: dir}
	l, err := r.ledger()
	if err != nil {
		return nil, fmt.Errorf("read the steady state of %s: %w", dir, err)
	}
	s, err := r.recorded()
	if err != nil {
		return nil, err
	}
	if s == nil {
		s = r.summarize(l, m)
	}
	return &SteadyState{Dir: dir, Manifest: m, Summary: s, Ops: l.steady(m).ops()}, nil
}

// ReadSummary reads summary.json of the run in dir. A run that was cut off left
// none: then it is made by Rebuild, and written.
func ReadSummary(dir string) (*Summary, error) {
	if _, err := ReadManifest(dir); err != nil {
		return nil, err
	}
	if s, err := (&rebuild{dir: dir}).recorded(); s != nil || err != nil {
		return s, err
	}
	return Rebuild(dir)
}

// recorded is summary.json; nil where there is none.
func (r *rebuild) recorded() (*Summary, error) {
	path := filepath.Join(r.dir, fileSummary)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s Summary
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if s.Schema != SummarySchema {
		return nil, fmt.Errorf("read %s: its schema is %q, want %q", path, s.Schema, SummarySchema)
	}
	return &s, nil
}

// steady merges the figures of the phases that are measured.
func (l *ledger) steady(m *Manifest) tally {
	t := make(tally)
	for i, p := range l.phases {
		if p.name == profiles.WarmupPhase && i == 0 || p.name == profiles.CooldownPhase {
			continue
		}
		for op, f := range p.ops {
			if !f.empty() && (m.Measures(p.name) || comesAndGoes(op)) {
				t.figures(op).merge(f)
			}
		}
	}
	return t
}

// comesAndGoes tells whether op is a part of coming or going.
func comesAndGoes(op string) bool {
	return op == "login" || strings.HasPrefix(op, "login.") || op == "caps.seed" ||
		op == "logout" || strings.HasPrefix(op, "logout.")
}
