package profiles

import (
	"errors"
	"iter"
	"time"
)

var errTODO = errors.New("profiles: not built yet")

// Share cuts a swarm: share Index of Count.
type Share struct{ Index, Count int }

// Session is one stay of one agent in world, from login to logout.
type Session struct {
	// Agent counts from 0 over all shares; it is also the account's index.
	Agent int
	// Nth counts this agent's sessions from 0.
	Nth int
	// Login and Leave are offsets from the run's start.
	Login, Leave time.Duration
}

// Phase is a stretch of the run that the summary tells apart: "stage 1",
// "warmup", "stage 2" and so on.
type Phase struct {
	Name     string
	From, To time.Duration
}

// Plan is the schedule of one share of a run.
type Plan struct {
	Profile  *Profile
	Seed     uint64
	Share    Share
	Sessions []Session // of this share, by Login
	Phases   []Phase   // by From, without gaps
	Length   time.Duration
	Peak     int // agents at the same time at most, over all shares
	Agents   int // different agents, over all shares: Session.Agent is below it
}

// Action is one start of a behaviour.
type Action struct {
	At       time.Duration // since the session's planned login
	Behavior int           // index in Profile.Behaviors
	Seed     uint64        // for all that the action draws
}

// Actions is the stream of one session's actions, by At.
type Actions struct{}

// Next returns the next action; ok is false after the last.
func (a *Actions) Next() (action Action, ok bool) { return Action{}, false }

// NewPlan makes the plan of one share.
func NewPlan(p *Profile, seed uint64, share Share) (*Plan, error) { return nil, errTODO }

// Actions returns the actions of one session.
func (p *Plan) Actions(s Session) *Actions { return nil }

// Partners yields the share's other agents in an order drawn by seed.
func (p *Plan) Partners(agent int, seed uint64) iter.Seq[int] { return nil }

// Load reads a built-in profile by name, or a file.
func Load(nameOrPath string) (*Profile, error) { return nil, errTODO }

// Parse reads a profile; file is for its errors.
func Parse(data []byte, file string) (*Profile, error) { return nil, errTODO }

// Builtins lists the names of the built-in profiles.
func Builtins() []string { return nil }

// Resolve fills in what follows from other keys and checks the profile.
func (p *Profile) Resolve() error { return errTODO }

// Scale scales the plan to a peak of agents.
func (p *Profile) Scale(agents int) error { return errTODO }

// Fit makes the whole plan last d.
func (p *Profile) Fit(d time.Duration) error { return errTODO }

// Peak is the most agents at the same time.
func (p *Profile) Peak() int { return 0 }

// SHA256 is the hash of the effective plan in hexadecimal.
func (p *Profile) SHA256() string { return "" }

// Marshal writes the effective profile as YAML.
func (p *Profile) Marshal() ([]byte, error) { return nil, errTODO }

// Secret is a string that prints as asterisks; string(s) is what it hides.
type Secret string

// Account is one login.
type Account struct {
	First, Last string
	Password    Secret
}

// Accounts are the logins of a run.
type Accounts struct{}

// Open reads the accounts; getenv is os.Getenv or a stand-in.
func (s AccountSource) Open(getenv func(string) string) (*Accounts, error) { return nil, errTODO }

// At is the account of agent i, which must be below Len.
func (a *Accounts) At(i int) Account { return Account{} }

// Len is the number of accounts; a pattern has math.MaxInt of them.
func (a *Accounts) Len() int { return 0 }

// Enough is nil if there are at least n accounts.
func (a *Accounts) Enough(n int) error { return errTODO }
