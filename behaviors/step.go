package behaviors

import "fmt"

// StepError is a behaviour that failed, and at which of its steps.
type StepError struct {
	Step string
	Err  error
}

func (e *StepError) Error() string { return fmt.Sprintf("%s: %v", e.Step, e.Err) }

// Unwrap gives the cause.
func (e *StepError) Unwrap() error { return e.Err }

// Step does one named part of a behaviour: "create a box". Its failure is a
// *StepError with that name.
func (c *Cast) Step(what string, do func() error) error {
	if err := do(); err != nil {
		return &StepError{what, err}
	}
	return nil
}
