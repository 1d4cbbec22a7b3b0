package behaviors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slload/slload/agent"
)

// duration is the parameter of behaviours that would never end by themselves.
var duration = Param{"duration", 10 * time.Second, "how long it goes on"}

// logoutTime bounds a logout that follows a behaviour, whose own time may be
// over by then.
const logoutTime = 10 * time.Second

// login logs an account in, as a step.
func (c *Cast) login(ctx context.Context, opt agent.Options) (a *agent.Agent, err error) {
	err = c.Step("log in "+opt.Account.Name(), func() error {
		a, err = agent.Login(ctx, opt)
		return err
	})
	return a, err
}

// visit logs an account in, has stay live there, and logs it out again, also
// when stay failed or ctx has ended.
func (c *Cast) visit(ctx context.Context, opt agent.Options, stay func(a *agent.Agent) error) error {
	a, err := c.login(ctx, opt)
	if err != nil {
		return err
	}
	err = stay(a)
	return errors.Join(err, c.logout(a))
}

// logout logs an agent out, as a step, whatever the play's context says.
func (c *Cast) logout(a *agent.Agent) error {
	ctx, cancel := context.WithTimeout(context.Background(), logoutTime)
	defer cancel()
	return c.Step("log out "+a.String(), func() error { return a.Logout(ctx) })
}

// errCut is a pause in the middle of which the play ended: it is no failure.
var errCut = errors.New("the play ended")

// rest waits for d. It gives errCut when ctx ends before or the agent logs
// out, and the *agent.LostError of one that is lost.
func rest(ctx context.Context, a *agent.Agent, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errCut
	case <-a.Done():
		if err := a.Err(); err != nil {
			return err
		}
		return errCut
	}
}

// goOn plays each again and again until the parameter duration has passed, or
// the play ends. Left is what is left of it.
func (c *Cast) goOn(ctx context.Context, each func(left time.Duration) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	end := time.Now().Add(c.Args.Duration(duration.Name))
	for left := time.Until(end); left > 0; left = time.Until(end) {
		err := each(left)
		if errors.Is(err, errCut) || errors.Is(err, agent.ErrLoggedOut) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// glance is how often a behaviour looks for what no event tells.
const glance = 100 * time.Millisecond

// see waits until the agent's state is as seen wants it. What names that in
// errors.
func see(ctx context.Context, a *agent.Agent, what string, seen func(agent.State) bool) (agent.State, error) {
	tick := time.NewTicker(glance)
	defer tick.Stop()
	var last agent.State
	for {
		s, err := a.State(ctx)
		switch {
		case ctx.Err() != nil:
			p := last.Position
			return last, fmt.Errorf("wait for %s, at %.1f, %.1f, %.1f: %w", what, p.X, p.Y, p.Z, context.Cause(ctx))
		case err != nil || seen(s):
			return s, err
		}
		last = s
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}
