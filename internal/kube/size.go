package kube

import "fmt"

// What a worker takes, from what docs/performance.md has measured.
const (
	// agentsPerCore is how many walking agents keep one core 70 % busy: 3,450
	// took 72 %.
	agentsPerCore = 3300
	// agentKiB is the memory of the whole process for each agent: 39.1 KiB at
	// 10,000.
	agentKiB = 40
	// baseMiB is what a process takes without agents, generously.
	baseMiB = 128
	// leastCPU is a worker's where agents are few, in thousandths of a core:
	// logins come in rushes, and who waits for a core measures late.
	leastCPU = 500
)

// share is how many agents the worker with the most has.
func (m manifest) share() int { return (m.Agents + m.Workers - 1) / m.Workers }

// CPU is what a worker asks for, in tenths of a core.
func (m manifest) CPU() string {
	return fmt.Sprintf("%dm", max(leastCPU, roundUp(m.share()*1000/agentsPerCore, 100)))
}

// Memory is what a worker asks for.
func (m manifest) Memory() string { return fmt.Sprintf("%dMi", m.memory()) }

// MemoryLimit is where a worker is ended: twice what it asks for.
func (m manifest) MemoryLimit() string { return fmt.Sprintf("%dMi", 2*m.memory()) }

func (m manifest) memory() int { return roundUp(baseMiB+m.share()*agentKiB/1024, 64) }

func roundUp(n, step int) int { return (n + step - 1) / step * step }
