// Package profiles holds a run's plan as data: what a profile file says, and
// the schedule that follows from it.
//
// A [Profile] is read from YAML by [Load] or [Parse], or built in Go from
// [New]; both ways it ends as an effective profile, every default filled in
// and every value checked, which [Profile.Marshal] writes back. [NewPlan]
// turns an effective profile and a seed into a [Plan]: when each agent logs in
// and leaves, and what it does in between. The plan is a pure function of
// (profile, seed, share, agent), so that a run can be repeated and a swarm can
// be cut into shares that need not speak to each other.
//
// The package knows behaviours by name only and agents not at all: package
// swarm joins plans, behaviours and agents, package results judges the
// thresholds that are parsed here.
package profiles
