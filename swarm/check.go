package swarm

import (
	"errors"

	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/internal/nearest"
	"github.com/slload/slload/profiles"
)

// play is a behaviour as the profile has it.
type play struct {
	behavior *behaviors.Behavior
	args     behaviors.Args
}

// CheckProfile finds what is wrong with a profile beyond its own form: behaviours that
// there aren't, or that no swarm can play, their parameters, and settings of
// agents that don't go together. It is for profiles.Load.
func CheckProfile(p *profiles.Profile) profiles.Errors {
	_, errs := plays(p)
	if a := p.Agent; a.Neighbours && !a.EventQueue {
		errs = append(errs, &profiles.Error{
			Key: "agent.neighbours", Problem: "needs agent.event_queue: true, which tells of neighbours",
		})
	}
	return errs
}

// plays finds the profile's behaviours and fills their parameters.
func plays(p *profiles.Profile) (found []play, errs profiles.Errors) {
	for key, want := range p.AllBehaviors() {
		b, err := behaviors.Lookup(want.Do)
		if err != nil {
			errs = append(errs, &profiles.Error{Key: key + ".do", Problem: err.Error(), Err: err})
			continue
		}
		if b.Reads {
			errs = append(errs, &profiles.Error{
				Key: key + ".do", Problem: b.Name + " takes what a person types: it is for slload play",
			})
		}
		if b.Neighbours && !p.Agent.Neighbours {
			errs = append(errs, &profiles.Error{Key: key + ".do", Problem: b.Name + " needs agent.neighbours: true"})
		}
		args, err := b.Args(want.With)
		errs = append(errs, wrongParams(key, err)...)
		found = append(found, play{b, args})
	}
	return found, errs
}

// wrongParams tells of each parameter that Args joined into err.
func wrongParams(key string, err error) (errs profiles.Errors) {
	var joined interface{ Unwrap() []error }
	if !errors.As(err, &joined) {
		return nil
	}
	for _, err := range joined.Unwrap() {
		e := &profiles.Error{Key: key + ".with", Problem: err.Error(), Err: err}
		var p *behaviors.ParamError
		if errors.As(err, &p) {
			e.Key += "." + p.Param
			e.Problem += nearest.Hint(p.Param, p.Known)
		}
		errs = append(errs, e)
	}
	return errs
}

// loggedOut is how many accounts the behaviours need besides those of the
// agents that the plan has in world: for one of each action at a time.
func loggedOut(plays []play) (most int) {
	for _, p := range plays {
		most = max(most, p.behavior.LoggedOut)
	}
	return most
}
