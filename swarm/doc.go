// Package swarm turns a profile into agents: it logs them in by the plan,
// starts their actions when they are due, replaces those that the grid loses,
// logs them out, and hands what was measured to package results.
//
// A run is one controller, the goroutine of [Run], and a few shards. A shard is
// a circuit loop with the agents whose index falls to it; the loop's goroutine
// owns all of the shard's state. What blocks (a login, an action, a logout) has
// a goroutine for as long as it takes and reports back to the loop; an agent
// that waits for its next action has none. The controller only reads: once a
// second it has each loop hand over what it recorded.
package swarm
