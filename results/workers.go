package results

import (
	"strings"
	"time"
)

// The states of a segment of a run on several machines.
const (
	WorkerRunning   = "running"
	WorkerLost      = "lost"       // nothing is heard of its worker
	WorkerTakenOver = "taken over" // so it was, and another worker has the segment now
	WorkerEnded     = "ended"
)

// WorkerSample is the state of one segment of a run on several machines: of
// share Segment of Of, as handed out for the Epoch-th time, to the process
// Worker. What counts does so from when that began.
type WorkerSample struct {
	Segment, Of int
	Epoch       int
	Worker      string        // host:pid
	State       string        // WorkerRunning and so on
	T           time.Duration // of its newest frame, in the run's time
	InWorld     int
	Actions     Actions
	Transport   Transport
	Generator   Generator // of the whole process, which may have several segments
	InPhase     Delays
	Lag         time.Duration // of its frames behind the clock
}

// gone tells that nobody knows what becomes of its agents.
func (w *WorkerSample) gone() bool { return w.State == WorkerLost || w.State == WorkerTakenOver }

// Combine makes one sample of the run out of those of its segments. The first
// of a part's Workers says whose it is: segment, worker, state and lag; the rest
// of it is filled in from the part. Lost segments count with the last that was
// heard of them, but none of their agents is in world; a segment that was taken
// over has no target either: its successor has.
//
// Agents, actions and transport are sums; CPU time and memory are sums over
// worker processes, the machine's over hosts; delays are the worst; a region
// stands in it once, as the first part tells that knows it.
func Combine(parts []Sample) Sample {
	all := Sample{Workers: make([]WorkerSample, 0, len(parts))}
	regions, reports := map[string]bool{}, map[string]bool{}
	for i := range parts {
		p := &parts[i]
		w := p.worker()
		all.Workers = append(all.Workers, w)
		all.T = max(all.T, p.T)
		all.Agents = all.Agents.plus(p.Agents, &w)
		all.Actions = all.Actions.after(&p.Actions)
		all.Transport = all.Transport.after(&p.Transport)
		all.InPhase = all.InPhase.worse(p.InPhase)
		if w.gone() {
			continue
		}
		all.Simulators = appendNew(all.Simulators, regions, p.Simulators, func(s Simulator) string { return s.Region })
		all.Reports = appendNew(all.Reports, reports, p.Reports, func(r SimReport) string { return r.Region })
	}
	all.Generator = combined(all.Workers)
	return all
}

// worker is whose sample s is.
func (s *Sample) worker() WorkerSample {
	w := WorkerSample{Of: 1, State: WorkerRunning}
	if len(s.Workers) > 0 {
		w = s.Workers[0]
	}
	w.T, w.InWorld, w.Actions, w.Transport = s.T, s.Agents.InWorld, s.Actions, s.Transport
	w.Generator, w.InPhase = s.Generator, s.InPhase
	if w.gone() {
		w.InWorld = 0
	}
	return w
}

// plus adds the agents b of a segment.
func (a Agents) plus(b Agents, w *WorkerSample) Agents {
	a = a.after(&b)
	a.InWorld += w.InWorld
	if w.State != WorkerTakenOver {
		a.Target += b.Target
	}
	return a
}

// appendNew appends to list what has a name that is not among the known ones.
func appendNew[T any](list []T, known map[string]bool, from []T, name func(T) string) []T {
	for _, v := range from {
		if n := name(v); !known[n] {
			known[n] = true
			list = append(list, v)
		}
	}
	return list
}

// combined is what all workers' processes and hosts used.
func combined(workers []WorkerSample) (all Generator) {
	processes, hosts := map[string]int{}, map[string]int{}
	var own, machines []Generator // by process, by host, in the order of workers
	for i := range workers {
		w := &workers[i]
		g := w.Generator
		if w.gone() {
			g.Memory = Memory{}
		}
		own = gather(own, processes, w.Worker, &g)
		machines = gather(machines, hosts, w.host(), &g)
	}
	for i := range own {
		all = all.beside(&own[i])
	}
	for i := range machines {
		all.MachineCPUSeconds = sum(all.MachineCPUSeconds, machines[i].MachineCPUSeconds)
		all.MachineCores += machines[i].MachineCores
	}
	return all
}

// gather puts g with what else is of one name.
func gather(list []Generator, known map[string]int, name string, g *Generator) []Generator {
	i, ok := known[name]
	if !ok {
		known[name] = len(list)
		return append(list, *g)
	}
	list[i] = list[i].same(g)
	return list
}

// host is the part of the worker's name before its process id.
func (w *WorkerSample) host() string {
	if i := strings.LastIndexByte(w.Worker, ':'); i >= 0 {
		return w.Worker[:i]
	}
	return w.Worker
}

// same is what one process has of which two segments tell. Each counts from its
// own beginning, so the one that has gone on for longer knows more.
func (g Generator) same(b *Generator) Generator {
	for _, v := range []struct{ g, b *float64 }{
		{&g.CPUSeconds, &b.CPUSeconds}, {&g.GridCPUSeconds, &b.GridCPUSeconds}, {&g.GCCPUSeconds, &b.GCCPUSeconds},
		{&g.MachineCPUSeconds, &b.MachineCPUSeconds},
	} {
		*v.g = max(*v.g, *v.b)
	}
	g.Cores, g.MachineCores = max(g.Cores, b.Cores), max(g.MachineCores, b.MachineCores)
	g.MaxRSSBytes = max(g.MaxRSSBytes, b.MaxRSSBytes)
	g.RSSBytes, g.HeapBytes = max(g.RSSBytes, b.RSSBytes), max(g.HeapBytes, b.HeapBytes)
	g.Goroutines = max(g.Goroutines, b.Goroutines)
	return g.worse(b)
}

// beside is what two processes have; their machines are left out.
func (g Generator) beside(b *Generator) Generator {
	g.CPUSeconds = sum(g.CPUSeconds, b.CPUSeconds)
	g.GridCPUSeconds = sum(g.GridCPUSeconds, b.GridCPUSeconds)
	g.GCCPUSeconds = sum(g.GCCPUSeconds, b.GCCPUSeconds)
	g.Cores += b.Cores
	g.MaxRSSBytes += b.MaxRSSBytes
	g.RSSBytes += b.RSSBytes
	g.HeapBytes += b.HeapBytes
	g.Goroutines += b.Goroutines
	return g.worse(b)
}

// worse takes the worse of the delays.
func (g Generator) worse(b *Generator) Generator {
	g.TickLagP99NS = max(g.TickLagP99NS, b.TickLagP99NS)
	g.GCPauseP99NS = max(g.GCPauseP99NS, b.GCPauseP99NS)
	g.GCPauseMaxNS = max(g.GCPauseMaxNS, b.GCPauseMaxNS)
	return g
}

func (d Delays) worse(b Delays) Delays {
	return Delays{
		TickLagP99NS: max(d.TickLagP99NS, b.TickLagP99NS),
		GCPauseP99NS: max(d.GCPauseP99NS, b.GCPauseP99NS),
		GCPauseMaxNS: max(d.GCPauseMaxNS, b.GCPauseMaxNS),
	}
}
