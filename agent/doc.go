// Package agent is one avatar in a Second Life or OpenSimulator grid: it logs
// in, enters a region, talks, moves, sees, and logs out.
//
// An idle [Agent] is a struct: it has no goroutine and no socket of its own
// but the long poll of its event queue. A [circuit.Loop] owns its state and
// runs its callbacks; exported methods may be called from any goroutine but
// the loop's, block until what they promise has happened, and end with their
// context.
//
// Places are metres, from the region's south-west corner unless a field says
// otherwise; angles are radians counter-clockwise from east; money is L$.
//
// # Errors
//
// A call that doesn't come to its end says what it waited for, and wraps why:
// the cause of its context's end, [ErrLoggedOut], a [*LostError] where the agent
// left the world in another way, or circuit.ErrStopped where its loop has ended.
// Simulators refuse most things in silence, so a call needs a deadline: a
// refusal is then context.DeadlineExceeded.
//
// What a grid refuses in words, or hasn't got, has a type, such as
// [*TeleportError], [*GroupError] and [*NoCapabilityError]; a capability that
// fails is a *caps.StatusError or a *caps.BodyError. Those that a run counts
// have the word for it as Reason().
//
// The library measures nothing: what can be measured is reported to the
// [circuit.Observer] in [Options]. Package behaviors plays agents, package
// swarm runs many.
package agent
