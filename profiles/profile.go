package profiles

import "github.com/slload/slload/testgrid/faults"

// Profile is the plan of a run: the grid, the agents, what they do, and what
// the run is judged by. Fields are the keys of the YAML file in its order.
// Begin from New: the zero value lacks the defaults.
type Profile struct {
	Name        string `yaml:"name" json:"name"`
	Description string `yaml:"description,omitempty" json:"description,omitempty"`
	// HandScaled tells that Scale changed the number of agents that the
	// profile's author wrote.
	HandScaled bool          `yaml:"hand_scaled,omitempty" json:"hand_scaled,omitempty"`
	Grid       Grid          `yaml:"grid,omitempty" json:"grid"`
	Accounts   AccountSource `yaml:"accounts,omitempty" json:"accounts"`
	Agents     Agents        `yaml:"agents,omitempty" json:"agents"`
	Agent      Agent         `yaml:"agent" json:"agent"`
	// Warmup follows the first stage: the swarm stays at that stage's target
	// for this long, and what is measured meanwhile is marked. Every agent is
	// in world by then, so connection set-up stays out of it.
	Warmup Duration `yaml:"warmup,omitempty" json:"warmup"`
	// Cooldown follows the last stage: the swarm stays as that stage left it
	// for this long, and what is measured meanwhile is marked, so that what
	// begins in the measured part can end there.
	Cooldown Duration `yaml:"cooldown,omitempty" json:"cooldown,omitempty"`
	// Think is Group.Think of a profile without groups.
	Think     Duration   `yaml:"think,omitempty" json:"think,omitempty"`
	Behaviors []Behavior `yaml:"behaviors,omitempty" json:"behaviors,omitempty"`
	// Groups are several sets of agents and behaviours, in place of Agents,
	// Think and Behaviors. The first stages of all groups begin together; the
	// warm-up follows when the longest of them has ended. A group that is
	// through with its stages stays as they left it until the others are.
	Groups     []Group     `yaml:"groups,omitempty" json:"groups,omitempty"`
	Thresholds []Threshold `yaml:"thresholds,omitempty" json:"thresholds,omitempty"`
	// Primary names the operations that a comparison of runs judges.
	Primary   []string  `yaml:"primary,omitempty" json:"primary,omitempty"`
	OnLoss    OnLoss    `yaml:"on_loss" json:"on_loss"`
	Placement Placement `yaml:"placement,omitempty" json:"placement"`
	// Faults are what goes wrong on purpose in the embedded grid.
	Faults []faults.Fault `yaml:"faults,omitempty" json:"faults,omitempty"`
	// Seed makes the plan repeatable; 0 leaves the choice to whoever runs it.
	Seed uint64 `yaml:"seed,omitempty" json:"seed,omitempty"`
}

// Grid is where the agents log in.
type Grid struct {
	// LoginURI is the address of the login service; empty means the embedded
	// grid.
	LoginURI string `yaml:"login_uri,omitempty" json:"login_uri,omitempty"`
	// LoginProtocol is how agents log in; empty: XMLRPC.
	LoginProtocol LoginProtocol `yaml:"login_protocol,omitempty" json:"login_protocol,omitempty"`
	// Start is the start location of a login: last, home, or uri:Region&x&y&z.
	Start string `yaml:"start,omitempty" json:"start,omitempty"`
}

// LoginProtocol is the protocol of a login.
type LoginProtocol string

// The protocols.
const (
	XMLRPC LoginProtocol = "xmlrpc" // as viewers log in
	LLSD   LoginProtocol = "llsd"   // the same as LLSD
	OGP    LoginProtocol = "ogp"    // by an agent domain (Open Grid Protocol)
)

// AccountSource says where the agents' accounts come from: a pattern of names,
// or a CSV file. It never holds a password.
type AccountSource struct {
	// First and Last are the pattern; {n} is replaced by 1, 2, 3 and so on.
	// Both empty: "Load" and "Bot{n}".
	First string `yaml:"first,omitempty" json:"first,omitempty"`
	Last  string `yaml:"last,omitempty" json:"last,omitempty"`
	// PasswordEnv names the environment variable of the password that all
	// accounts share; empty: SLLOAD_PASSWORD.
	PasswordEnv string `yaml:"password_env,omitempty" json:"password_env,omitempty"`
	// CSV is a file with the header first,last,password; an empty password
	// means the one in PasswordEnv.
	CSV string `yaml:"csv,omitempty" json:"csv,omitempty"`
}

// Executor is the way in which agents come and go.
type Executor string

// The executors.
const (
	// ConstantAgents logs Count agents in at LoginRate and keeps them for
	// Duration.
	ConstantAgents Executor = "constant-agents"
	// RampingAgents follows Stages.
	RampingAgents Executor = "ramping-agents"
	// Stairs climbs to Count agents in steps of Step agents, one each Every.
	Stairs Executor = "stairs"
	// ArrivalRate lets sessions arrive at LoginRate for Duration, whatever the
	// grid makes of it; each logs in, stays for Stay and logs out.
	ArrivalRate Executor = "arrival-rate"
)

