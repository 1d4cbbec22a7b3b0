package results

import "time"

// Sample is the state of the run at one instant, which swarm reads when it has
// merged the loops' intervals. Counters count from the run's start.
type Sample struct {
	T          time.Duration // since the run's start, on the monotonic clock
	Agents     Agents
	Actions    Actions
	Transport  Transport
	Generator  Generator // BusySeconds and MachineFullSeconds are the collector's to fill
	InPhase    Delays    // since the running phase began
	Simulators []Simulator
	Reports    []SimReport // what simulators told over HTTP since the last sample
	// Workers are the segments of a run on several machines, for Combine to
	// gather; empty on one.
	Workers []WorkerSample
}

// Agents counts agents at one instant, and what became of them so far.
type Agents struct {
	Target        int   `json:"target"`
	InWorld       int   `json:"in_world"`
	Logins        int64 `json:"logins"`
	LoginFailures int64 `json:"login_failures"`
	Lost          int64 `json:"lost"`
}

// Simulator is what a region last said of itself.
type Simulator struct {
	Region       string  `json:"region"`
	FPS          float64 `json:"fps"`
	TimeDilation float64 `json:"time_dilation"`
	Agents       int     `json:"agents"`  // in the region, whoever's they are
	Scripts      int     `json:"scripts"` // that run
}

// after is s of a process that went on where another had ended at before: what
// counts from the run's start is the sum of both, what tells of the worst is the
// worse.
func (s Sample) after(before *Sample) Sample {
	if before.T == 0 {
		return s // nothing was before
	}
	s.Agents = s.Agents.after(&before.Agents)
	s.Actions = s.Actions.after(&before.Actions)
	s.Transport = s.Transport.after(&before.Transport)
	s.Generator = s.Generator.after(&before.Generator)
	return s
}

func (a Agents) after(b *Agents) Agents {
	a.Logins += b.Logins
	a.LoginFailures += b.LoginFailures
	a.Lost += b.Lost
	return a
}

func (a Actions) after(b *Actions) Actions {
	a.Intended += b.Intended
	a.Started += b.Started
	a.Late += b.Late
	a.Dropped += b.Dropped
	a.Absent += b.Absent
	a.Failed += b.Failed
	return a
}

func (t Transport) after(b *Transport) Transport {
	t.PacketsSent += b.PacketsSent
	t.PacketsReceived += b.PacketsReceived
	t.BytesSent += b.BytesSent
	t.BytesReceived += b.BytesReceived
	t.Resent += b.Resent
	t.Lost += b.Lost
	t.KernelDrops += b.KernelDrops
	t.Malformed += b.Malformed
	return t
}

func (g Generator) after(b *Generator) Generator {
	g.CPUSeconds = sum(g.CPUSeconds, b.CPUSeconds)
	g.GridCPUSeconds = sum(g.GridCPUSeconds, b.GridCPUSeconds)
	g.MachineCPUSeconds = sum(g.MachineCPUSeconds, b.MachineCPUSeconds)
	g.GCCPUSeconds = sum(g.GCCPUSeconds, b.GCCPUSeconds)
	g.MaxRSSBytes = max(g.MaxRSSBytes, b.MaxRSSBytes)
	g.TickLagP99NS = max(g.TickLagP99NS, b.TickLagP99NS)
	g.GCPauseP99NS = max(g.GCPauseP99NS, b.GCPauseP99NS)
	g.GCPauseMaxNS = max(g.GCPauseMaxNS, b.GCPauseMaxNS)
	return g
}

// SimReport is what a simulator tells over HTTP of one of its regions.
type SimReport struct {
	Region  string      `json:"region"`
	Frames  *SimFrames  `json:"frames,omitempty"`
	Packets *SimPackets `json:"packets,omitempty"`
}

// SimFrames are how a region's frames do.
type SimFrames struct {
	FPS          float64 `json:"fps"`
	TimeDilation float64 `json:"time_dilation"`
	FrameMS      float64 `json:"frame_ms"`
	Agents       int     `json:"agents"` // in world, whoever's they are
}

// SimPackets counts a region's datagrams, of all its clients, since the
// simulator's start.
type SimPackets struct {
	Received  int64 `json:"received"`
	Sent      int64 `json:"sent"`
	Resent    int64 `json:"resent"`
	Orphaned  int64 `json:"orphaned"` // of no client that it knows
	Malformed int64 `json:"malformed"`
}
