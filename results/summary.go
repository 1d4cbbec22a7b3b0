package results

import "time"

// PhaseLogout is the phase in which agents log out: it begins when the plan
// ends or is cut short.
const PhaseLogout = "logout"

// SummarySchema names the format of summary.json.
const SummarySchema = "slload/summary/1"

// Summary is summary.json, which scripts read. Times called _ns are
// nanoseconds, those called _s seconds since the run's start. Keys may be
// added to the schema, never renamed or taken away.
type Summary struct {
	Schema     string             `json:"schema"`
	Run        Run                `json:"run"`
	Verdict    Verdict            `json:"verdict"`
	Agents     AgentTotals        `json:"agents"`
	Actions    Actions            `json:"actions"`
	Ops        map[string]Op      `json:"ops"`
	Phases     []PhaseSummary     `json:"phases"`
	Errors     []ErrorCount       `json:"errors"`
	Simulators []SimulatorSummary `json:"simulators"`
	Transport  Transport          `json:"transport"`
	Generator  Generator          `json:"generator"`
	// Counters are what the loops counted by name beside the operations.
	Counters map[string]int64 `json:"counters"`
	// Workers are the processes of a run on several machines. The verdict is the
	// worst of theirs.
	Workers []WorkerSummary `json:"workers,omitempty"`
	// Notes say in words what is special about this summary, such as that it
	// was rebuilt from the log of a run that was cut off.
	Notes []string `json:"notes,omitempty"`
}

// Run says which run this was.
type Run struct {
	ID            string            `json:"id"`
	Profile       string            `json:"profile"`
	ProfileSHA256 string            `json:"profile_sha256"`
	Started       time.Time         `json:"started"`
	Seconds       float64           `json:"seconds"`
	Seed          uint64            `json:"seed"`
	Tags          map[string]string `json:"tags"`
	// HandScaled tells that the number of agents is not the profile's own: it
	// was changed before the run, or while it went on.
	HandScaled bool `json:"hand_scaled,omitempty"`
	// PausedSeconds is for how long somebody held the run.
	PausedSeconds float64 `json:"paused_s,omitempty"`
	// CutOff is true where the run never wrote its own end.
	CutOff bool `json:"cut_off,omitempty"`
	// Segments are those of a run that was resumed; GapSeconds is what of
	// Seconds lies between them. Counts are sums over them: an agent that logged
	// in again after a gap did so for the first time in its segment.
	Segments   []Segment `json:"segments,omitempty"`
	GapSeconds float64   `json:"gap_seconds,omitempty"`
	// LostLoad tells which part of its load a run on several machines lost, and
	// when. Such a run had another load than its profile says.
	LostLoad []LostLoad `json:"lost_load,omitempty"`
}

// Verdict is the judgement over generator and thresholds.
type Verdict struct {
	Generator Validity `json:"generator"`
	// Reasons say why the generator is SUSPECT or INVALID.
	Reasons []string `json:"reasons"`
	// Thresholds is "pass", "fail" or, where the profile has none, "none".
	Thresholds string `json:"thresholds"`
	// Failed are the failed thresholds with what was measured instead.
	Failed []string `json:"failed"`
}

// AgentTotals counts agents over the whole run.
type AgentTotals struct {
	Target int `json:"target"` // the most that the plan asked for
	Peak   int `json:"peak"`   // the most that were in world at once
	// InWorldAtEnd is read before agents log out.
	InWorldAtEnd  int   `json:"in_world_at_end"`
	Logins        int64 `json:"logins"` // first successes
	LoginFailures int64 `json:"login_failures"`
	Lost          int64 `json:"lost"`
}

// Actions counts the planned actions of behaviours. All grow with the run.
type Actions struct {
	Intended int64 `json:"intended"`
	Started  int64 `json:"started"`
	Late     int64 `json:"late"`    // started later than the pacer's tolerance
	Dropped  int64 `json:"dropped"` // never started
	// Absent is the part of Dropped whose agent was not in world when they fell
	// due: that says nothing against the generator.
	Absent int64 `json:"absent"`
	Failed int64 `json:"failed"`
}

// Op is one operation's figures: Count successes, whose times the quantiles
// describe, and Errors failures, which have none.
type Op struct {
	Count      int64     `json:"count"`
	Errors     int64     `json:"errors"`
	ResponseNS Quantiles `json:"response_ns"` // from the intended start
	ServiceNS  Quantiles `json:"service_ns"`  // from the real send
	// Clamped counts times outside 1 µs to 1 h, recorded as the nearer bound.
	Clamped int64 `json:"clamped,omitempty"`
}

