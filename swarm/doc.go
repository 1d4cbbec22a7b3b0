// Package swarm turns a profile into agents: it logs them in by the plan,
// starts their actions when they are due, replaces those that the grid loses,
// logs them out, and hands what was measured to package results.
//
// A run is the goroutine of [Run] and a few shards. A shard is
// a circuit loop with the agents whose index falls to it; the loop's goroutine
// owns all of the shard's state. What blocks (a login, an action, a logout) has
// a goroutine for as long as it takes and reports back to the loop; an agent
// that waits for its next action has none. Run's goroutine only reads: once a
// second it has each loop hand over what it recorded.
//
// A run on several machines is the same run cut into shares, one a process:
// [Config].Share. A run on one machine is share 0:1. Each share knows its agents,
// accounts and actions from the profile, the seed and the share alone. What bounds
// the load on the grid (login rates, logins and connections under way, logouts,
// what is tried again) is the whole's, and each share has its part of it; what
// bounds the machine is the share's own. Partners are drawn within a share. A
// process may have two shares at once, of which only the figures of the process
// and the limit of its file descriptors are shared.
package swarm
