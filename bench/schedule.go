package main

import "time"

// due gives how many packets are due after elapsed at so many a second.
func due(elapsed time.Duration, perSecond int) int {
	return int(int64(elapsed) * int64(perSecond) / int64(time.Second))
}

// schedule says what the simulator sends when: the messages go round the
// agents, so each agent gets its own at a phase of its own, and at any time
// half of what goes out is chat.
type schedule struct{ agents, rate int }

// due gives how many messages are due after elapsed, to all agents together.
func (s schedule) due(elapsed time.Duration) int { return due(elapsed, s.agents*s.rate) }

// turn is one message's.
type turn struct {
	agent int
	chat  bool // reliable ChatFromSimulator; else ImprovedTerseObjectUpdate
	ping  bool // StartPingCheck goes with it
}

// pingSeconds is how often a simulator pings a client: OpenSimulator's figure.
const pingSeconds = 5

// at gives whose turn message k is, and what it brings.
func (s schedule) at(k int) turn {
	agent, round := k%s.agents, k/s.agents
	return turn{agent: agent, chat: (round+agent)%2 == 0, ping: (round+agent)%(pingSeconds*s.rate) == 0}
}
