package behaviors

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/slload/slload/agent"
)

// Check is one of the smoke test's: a behaviour with arguments, as
// ArgsFromText takes them.
type Check struct {
	Name     string
	Behavior string
	With     map[string]string
}

// checks are the smoke test's, in their order: those first that want nobody in
// world, and those that want two agents last.
var checks = []Check{
	{"wrong password refused", "wrong_password", nil},
	{"login and logout", "agent_login", nil},
	{"region connected", "region_connect", nil},
	{"capabilities answer", "capabilities", nil},
	{"chat echo", "chat", nil},
	{"IM to self", "im_to_self", nil},
	{"walk", "walk", nil},
	{"fly", "fly", nil},
	{"fall", "fall", nil},
	{"create and take a box", "object_take", nil},
	{"script says hello", "object_create_rez_script", nil},
	{"map", "map_block", nil},
	{"parcel", "parcel_management", nil},
	{"teleport", "teleport", map[string]string{"back": "true"}},
	{"cross a border", "cross", map[string]string{"back": "true"}},
	{"note create, verify, remove", "note", nil},
	{"inventory", "inventory_handling", nil},
	{"chat and IM to another", "chat_and_instant_messaging", nil},
	{"group chat", "group_chat", nil},
	{"IM to somebody away", "fetch_offline_ims", nil},
}

// Checks gives the checks of the smoke test.
func Checks() []Check { return append([]Check(nil), checks...) }

// Status is how a check ended.
type Status string

// A check is skipped that this grid, or these accounts, don't allow.
const (
	Pass Status = "pass"
	Fail Status = "fail"
	Skip Status = "skip"
)

// CheckResult is how a check ended. Detail is why it failed or was skipped, or
// the last thing that it found out; Err is the failure.
type CheckResult struct {
	Name   string
	Status Status
	Took   time.Duration
	Detail string
	Err    error
}

// checkLimit is how long a check may take, its agents' logins included.
const checkLimit = 30 * time.Second

// RunChecks plays checks one after another with the accounts of c.LoggedOut,
// which it logs in and out as each wants them, and tells done of each. Where
// done gives an error it goes no further, and gives that; else it gives the
// context's, or nil, however the checks ended.
func RunChecks(ctx context.Context, c *Cast, list []Check, done func(CheckResult) error) error {
	r := &checker{cast: c, in: make([]*agent.Agent, len(c.LoggedOut))}
	defer r.clear(0)
	for _, check := range list {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := done(r.run(ctx, check)); err != nil {
			return err
		}
	}
	return nil
}

// checker has the smoke test's accounts, and who of them is in world.
type checker struct {
	cast *Cast
	in   []*agent.Agent // nil for who is logged out
}

func (r *checker) run(ctx context.Context, check Check) CheckResult {
	over := fmt.Errorf("it wasn't done within %v: %w", checkLimit, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(ctx, checkLimit, over)
	defer cancel()
	begin := time.Now()
	notes := &lastNote{Narrator: r.cast.Narrator}
	err := r.cast.Step(check.Name, func() error { return r.play(ctx, check, notes) })
	result := CheckResult{Name: check.Name, Status: Pass, Took: time.Since(begin), Detail: notes.last}
	if err == nil {
		return result
	}
	var step *StepError
	if errors.As(err, &step) {
		err = step.Err // the check's own name is told anyway
	}
	result.Status, result.Detail, result.Err = Fail, err.Error(), err
	var unsupported *SkipError
	var lacking *agent.NoCapabilityError
	switch {
	case errors.As(err, &unsupported):
		result.Status, result.Detail = Skip, unsupported.Lacks
	case errors.As(err, &lacking):
		result.Status, result.Detail = Skip, lacking.Error()
	}
	return result
}

// play has the accounts that the check wants ready, and plays its behaviour.
func (r *checker) play(ctx context.Context, check Check, notes *lastNote) error {
	b, err := Lookup(check.Behavior)
	if err != nil {
		return err
	}
	args, err := b.ArgsFromText(check.With)
	if err != nil {
		return err
	}
	if b.Accounts() > len(r.in) {
		return &SkipError{fmt.Sprintf("it takes %d accounts, and there is %d", b.Accounts(), len(r.in))}
	}
	cast := Cast{Args: args, Narrator: notes, Rand: rand.New(rand.NewPCG(r.cast.Rand.Uint64(), 0))}
	r.clear(b.Agents)
	for i := range b.Agents {
		if err := r.enter(ctx, i); err != nil {
			return err
		}
	}
	cast.Agents = r.in[:b.Agents:b.Agents]
	cast.LoggedOut = r.cast.LoggedOut[b.Agents:b.Accounts()]
	return b.Run(ctx, &cast)
}

// enter gets an account's agent into world, where it isn't; the others come to
// where the first is, so that they see and hear each other.
func (r *checker) enter(ctx context.Context, i int) error {
	if r.in[i] != nil && r.in[i].Err() == nil {
		return nil
	}
	a, err := r.cast.login(ctx, r.cast.LoggedOut[i])
	if err != nil {
		return err
	}
	r.in[i] = a
	if i > 0 {
		return nil
	}
	s, err := a.State(ctx)
	if err != nil {
		return err
	}
	for j := range r.in[1:] {
		r.cast.LoggedOut[j+1].Start = s.Start()
	}
	return nil
}

// clear logs out who is in world, from the account i on.
func (r *checker) clear(i int) {
	for ; i < len(r.in); i++ {
		if a := r.in[i]; a != nil && a.Err() == nil {
			_ = r.cast.logout(a) // its step tells; a check that it harms fails by itself
		}
		r.in[i] = nil
	}
}

// lastNote keeps the last note of a play.
type lastNote struct {
	Narrator
	last string
}

func (n *lastNote) Begin(step string) func(error) {
	if n.Narrator == nil {
		return func(error) {}
	}
	return n.Narrator.Begin(step)
}

func (n *lastNote) Note(text string) {
	n.last = text
	if n.Narrator != nil {
		n.Narrator.Note(text)
	}
}

var smokeTest = Behavior{
	Name:       "smoke_test",
	Summary:    "plays the checks of slload smoke, one after another",
	LoggedOut:  2,
	Neighbours: true,
	Limit:      10 * time.Minute, // checkLimit is each check's
	Run: func(ctx context.Context, c *Cast) error {
		var failed error
		counts := map[Status]int{}
		err := RunChecks(ctx, c, Checks(), func(result CheckResult) error {
			counts[result.Status]++
			if result.Status == Fail {
				failed = errors.Join(failed, &StepError{result.Name, result.Err})
			}
			return nil
		})
		c.Note("%d passed, %d failed, %d skipped", counts[Pass], counts[Fail], counts[Skip])
		return errors.Join(err, failed)
	},
}

// The smoke test looks behaviours up, so it can't be in the list from the
// beginning.
func init() { registry = append(registry, &smokeTest) }
