package results

import (
	"testing"
	"time"
)

func TestCombineAddsUpSegments(t *testing.T) {
	part := func(segment, epoch int, worker, state string, cpu float64) Sample {
		return Sample{
			T:         time.Duration(segment+5) * s,
			Agents:    Agents{Target: 10, InWorld: 8, Logins: 9, LoginFailures: 1, Lost: 2},
			Actions:   Actions{Intended: 100, Started: 90, Late: 3, Dropped: 2, Absent: 1, Failed: 4},
			Transport: Transport{PacketsSent: 1000, KernelDrops: 1},
			Generator: Generator{
				CPUSeconds: cpu, Cores: 2, MachineCPUSeconds: 2 * cpu, MachineCores: 4, MaxRSSBytes: 100, TickLagP99NS: int64(cpu),
				Memory: Memory{RSSBytes: 80, Goroutines: 7},
			},
			InPhase:    Delays{TickLagP99NS: int64(10 * cpu)},
			Simulators: []Simulator{{Region: "Plaza", FPS: 40 + cpu}, {Region: worker, FPS: 1}},
			Workers:    []WorkerSample{{Segment: segment, Of: 4, Epoch: epoch, Worker: worker, State: state, Lag: ms}},
		}
	}
	got := Combine([]Sample{
		part(0, 1, "a:1", WorkerRunning, 10), // two processes on host a, of which the first has taken segment 3 over
		part(1, 1, "a:2", WorkerRunning, 20),
		part(2, 1, "b:1", WorkerLost, 30),
		part(3, 1, "c:1", WorkerTakenOver, 40),
		part(3, 2, "a:1", WorkerRunning, 4),
	})
	workers := got.Workers
	got.Workers = nil
	same(t, "the run", got, Sample{
		T:         8 * s,
		Agents:    Agents{Target: 40, InWorld: 24, Logins: 45, LoginFailures: 5, Lost: 10},
		Actions:   Actions{Intended: 500, Started: 450, Late: 15, Dropped: 10, Absent: 5, Failed: 20},
		Transport: Transport{PacketsSent: 5000, KernelDrops: 5},
		Generator: Generator{
			CPUSeconds: 100, Cores: 8, MachineCPUSeconds: 40 + 60 + 80, MachineCores: 12, MaxRSSBytes: 400, TickLagP99NS: 40,
			Memory: Memory{RSSBytes: 160, Goroutines: 14},
		},
		InPhase:    Delays{TickLagP99NS: 400},
		Simulators: []Simulator{{Region: "Plaza", FPS: 50}, {Region: "a:1", FPS: 1}, {Region: "a:2", FPS: 1}},
	})
	if len(workers) != 5 {
		t.Fatalf("%d segments", len(workers))
	}
	want := WorkerSample{
		Segment: 2, Of: 4, Epoch: 1, Worker: "b:1", State: WorkerLost, T: 7 * s, Lag: ms,
		Actions:   Actions{Intended: 100, Started: 90, Late: 3, Dropped: 2, Absent: 1, Failed: 4},
		Transport: Transport{PacketsSent: 1000, KernelDrops: 1},
		Generator: Generator{
			CPUSeconds: 30, Cores: 2, MachineCPUSeconds: 60, MachineCores: 4, MaxRSSBytes: 100, TickLagP99NS: 30,
			Memory: Memory{RSSBytes: 80, Goroutines: 7},
		},
		InPhase: Delays{TickLagP99NS: 300},
	}
	same(t, "a lost segment", workers[2], want)
	if w := workers[0]; w.InWorld != 8 || w.Segment != 0 {
		t.Errorf("a running one is %+v", w)
	}
}

func TestCombineOfOneMachineIsItself(t *testing.T) {
	one := Sample{T: s, Agents: Agents{Target: 3, InWorld: 2, Logins: 2}, Generator: Generator{CPUSeconds: 1.5, Cores: 2, MachineCores: 2, MachineCPUSeconds: 1.75}}
	got := Combine([]Sample{one})
	got.Workers = nil
	same(t, "combined", got, one)
}
