package behaviors

import (
	"errors"
	"fmt"
)

// Narrator is told how a behaviour goes on while it is played. Behaviours of
// several goroutines call it from each of them.
type Narrator interface {
	// Begin tells that a step begins; what it returns is called when the step
	// has ended, with its failure or nil.
	Begin(step string) (end func(err error))
	// Note tells what a behaviour found out: "the region is A, 256 m wide".
	Note(text string)
}

// StepError is a behaviour that failed, and at which of its steps.
type StepError struct {
	Step string
	Err  error
}

func (e *StepError) Error() string { return fmt.Sprintf("%s: %v", e.Step, e.Err) }

// Unwrap gives the cause.
func (e *StepError) Unwrap() error { return e.Err }

// SkipError is what a behaviour gives that this grid or these accounts don't
// allow, where that is no fault of theirs: Reason says what lacks. The smoke
// test skips such a check; elsewhere it is a failure like others.
type SkipError struct{ Lacks string }

func (e *SkipError) Error() string { return "can't be played here: " + e.Lacks }

// Reason is the word by which a run counts this failure.
func (e *SkipError) Reason() string { return "unsupported" }

// Step does one named part of a behaviour: "create a box". The narrator is
// told of its begin and end. Its failure is a *StepError with that name.
func (c *Cast) Step(what string, do func() error) error {
	end := func(error) {}
	if c.Narrator != nil {
		end = c.Narrator.Begin(what)
	}
	err := do()
	if errors.Is(err, errCut) {
		end(nil)
	} else {
		end(err)
	}
	if err != nil {
		return &StepError{what, err}
	}
	return nil
}

// Note tells the narrator something that was found out.
func (c *Cast) Note(format string, args ...any) {
	if c.Narrator != nil {
		c.Narrator.Note(fmt.Sprintf(format, args...))
	}
}
