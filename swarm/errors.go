package swarm

import (
	"errors"
	"fmt"
)

// ConfigError is a run that can't be made as it was asked for.
type ConfigError struct{ Err error }

func (e *ConfigError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *ConfigError) Unwrap() error { return e.Err }

// UnreachableError is a grid that never answered.
type UnreachableError struct {
	LoginURI string
	Err      error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no grid answers at %s: %v; check the address, and that the grid is up", e.LoginURI, e.Err)
}

// Unwrap gives the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// RefusedError is a grid that let nobody in.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the grid refuses the accounts: %v; check names, password and where they start", e.Err)
}

// Unwrap gives the first refusal.
func (e *RefusedError) Unwrap() error { return e.Err }

// ErrAborted is a run that a threshold marked abort has ended.
var ErrAborted = errors.New("a threshold aborted the run")

// errRunEnded is why actions are cut off that outlive the plan.
var errRunEnded = &endError{}

type endError struct{}

func (*endError) Error() string  { return "the run has ended" }
func (*endError) Reason() string { return "run_ended" }
