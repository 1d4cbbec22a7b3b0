package swarm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// StatusSchema names the format of a Status as JSON.
const StatusSchema = "slload/status/1"

// The states of a run.
const (
	StateRunning = "running"
	StatePaused  = "paused"
	StateEnding  = "ending" // what is under way ends, and agents log out
)

// Status is the state of a run, up to its last second or change of phase.
type Status struct {
	Schema  string `json:"schema"`
	Run     string `json:"run"` // its id; "" of a share with a Sink
	Profile string `json:"profile"`
	State   string `json:"state"`
	Phase   string `json:"phase"`
	// PlanSeconds of PlannedSeconds are done. Seconds, since the run's start,
	// also counts the pauses.
	Seconds        float64         `json:"t_s"`
	PlanSeconds    float64         `json:"plan_s"`
	PlannedSeconds float64         `json:"planned_s"`
	PausedSeconds  float64         `json:"paused_s"`
	HandScaled     bool            `json:"hand_scaled"`
	Agents         results.Agents  `json:"agents"`
	Actions        results.Actions `json:"actions"`
	Verdict        results.Verdict `json:"verdict"` // so far
}

// What a run refuses, besides *ConfigError for a number of agents that can't be.
var (
	// ErrNotRunning is a run that has ended.
	ErrNotRunning = errors.New("the run has ended")
	// ErrEnding is a run that logs its agents out.
	ErrEnding = errors.New("the run is ending: its agents are logging out")
	// ErrPaused and ErrNotPaused are a run that is in that state already.
	ErrPaused    = errors.New("the run is paused already")
	ErrNotPaused = errors.New("the run is not paused")
)

// Control steers one run while it goes on. Any goroutine may use it; what is
// asked is done before a method returns. Its errors are those that a run refuses
// with, and the context's.
type Control struct {
	orders chan Order
	ended  chan struct{}
}

// What may be asked of a run.
const (
	OrderPause  = "pause"
	OrderResume = "resume"
	OrderScale  = "scale"
	OrderStatus = "status"
)

// Order is something that is asked of a run. Run answers it, or whoever has the
// run made by other processes: once, and for all orders.
type Order struct {
	What   string
	Agents int // of OrderScale
	answer chan<- answer
}

type answer struct {
	status Status
	err    error
}

// Answer tells that the order was carried out, or why not. The status is for
// OrderStatus.
func (o Order) Answer(status Status, err error) { o.answer <- answer{status, err} }

// NewControl makes the control of a run that is to be.
func NewControl() *Control {
	return &Control{orders: make(chan Order), ended: make(chan struct{})}
}

// Orders is where orders come from; nil without a Control.
func (c *Control) Orders() <-chan Order {
	if c == nil {
		return nil
	}
	return c.orders
}

// End tells that nobody carries orders out any more.
func (c *Control) End() {
	if c != nil {
		close(c.ended)
	}
}

func (c *Control) ask(ctx context.Context, what string, agents int) (Status, error) {
	done := make(chan answer, 1)
	select {
	case c.orders <- Order{what, agents, done}:
	case <-c.ended:
		return Status{}, ErrNotRunning
	case <-ctx.Done():
		return Status{}, fmt.Errorf("wait for the run: %w", ctx.Err())
	}
	select {
	case a := <-done:
		return a.status, a.err
	case <-ctx.Done(): // it is done all the same
		return Status{}, fmt.Errorf("wait for the run: %w", ctx.Err())
	}
}

// Pause has the plan stand still: no action and no login begins, agents stay in
// world, and what is under way ends. The pause is a phase of its own,
// profiles.PausedPhase, which no verdict is about.
func (c *Control) Pause(ctx context.Context) error {
	_, err := c.ask(ctx, OrderPause, 0)
	return err
}

// Resume has the plan go on where it stood.
func (c *Control) Resume(ctx context.Context) error {
	_, err := c.ask(ctx, OrderResume, 0)
	return err
}

