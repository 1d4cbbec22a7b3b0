package results

import "math"

// Health is what the generator is judged by, over one phase. Counts are those
// of the phase alone.
type Health struct {
	Seconds float64 `json:"seconds"`

	Intended int64 `json:"actions_intended"`
	Started  int64 `json:"actions_started"`
	Late     int64 `json:"actions_late"`
	// Dropped leaves out what had its agent not in world (Actions.Absent).
	Dropped int64 `json:"actions_dropped"`

	PacketsReceived int64 `json:"packets_received"`
	KernelDrops     int64 `json:"kernel_drops"`

	Cores              int     `json:"cores"`
	CPUSeconds         float64 `json:"cpu_seconds"`
	GridCPUSeconds     float64 `json:"grid_cpu_seconds"`
	GCCPUSeconds       float64 `json:"gc_cpu_seconds"`
	MachineCores       int     `json:"machine_cores"`
	MachineCPUSeconds  float64 `json:"machine_cpu_seconds"`
	BusySeconds        float64 `json:"busy_seconds"`
	MachineFullSeconds float64 `json:"machine_full_seconds"`

	Delays
}

// Delays is how late the process was over some stretch of time, in
// nanoseconds.
type Delays struct {
	TickLagP99NS int64 `json:"tick_lag_p99_ns"` // how late the loops' timers fired
	GCPauseP99NS int64 `json:"gc_pause_p99_ns"` // for how long the garbage collector stopped the world
	GCPauseMaxNS int64 `json:"gc_pause_max_ns"`
}

// add takes in what came between two samples of one phase.
func (h *Health) add(from, to *Sample) {
	h.Seconds += seconds(to.T - from.T)
	a, b := &from.Actions, &to.Actions
	h.Intended += b.Intended - a.Intended
	h.Started += b.Started - a.Started
	h.Late += b.Late - a.Late
	h.Dropped += (b.Dropped - b.Absent) - (a.Dropped - a.Absent)
	h.PacketsReceived += to.Transport.PacketsReceived - from.Transport.PacketsReceived
	h.KernelDrops += to.Transport.KernelDrops - from.Transport.KernelDrops
	f, g := &from.Generator, &to.Generator
	h.Cores, h.MachineCores = g.Cores, g.MachineCores
	h.CPUSeconds += g.CPUSeconds - f.CPUSeconds
	h.GridCPUSeconds += g.GridCPUSeconds - f.GridCPUSeconds
	h.GCCPUSeconds += g.GCCPUSeconds - f.GCCPUSeconds
	h.MachineCPUSeconds += g.MachineCPUSeconds - f.MachineCPUSeconds
	h.BusySeconds += g.BusySeconds - f.BusySeconds
	h.MachineFullSeconds += g.MachineFullSeconds - f.MachineFullSeconds
	h.Delays = to.InPhase
}

// byOthers tells it where most of the machine's CPU time was not the
// process's, nor the embedded grid's.
func (h *Health) byOthers() string {
	if h.CPUSeconds+h.GridCPUSeconds < h.MachineCPUSeconds/2 {
		return ", mostly by other programs,"
	}
	return ""
}

// rounded takes off what sums of floats have beyond the millisecond.
func (h Health) rounded() Health {
	for _, v := range []*float64{
		&h.Seconds, &h.CPUSeconds, &h.GridCPUSeconds, &h.GCCPUSeconds, &h.MachineCPUSeconds, &h.BusySeconds,
		&h.MachineFullSeconds,
	} {
		*v = sum(*v)
	}
	return h
}

// sum adds up seconds to the millisecond.
func sum(list ...float64) (total float64) {
	for _, v := range list {
		total += v
	}
	return math.Round(total*1000) / 1000
}

const (
	// busyShare of its cores is from where on a process counts as busy: timers
	// and wake-ups begin to wait for one another.
	busyShare = 0.9
	// fullShare of the machine's cores is from where on it counts as full.
	// The system counts in ticks of 10 ms, so not the last one in twenty.
	fullShare = 0.95
	// shortestFull is the shortest time over which those ticks tell anything.
	shortestFull = 0.5
)

// strainBetween is for how many of the seconds between two samples the process
// had no core to spare, and for how many the machine hadn't: all or none.
func strainBetween(from, to *Sample) (busy, full float64) {
	dt := seconds(to.T - from.T)
	f, g := &from.Generator, &to.Generator
	if used := g.CPUSeconds - f.CPUSeconds; dt > 0 && g.Cores > 0 && used >= busyShare*dt*float64(g.Cores) {
		busy = dt
	}
	used := g.MachineCPUSeconds - f.MachineCPUSeconds
	if dt >= shortestFull && g.MachineCores > 0 && used >= fullShare*dt*float64(g.MachineCores) {
		full = dt
	}
	return busy, full
}