// Agents says how many agents there are, and when.
type Agents struct {
	Executor Executor `yaml:"executor" json:"executor"`
	// Count is the number of agents (constant-agents, stairs).
	Count int `yaml:"count,omitempty" json:"count,omitempty"`
	// Duration is how long the agents stay after the last of them logged in
	// (constant-agents), or for how long sessions arrive (arrival-rate).
	Duration Duration `yaml:"duration,omitempty" json:"duration,omitempty"`
	// LoginRate is the most logins a second by plan, over all shares.
	LoginRate Rate `yaml:"login_rate" json:"login_rate"`
	// Stages are the targets that ramping-agents goes to, one after another,
	// from 0 agents on.
	Stages []Stage `yaml:"stages,omitempty" json:"stages,omitempty"`
	// Step and Every are the stairs: Step agents more each Every.
	Step  int      `yaml:"step,omitempty" json:"step,omitempty"`
	Every Duration `yaml:"every,omitempty" json:"every,omitempty"`
	// Stay is how long a session of arrival-rate lasts.
	Stay Duration `yaml:"stay,omitempty" json:"stay,omitempty"`
}

// Stage is a linear change of the number of agents: to To agents over Over. A
// rising stage that lasts 0s rises as fast as the login rate allows, a falling
// one falls at once.
type Stage struct {
	Over Duration `yaml:"over" json:"over"`
	To   int      `yaml:"to" json:"to"`
}

// Agent says how each agent behaves on the wire.
type Agent struct {
	// UpdateRate is the rate of AgentUpdate while the avatar moves,
	// IdleUpdateRate while it rests.
	UpdateRate     Rate `yaml:"update_rate" json:"update_rate"`
	IdleUpdateRate Rate `yaml:"idle_update_rate" json:"idle_update_rate"`
	// EventQueue tells whether the agent fetches its seed capability and polls
	// the event queue, as a viewer does.
	EventQueue bool `yaml:"event_queue" json:"event_queue"`
	// Neighbours tells whether it opens circuits to the regions around its own.
	Neighbours bool `yaml:"neighbours" json:"neighbours"`
	// Throttle is what the agent asks the simulator to send at most.
	Throttle BitRate `yaml:"throttle" json:"throttle"`
	// DrawDistance is in metres.
	DrawDistance float64 `yaml:"draw_distance" json:"draw_distance"`
}

// Behavior is one thing that every agent does again and again. It has one of
// Rate, SwarmRate and Weight.
type Behavior struct {
	// Do is the behaviour's name.
	Do string `yaml:"do" json:"do"`
	// Rate is how often one agent starts it.
	Rate Rate `yaml:"rate,omitempty" json:"rate"`
	// SwarmRate is how often all agents of the set together start it, however
	// many there are by plan: each has its part of it. Scale leaves it as it is.
	SwarmRate Rate `yaml:"swarm_rate,omitempty" json:"swarm_rate,omitempty"`
	// Weight is how often it is chosen, beside the weights of the others, by an
	// agent that thinks, does one thing, and thinks again.
	Weight int `yaml:"weight,omitempty" json:"weight,omitempty"`
	// With are its parameters: strings, ints, float64s, bools, and lists
	// ([]any) and maps (map[string]any) of those.
	With map[string]any `yaml:"with,omitempty" json:"with,omitempty"`
	// Even spaces the starts evenly from a random phase; otherwise they arrive
	// as a Poisson process.
	Even bool `yaml:"even,omitempty" json:"even,omitempty"`
}

// OnLoss says what happens when the grid drops an agent.
type OnLoss string

// What to do about a lost agent.
const (
	// Relogin logs the same account in again.
	Relogin OnLoss = "relogin"
	// Replace logs another account in for it.
	Replace OnLoss = "replace"
	// Leave goes on without it.
	Leave OnLoss = "leave"
)

// Layout is how agents are spread over a region.
type Layout string

// The layouts.
const (
	// Crowd puts all agents at one spot.
	Crowd Layout = "crowd"
	// Spread gives each agent a random spot of its own.
	Spread Layout = "spread"
)

// Placement says where agents log in: it takes the place of Grid.Start. The
// zero value places nobody.
type Placement struct {
	// Regions are region names, filled in turn by agent.
	Regions []string `yaml:"regions,omitempty" json:"regions,omitempty"`
	Layout  Layout   `yaml:"layout,omitempty" json:"layout,omitempty"`
	// Spot is where a crowd stands, in metres from the region's south-west
	// corner; its z is also the height at which agents are spread. Left out:
	// the middle of a 256 m region, 25 m up.
	Spot []float64 `yaml:"spot,omitempty" json:"spot,omitempty"`
}

// The defaults that need a name elsewhere.
const (
	DefaultPasswordEnv = "SLLOAD_PASSWORD"
	defaultFirst       = "Load"
	defaultLast        = "Bot{n}"
	defaultLoginRate   = 10
)

// New returns a profile that holds the defaults, and no agents or behaviours
// yet.
func New() *Profile {
	return &Profile{
		Grid:   Grid{Start: "last"},
		Agents: Agents{LoginRate: defaultLoginRate},
		Agent: Agent{
			UpdateRate:     10,
			IdleUpdateRate: 1,
			EventQueue:     true,
			// A simulator that shares 6.25 MB/s among its clients gives fifty
			// of them this much each.
			Throttle:     1_000_000,
			DrawDistance: 128,
		},
		OnLoss: Relogin,
	}
}
