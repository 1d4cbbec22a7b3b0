// Package agent is one avatar in a Second Life or OpenSimulator grid: it logs
// in, enters a region, talks, moves, sees, and logs out.
//
// An idle [Agent] is a struct: it has no goroutine and no socket of its own
// but the long poll of its event queue. A [circuit.Loop] owns its state and
// runs its callbacks; exported methods may be called from any goroutine but
// the loop's, block until what they promise has happened, and end with their
// context.
//
// The library measures nothing: what can be measured is reported to the
// [circuit.Observer] in [Options]. Package behaviors plays agents, package
// swarm runs many.
package agent
