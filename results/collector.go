package results

import (
	"io"
	"time"
)

// PhaseLogout is the phase in which agents log out: it begins when the plan
// ends or is cut short.
const PhaseLogout = "logout"

// Config says what a Collector collects.
type Config struct {
	// Parent is the directory in which the run directory is made, and is made
	// itself where it is missing. Dir, if set, is the run directory itself.
	Parent, Dir string
	Manifest    Manifest
	// Profile is the effective profile, written as config.yaml. It holds no
	// password.
	Profile []byte
	// Phase is the name of the run's first phase.
	Phase string
}

// Collector merges the loops' intervals and keeps the run directory. It belongs
// to one goroutine; LogFile alone may be used by many.
type Collector struct{}

// NewCollector makes the run directory. Every error of a Collector's methods is
// a *WriteError about one file of the directory; what was written stays, and
// what could not be written is kept and tried again with the next call.
func NewCollector(Config) (*Collector, error) { return nil, nil }

// Dir is the run directory.
func (c *Collector) Dir() string { return "" }

// LogFile is slload.log, for a slog handler.
func (c *Collector) LogFile() io.Writer { return nil }

// Merge takes over what iv holds and leaves it empty, ready to be a spare.
func (c *Collector) Merge(iv *Interval) {}

// Event notes an event that happened outside the loops.
func (c *Collector) Event(e Event) {}

// Tick closes a second: what was merged since the last call becomes a line of
// timeline.jsonl, and every 10 s everything is brought to disk.
func (c *Collector) Tick(s Sample) error { return nil }

// BeginPhase ends the running phase at s, as a Tick does, and begins another.
// Merge what finished before the boundary first. With PhaseLogout,
// agents.in_world_at_end is taken from s.
func (c *Collector) BeginPhase(name string, s Sample) error { return nil }

// Summary is the summary so far.
func (c *Collector) Summary() *Summary { return nil }

// Finish ends the run at s, writes the rest and summary.json and closes the
// files. The summary is right even where there is an error about its file.
func (c *Collector) Finish(s Sample) (*Summary, error) { return nil, nil }

// Manifest is manifest.json: what is known of a run when it begins.
type Manifest struct {
	Schema        string            `json:"schema"`
	ID            string            `json:"id"`
	Profile       string            `json:"profile"`
	ProfileSHA256 string            `json:"profile_sha256"`
	Started       time.Time         `json:"started"`
	Seed          uint64            `json:"seed"`
	Tags          map[string]string `json:"tags"`
}

// Validity is the generator's verdict over itself.
type Validity string

// The verdicts: a run's figures can be trusted, can be doubted, or say more
// about the generator than about the grid.
const (
	Valid   Validity = "VALID"
	Suspect Validity = "SUSPECT"
	Invalid Validity = "INVALID"
)

// NewID names a run.
func NewID(started time.Time, profile string) string { return "" }

// WriteTable writes the summary for a terminal.
func WriteTable(w io.Writer, s *Summary, dir string) error { return nil }

// Rebuild makes the summary of a run directory from what it holds.
func Rebuild(dir string) (*Summary, error) { return nil, nil }
