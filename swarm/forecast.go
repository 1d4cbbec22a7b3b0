package swarm

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/profiles"
)

// ForecastSchema names the format of a Forecast in JSON.
const ForecastSchema = "slload/forecast/1"

// What a run takes of the machine, by measurement of idle agents on the embedded
// grid; docs/performance.md says how. They are estimates: a grid that tells its
// clients much makes them keep more.
const (
	memoryOfProcess = 40 << 20 // bytes
	// memoryOfAgent is without an event queue. Its long poll is most of what an
	// agent takes; where agents are many, garbage is collected earlier.
	memoryOfAgent     = 4 << 10
	memoryOfPoll      = 44 << 10
	memoryOfPollTight = 32 << 10
	tightFrom         = 1000 // agents

	// What an action sends besides a motion's AgentUpdates: a message, and an
	// ack of what comes back.
	packetsOfAction = 2
	// What an agent sends each circuit.DefaultPing: its own ping, and the answer
	// to the simulator's.
	packetsOfPing = 2
	// mostCounted is up to how many actions they are counted one by one; above,
	// the expected number is given.
	mostCounted = 2_000_000
)

// Forecast is what a run would do and take, made without traffic.
type Forecast struct {
	Schema        string  `json:"schema"`
	Profile       string  `json:"profile"`
	Description   string  `json:"description"`
	ProfileSHA256 string  `json:"profile_sha256"`
	HandScaled    bool    `json:"hand_scaled"`
	Seed          uint64  `json:"seed"`
	Grid          string  `json:"grid"` // the login URI; empty: the embedded grid
	Seconds       float64 `json:"seconds"`
	Agents        int     `json:"agents"`   // at the same time, at most
	Accounts      int     `json:"accounts"` // that the run needs
	Logins        int     `json:"logins"`   // by plan; each that fails is tried again
	// LoginRate is the most logins in any one second.
	LoginRate  int                `json:"logins_per_second_max"`
	Phases     []ForecastPhase    `json:"phases"`
	Behaviors  []ForecastBehavior `json:"behaviors"`
	Thresholds []string           `json:"thresholds"`
	Needs      Needs              `json:"needs"`
	Missing    []string           `json:"missing"` // that this machine hasn't got
}

// ForecastPhase is a phase with the agents in world at its ends.
type ForecastPhase struct {
	Name     string  `json:"name"`
	From     float64 `json:"from_s"`
	To       float64 `json:"to_s"`
	Begins   int     `json:"agents_from"`
	Ends     int     `json:"agents_to"`
	Measured bool    `json:"measured"` // verdicts and comparisons are about it
}

// ForecastBehavior is a behaviour with how often it is started in the whole run.
type ForecastBehavior struct {
	Key     string `json:"key"` // in the profile, such as behaviors[1]
	Do      string `json:"do"`
	Actions int64  `json:"actions"`
	// About tells that Actions is expected and not counted: the plan is long, or
	// agents think between actions, which then take no time in this reckoning.
	About bool `json:"about"`
}

// Needs is what the run takes of this machine, by estimate.
type Needs struct {
	UDPSockets  int   `json:"udp_sockets"`
	Connections int   `json:"http_connections"`
	Descriptors int   `json:"file_descriptors"`
	Memory      int64 `json:"memory_bytes"`
	// Packets is what all agents together send a second when all are in world;
	// what the grid sends them depends on the grid.
	Packets float64 `json:"packets_sent_per_second"`
}

// Inspect makes the forecast of a resolved profile that CheckProfile finds sound.
// sources is how many source addresses the run is given; 0: none. The error is a
// *ConfigError.
func Inspect(p *profiles.Profile, seed uint64, sources int) (*Forecast, error) {
	plays, errs := plays(p)
	if len(errs) > 0 {
		return nil, &ConfigError{errs}
	}
	plan, err := profiles.NewPlan(p, seed, profiles.Share{Index: 0, Count: 1})
	if err != nil {
		return nil, &ConfigError{err}
	}
	return forecast(plan, plays, sources), nil
}

func forecast(plan *profiles.Plan, plays []play, sources int) *Forecast {
	p := plan.Profile
	f := &Forecast{
		Schema: ForecastSchema, Profile: p.Name, Description: p.Description, ProfileSHA256: p.SHA256(), HandScaled: p.HandScaled, Seed: plan.Seed,
		Grid: p.Grid.LoginURI, Seconds: plan.Length.Seconds(), Agents: plan.Peak, Accounts: plan.Agents + loggedOut(plays),
		Logins: len(plan.Sessions), LoginRate: busiestSecond(plan), Phases: forecastPhases(plan),
		Behaviors: forecastActions(plan), Thresholds: []string{}, Missing: []string{},
	}
	for _, t := range p.Thresholds {
		f.Thresholds = append(f.Thresholds, t.String())
	}
	size := sizeOf(p, plan.Peak, sources)
	f.Needs = Needs{
		UDPSockets: size.sockets(), Connections: size.connections(), Descriptors: size.Descriptors(),
		Memory: memory(size), Packets: f.packets(p, plays),
	}
	for _, s := range size.Missing(MachineLimits()) {
		f.Missing = append(f.Missing, s.String())
	}
	return f
}

