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
}
