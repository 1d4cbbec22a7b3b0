package results

import (
	"fmt"
	"time"

	"github.com/slload/slload/profiles"
)

// ManifestSchema names the format of manifest.json.
const ManifestSchema = "slload/manifest/1"

// Manifest is manifest.json: what is known of a run when it begins. It is
// written first, and again only when a run that broke off is resumed, or where
// load was lost.
type Manifest struct {
	Schema        string            `json:"schema"`
	ID            string            `json:"id"` // made by NewID where it is empty
	Profile       string            `json:"profile"`
	ProfileSHA256 string            `json:"profile_sha256"`
	HandScaled    bool              `json:"hand_scaled"`
	Started       time.Time         `json:"started"`
	Seed          uint64            `json:"seed"`
	Tags          map[string]string `json:"tags"`
	// PlannedSeconds is how long the plan lasts, logouts left out.
	PlannedSeconds float64 `json:"planned_seconds"`
	// Measured are the phases that the generator's verdict is about. Empty:
	// all but the warm-up, the cool-down and the logouts.
	Measured   []string             `json:"measured"`
	Agents     int                  `json:"agents"` // at the plan's peak
	Thresholds []profiles.Threshold `json:"thresholds"`
	Primary    []string             `json:"primary"`
	// LoginURI is the grid's address; EmbeddedGrid tells that it was
	// slload's own, a process beside the generator.
	LoginURI     string `json:"login_uri"`
	EmbeddedGrid bool   `json:"embedded_grid"`
	Transport    string `json:"transport"` // how the sockets are used: shared, epoll, portable
	Loops        int    `json:"loops"`
	Version      string `json:"version"` // of slload
	Go           string `json:"go"`
	OS           string `json:"os"`
	Arch         string `json:"arch"`
	Cores        int    `json:"cores"`
	// Command is the subcommand that made the run and those of its flags that
	// its config.yaml doesn't hold, so that the run can be resumed; empty: it
	// can't.
	Command []string `json:"command,omitempty"`
	// Segments are the stretches of a run that was resumed, in order of time;
	// empty: it never was.
	Segments []Segment `json:"segments,omitempty"`
	// Workers are the processes that made a run on several machines, one for each
	// segment at first; empty: it was made by one.
	Workers []ManifestWorker `json:"workers,omitempty"`
	// LostLoad tells which part of its load the run lost and when; empty: none.
	LostLoad []LostLoad `json:"lost_load,omitempty"`
}

// ManifestWorker is a worker as it was when the run began.
type ManifestWorker struct {
	Worker    string `json:"worker"` // host:pid
	Segment   int    `json:"segment"`
	Of        int    `json:"of"`
	Cores     int    `json:"cores"`
	Transport string `json:"transport"`
	Loops     int    `json:"loops"`
}

// LostLoad is a stretch of time in which a part of a run's load was missing, or
// in which nobody knows whether it was.
type LostLoad struct {
	From float64 `json:"from_s"`
	To   float64 `json:"to_s"` // 0: to the run's end
	What string  `json:"what"` // such as the segment and its worker
}

// Segment is a stretch of a run that one process made. Between two of them is a
// gap.
type Segment struct {
	Started time.Time `json:"started"` // by the wall clock
	// From and To are seconds since the run's start; To is 0 in a manifest
	// while nobody knows it.
	From float64 `json:"from_s"`
	To   float64 `json:"to_s"`
	// Plan is where in the plan the segment began, in seconds.
	Plan float64 `json:"plan_s"`
}

// complete fills in what follows from the rest, and lists for those left out:
// readers need no second case for null.
func (m Manifest) complete() Manifest {
	m.Schema = ManifestSchema
	m.Started = m.Started.Round(0).UTC()
	if m.ID == "" {
		m.ID = NewID(m.Started, m.Profile)
	}
	if m.Tags == nil {
		m.Tags = map[string]string{}
	}
	if m.Thresholds == nil {
		m.Thresholds = []profiles.Threshold{}
	}
	if m.Measured == nil {
		m.Measured = []string{}
	}
	if m.Primary == nil {
		m.Primary = []string{}
	}
	return m
}

// Machines tells on how much the run was made: "2 cores", or "4 workers with 10
// cores".
func (m *Manifest) Machines() string {
	if len(m.Workers) == 0 {
		return fmt.Sprintf("%d cores", m.Cores)
	}
	cores := 0
	for i := range m.Workers {
		cores += m.Workers[i].Cores
	}
	return fmt.Sprintf("%d workers with %d cores", len(m.Workers), cores)
}