// checkLoad refuses a run that is more than its grid may get. The load is what
// the run asks of a grid that has bounds; else it is zero.
func checkLoad(guard *target.Guard, plan *profiles.Plan, plays []play) (target.Load, error) {
	if guard.Most() == (target.Load{}) {
		return target.Load{}, nil // and a forecast counts all actions
	}
	f := forecast(plan, plays, 0)
	load := target.Load{Agents: f.Agents, Logins: float64(f.LoginRate), Packets: f.Needs.Packets}
	return load, guard.Check(load)
}

// Allowed tells whether the run may be made of the grid that cfg names: whom it
// would send to, and how much, as Run does. Names are looked up; nothing is sent.
// Without Accounts, which are their machines' where a run is cut into shares, they
// are not counted; the last share, the smallest, stands for all. The error is a
// *ConfigError.
func Allowed(ctx context.Context, cfg Config) error {
	_, err := prepare(ctx, cfg)
	return err
}

// sizeOf is the size that the run would have with the transport that a machine
// like this chooses.
func sizeOf(p *profiles.Profile, peak, sources int) Size {
	loopback := p.Grid.LoginURI == "" || targetAddr(p.Grid.LoginURI).Unmap().IsLoopback()
	mode := circuit.ModePortable
	if runtime.GOOS == "linux" {
		mode = circuit.ModeEpoll
		if loopback || sources > 1 {
			mode = circuit.ModeShared
		}
	}
	if sources == 0 && !loopback {
		sources = 1
	}
	return Size{
		Agents: peak, EventQueue: p.Agent.EventQueue, Mode: mode, Sources: sources, Loops: (&Config{}).shards(peak),
	}
}

func memory(z Size) int64 {
	poll := int64(memoryOfPoll)
	if z.Agents >= tightFrom {
		poll = memoryOfPollTight
	}
	return memoryOfProcess + int64(z.Agents)*memoryOfAgent + int64(z.polls())*poll
}

// packets is what goes out a second with all agents in world: AgentUpdates of
// those that rest, those of motions, pings, and what actions send.
func (f *Forecast) packets(p *profiles.Profile, plays []play) float64 {
	each := float64(p.Agent.IdleUpdateRate) + packetsOfPing/circuit.DefaultPing.Seconds()
	sum := each * float64(f.Agents)
	stay := f.agentSeconds() / float64(max(f.Agents, 1)) // in which all would do what is planned
	for i, b := range f.Behaviors {
		walk, _ := plays[i].args["walk"].(time.Duration)
		moving := float64(p.Agent.UpdateRate-min(p.Agent.UpdateRate, p.Agent.IdleUpdateRate)) * walk.Seconds()
		sum += float64(b.Actions) / max(stay, 1) * (packetsOfAction + moving)
	}
	return sum
}

// agentSeconds is how long all agents together are in world, by the phases.
func (f *Forecast) agentSeconds() (sum float64) {
	for _, p := range f.Phases {
		sum += (p.To - p.From) * float64(p.Begins+p.Ends) / 2
	}
	return sum
}

// busiestSecond is the most logins that begin within a second.
func busiestSecond(plan *profiles.Plan) (most int) {
	first := 0
	for i, s := range plan.Sessions {
		for s.Login-plan.Sessions[first].Login >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

func forecastPhases(plan *profiles.Plan) []ForecastPhase {
	leaves := make([]time.Duration, len(plan.Sessions))
	for i, s := range plan.Sessions {
		leaves[i] = s.Leave
	}
	slices.Sort(leaves)
	inWorld := func(t time.Duration, after time.Duration) int {
		in, _ := slices.BinarySearchFunc(plan.Sessions, t, func(s profiles.Session, t time.Duration) int {
			return cmp.Compare(s.Login, t)
		})
		out, _ := slices.BinarySearch(leaves, t+after)
		return in - out
	}
	measured := plan.Measured()
	list := make([]ForecastPhase, len(plan.Phases))
	for i, p := range plan.Phases {
		// Who leaves at the moment when it ends has gone where they become fewer
		// one by one, and else leaves in what follows. At the very end all go.
		var gone time.Duration
		if p.Ramp && p.To < plan.Length {
			gone = 1
		}
		list[i] = ForecastPhase{
			p.Name, p.From.Seconds(), p.To.Seconds(), inWorld(p.From, 1), inWorld(p.To, gone), slices.Contains(measured, p.Name),
		}
	}
	return list
}

// forecastActions counts what the plan starts, or says how many that should be.
func forecastActions(plan *profiles.Plan) []ForecastBehavior {
	list := []ForecastBehavior{}
	var expected float64
	each := plan.ExpectedActions()
	for key, b := range plan.Profile.AllBehaviors() {
		n := each[len(list)]
		expected += n
		list = append(list, ForecastBehavior{Key: key, Do: b.Do, Actions: int64(n + 0.5), About: true})
	}
	if expected > mostCounted {
		return list
	}
	i := 0
	for _, b := range plan.Profile.AllBehaviors() {
		if b.Weight == 0 { // else the plan has no times, only the mean
			list[i].Actions, list[i].About = 0, false
		}
		i++
	}
	for _, s := range plan.Sessions {
		for actions := plan.Actions(s); ; {
			a, ok := actions.Next()
			if !ok {
				break
			}
			list[a.Behavior].Actions++
		}
	}
	return list
}