// Scale has n agents from now on, whatever the plan says: more log in at the
// profile's login rate, those that came last log out, and nobody else comes or
// goes by plan. The run is marked as scaled by hand.
func (c *Control) Scale(ctx context.Context, n int) error {
	_, err := c.ask(ctx, OrderScale, n)
	return err
}

// Status tells how the run stands.
func (c *Control) Status(ctx context.Context) (Status, error) { return c.ask(ctx, OrderStatus, 0) }

// hand is what was asked of the run while it goes on. Run's goroutine owns it.
type hand struct {
	pauses   time.Duration   // those that have ended
	since    circuit.Instant // when the one that goes on began; 0: there is none
	scaled   bool            // target is somebody's, not the plan's
	target   int             //
	accounts map[int]int     // of the agents beyond the plan
	last     results.Sample  // of the run
	ending   bool            // the plan is over
}

func (h *hand) paused() bool { return h.since != 0 }

// pausedFor is for how long the plan has stood still up to now.
func (h *hand) pausedFor(now circuit.Instant) time.Duration {
	if h.since == 0 {
		return h.pauses
	}
	return h.pauses + now.Sub(h.since)
}

// obey carries an order out.
func (s *swarm) obey(o Order) {
	switch o.What {
	case OrderPause:
		o.Answer(Status{}, s.pause())
	case OrderResume:
		o.Answer(Status{}, s.resume())
	case OrderScale:
		o.Answer(Status{}, s.scale(o.Agents))
	default:
		o.Answer(s.status(), nil)
	}
}

// steered notes what was asked.
func (s *swarm) steered(what string, scaled bool) {
	t := circuit.Now().Sub(s.start)
	s.log.Info("steered by hand", "what", what, "t", t)
	if s.dir != nil {
		s.warn(s.dir.Steered(t, what, scaled))
	}
}

func (s *swarm) pause() error {
	switch {
	case s.hand.ending:
		return ErrEnding
	case s.hand.paused():
		return ErrPaused
	}
	s.steered("pause", false)
	s.hand.since = circuit.Now()
	s.gate.shut()
	for _, sh := range s.shards {
		sh.call(func(circuit.Instant) { sh.pause(s.hand.since) })
	}
	s.beginPhase(profiles.PausedPhase)
	return nil
}

func (s *swarm) resume() error {
	switch {
	case s.hand.ending:
		return ErrEnding
	case !s.hand.paused():
		return ErrNotPaused
	}
	s.steered("resume", false)
	length := circuit.Now().Sub(s.hand.since)
	s.hand.pauses, s.hand.since = s.hand.pauses+length, 0
	s.beginPhase(s.phaseName())
	s.gate.open(length) // first: who begins to log in now has not waited
	for _, sh := range s.shards {
		sh.call(func(circuit.Instant) { sh.resume(length) })
	}
	return nil
}

// handScaled tells whether the number of agents is anybody's but the profile's,
// also before the run was resumed.
func (s *swarm) handScaled() bool {
	return s.hand.scaled || s.cfg.Profile.HandScaled || s.cfg.Resume != nil && s.cfg.Resume.HandScaled
}

func (s *swarm) status() Status {
	now := s.planTime(s.start.Add(s.hand.last.T))
	status := Status{
		Schema: StatusSchema, Profile: s.cfg.Profile.Name, State: StateRunning, Phase: s.phaseName(),
		Seconds: ms(s.hand.last.T.Seconds()), PlanSeconds: ms(now.Seconds()), PlannedSeconds: s.plan.Length.Seconds(),
		PausedSeconds: ms((s.hand.last.T - now).Seconds()), HandScaled: s.handScaled(),
		Agents: s.hand.last.Agents, Actions: s.hand.last.Actions,
	}
	if s.dir != nil { // which also knows what was before the run was resumed
		p := s.dir.Progress()
		status.Run, status.Agents, status.Actions, status.Verdict = s.dir.ID(), p.Agents, p.Actions, s.dir.Verdict()
	}
	status.Agents.Target = s.targetAt(now)
	switch {
	case s.hand.ending:
		status.State = StateEnding
	case s.hand.paused():
		status.State = StatePaused
	}
	return status
}
