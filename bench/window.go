package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"time"
)

// figures are what one process did in its measured window. The first four are
// the floor's own words, so that its line is read into the same struct.
type figures struct {
	Sent       float64 `json:"sent_per_s"` // datagrams, all of them
	Received   float64 `json:"received_per_s"`
	CPUPercent float64 `json:"cpu_percent"`    // of one CPU, user and system time of the whole process
	Cost       float64 `json:"cpu_s_per_mpkt"` // CPU seconds for a million datagrams sent and received

	// Waited is for how much of the window threads of this process were ready
	// to run and the CPU was somebody else's, which several can be at once:
	// what a busy machine does to it. The floor doesn't tell.
	Waited float64 `json:"cpu_wait_percent,omitempty"`

	Agent *agentFigures `json:"agent,omitempty"`
}

// load gives what of the datagrams was load: what the floor has nothing but.
func (f *figures) load() (sent, received float64) {
	if f.Agent == nil {
		return f.Sent, f.Received
	}
	a := f.Agent
	return max(0, f.Sent-a.AcksSent-a.PingsSent-a.OtherSent), max(0, f.Received-a.PingsReceived-a.Resent)
}

// sample is what a process has done and used until a point in time.
type sample struct {
	at             time.Time
	cpu            time.Duration // user and system
	waited         time.Duration // ready to run without a CPU, all threads
	sent, received uint64
}

// takeSample samples this process, which counted its packets itself.
func takeSample(sent, received uint64) sample {
	return sample{at: time.Now(), cpu: cpuTime(), waited: cpuWait(), sent: sent, received: received}
}

// figures of the window from one sample to another.
func (from sample) until(to sample) figures {
	seconds := to.at.Sub(from.at).Seconds()
	sent, received := float64(to.sent-from.sent), float64(to.received-from.received)
	cpu := (to.cpu - from.cpu).Seconds()
	f := figures{
		Sent: sent / seconds, Received: received / seconds,
		CPUPercent: cpu / seconds * 100, Waited: (to.waited - from.waited).Seconds() / seconds * 100,
	}
	if sent+received > 0 {
		f.Cost = cpu / (sent + received) * 1e6
	}
	return f
}

// report prints the line that the measuring process reads.
func report(w io.Writer, f figures, err error) error {
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(f)
}

// startProfile writes a CPU profile to a file until stop is called; to none if
// the file is "".
func startProfile(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, fmt.Errorf("make the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		_ = f.Close() // nothing was written
		return nil, fmt.Errorf("start the profile %s: %w", file, err)
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

// sleep waits for d, or fails when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