// Quantiles describe a histogram, in nanoseconds, to 3 significant digits or
// 512 ns; all are 0 where there is no sample.
type Quantiles struct {
	Min  int64 `json:"min"`
	P50  int64 `json:"p50"`
	P90  int64 `json:"p90"`
	P95  int64 `json:"p95"`
	P99  int64 `json:"p99"`
	P999 int64 `json:"p999"`
	Max  int64 `json:"max"`
	Mean int64 `json:"mean"`
}

// PhaseSummary is what finished within one phase of the run.
type PhaseSummary struct {
	Name string        `json:"name"`
	From float64       `json:"from_s"`
	To   float64       `json:"to_s"`
	Ops  map[string]Op `json:"ops"`
	// Generator is what the verdict over this phase stands on.
	Generator Health `json:"generator"`
}

// ErrorCount counts the failures of an operation for one reason.
type ErrorCount struct {
	Op     string `json:"op"`
	Reason string `json:"reason"`
	Count  int64  `json:"count"`
}

// SimulatorSummary is what a region said of itself in its SimStats.
type SimulatorSummary struct {
	Region       string  `json:"region"`
	FPS          MeanMin `json:"fps"`
	TimeDilation MeanMin `json:"time_dilation"`
}

// MeanMin is the mean and the least of a sampled value.
type MeanMin struct {
	Mean float64 `json:"mean"`
	Min  float64 `json:"min"`
}

// Transport counts UDP traffic over all circuits. All grow with the run.
type Transport struct {
	PacketsSent     int64 `json:"packets_sent"`
	PacketsReceived int64 `json:"packets_received"`
	BytesSent       int64 `json:"bytes_sent"`
	BytesReceived   int64 `json:"bytes_received"`
	Resent          int64 `json:"resent"`
	Lost            int64 `json:"lost"` // reliable packets given up
	KernelDrops     int64 `json:"kernel_drops"`
	Malformed       int64 `json:"malformed"`
}

// Generator is how this process itself did, since the run's start. Of a run on
// several machines CPU time, cores and memory are sums over the workers'
// processes, the machine's over their hosts, and delays the worst.
type Generator struct {
	CPUSeconds   float64 `json:"cpu_seconds"` // user and system, of this process alone
	MaxRSSBytes  int64   `json:"max_rss_bytes"`
	TickLagP99NS int64   `json:"tick_lag_p99_ns"` // how late the loops' timers fired
	// Cores is how many cores the process may use (GOMAXPROCS).
	Cores int `json:"cores"`
	// BusySeconds is for how long the process used 90 % or more of its cores,
	// MachineFullSeconds for how long everything on this machine used 95 % or
	// more of the machine's.
	BusySeconds        float64 `json:"busy_seconds"`
	MachineFullSeconds float64 `json:"machine_full_seconds"`
	// GridCPUSeconds is what the embedded grid used, which is not part of
	// CPUSeconds; 0 where the grid is somebody else's.
	GridCPUSeconds float64 `json:"grid_cpu_seconds"`
	// MachineCPUSeconds is what everything on this machine used, the rest of
	// it included, on MachineCores cores. Both are 0 where the system doesn't
	// tell: only Linux does.
	MachineCPUSeconds float64 `json:"machine_cpu_seconds"`
	MachineCores      int     `json:"machine_cores"`
	// GCPauseP99NS and GCPauseMaxNS are for how long garbage collections
	// stopped the process; GCCPUSeconds is the part of CPUSeconds that they
	// took, as the runtime estimates it at the end of each.
	GCPauseP99NS int64   `json:"gc_pause_p99_ns"`
	GCPauseMaxNS int64   `json:"gc_pause_max_ns"`
	GCCPUSeconds float64 `json:"gc_cpu_seconds"`

	Memory
}

// Memory is what the process has at the moment: what a soak must not see grow.
type Memory struct {
	// RSSBytes is what of it is in the machine's memory; 0 where the system
	// doesn't tell: only Linux does.
	RSSBytes int64 `json:"rss_bytes"`
	// HeapBytes is what lived on the heap at the end of the last garbage
	// collection.
	HeapBytes  int64 `json:"heap_bytes"`
	Goroutines int64 `json:"goroutines"`
}
