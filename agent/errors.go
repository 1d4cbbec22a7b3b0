package agent

import (
	"github.com/slload/slload/internal/reason"
)

// LostError is why an agent left the world without logging out.
type LostError struct {
	Cause error
}

func (e *LostError) Error() string { return "the agent lost its region: " + e.Cause.Error() }

// Unwrap gives the circuit's or the simulator's reason.
func (e *LostError) Unwrap() error { return e.Cause }

// Reason is the word by which a run counts this.
func (e *LostError) Reason() string { return "lost_" + reason.Of(e.Cause) }

// KickedError is a simulator that threw the agent out, with its words for it
// on one line of 200 characters at most.
type KickedError struct{ Message string }

func (e *KickedError) Error() string { return "the simulator threw the agent out: " + e.Message }

// Reason is the word by which a run counts this.
func (e *KickedError) Reason() string { return "kicked" }

// failure is an error that callers compare with and that runs count.
type failure struct{ reason, text string }

func (e *failure) Error() string  { return e.text }
func (e *failure) Reason() string { return e.reason }

var (
	// ErrLoggedOut is returned by calls to an agent that has logged out, or is
	// about to.
	ErrLoggedOut error = &failure{agentLeft, "the agent has logged out"}

	errDisabled = &failure{"disabled", "the simulator ended the circuit (DisableSimulator)"}
	errNoQueue  = &failure{"no_event_queue", "the seed capability gave no EventQueueGet"}
	errNoReply  = &failure{"no_reply", "the simulator forgot the agent without a LogoutReply"}
)

// agentLeft is the reason of what an agent that left the world didn't hear.
const agentLeft = "agent_left"
