package swarm

import (
	"context"
	"net/netip"
	"runtime"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/results"
)

const onLinux = runtime.GOOS == "linux"

// cores tells what there is to run on.
func (d *checkup) cores() {
	own, all := runtime.GOMAXPROCS(0), runtime.NumCPU()
	if own < all {
		d.add("cores", CheckWarn, "unset GOMAXPROCS, or raise the CPU limit of this container", "this process may use %d of %d", own, all)
		return
	}
	d.add("cores", CheckOK, "", "%d", own)
}

// sources tells which of the chosen addresses are this machine's.
func (d *checkup) sources() {
	if len(d.Sources) == 0 {
		d.add("source addresses", CheckOK, "", "the kernel chooses; give others by --source-ip")
		return
	}
	if err := CheckSources(d.Sources); err != nil {
		d.add("source addresses", CheckFail, "ip addr add ADDRESS/32 dev INTERFACE", "%v", err)
		return
	}
	tried, usable := 0, 0
	for _, p := range d.Sources {
		n, _ := usableSources(p, maxProbed) // what an address lacks is told by CheckSources, if all do
		usable += n
		tried += min(countSources([]netip.Prefix{p}), maxProbed)
	}
	d.add("source addresses", CheckOK, "", "%d of the first %d are this machine's", usable, tried)
}

const (
	// wantBuffer is the receive buffer that a socket which many simulators
	// write to should have at least: some 20,000 small datagrams.
	wantBuffer = 4 << 20
	askBuffer  = 64 << 20
)

// buffer checks the receive buffer of a shared socket. Where each agent has a
// socket of its own, the system's default is enough.
func (d *checkup) buffer() {
	if d.conn.Mode() != circuit.ModeShared {
		d.add("receive buffer", CheckOK, "", "each agent has one of its own")
		return
	}
	got, err := receiveBuffer(askBuffer)
	switch {
	case err != nil:
		d.add("receive buffer", CheckWarn, "", "its size can't be set: %v", err)
	case got < wantBuffer:
		d.add("receive buffer", CheckWarn, "sysctl -w net.core.rmem_max=67108864",
			"%d KiB (net.core.rmem_max): bursts overflow it, and that looks like a lossy grid", got>>10)
	default:
		d.add("receive buffer", CheckOK, "", "%d KiB", got>>10)
	}
}

// The jitter of the loop's timers is measured over jitterFires of them, some
// jitterEvery apart.
const (
	jitterFires = 300
	jitterEvery = 2 * time.Millisecond
	jitterLimit = 10 * time.Second
)

// jitter measures how late the loop's timers fire on the machine as it is,
// and how much of that others use. The limits are those of the verdict.
func (d *checkup) jitter(ctx context.Context, loop *circuit.Loop) {
	machine, cores := machineCPU()
	own, begin := CPUSeconds(), time.Now()
	lag, err := measureLag(ctx, loop)
	if err != nil {
		d.add("timers", CheckFail, "", "they stopped: %v", err)
		return
	}
	p99 := lag.Quantile(0.99)
	verdict, _ := results.Judge(&results.Health{Seconds: 1, Delays: results.Delays{TickLagP99NS: p99.Nanoseconds()}}, true)
	status := map[results.Validity]CheckStatus{results.Valid: CheckOK, results.Suspect: CheckWarn, results.Invalid: CheckFail}[verdict]
	mend := ""
	if status != CheckOK {
		mend = "end what else runs here (top), or take another machine"
	}
	d.add("timers", status, mend, "%s late at p99", results.Human(p99))

	seconds := time.Since(begin).Seconds()
	after, _ := machineCPU()
	if cores == 0 || seconds < shortestLook.Seconds() {
		d.add("other load", CheckOK, "", "not told here")
		return
	}
	others := max(0, (after-machine)-(CPUSeconds()-own)) / (seconds * float64(cores))
	status, mend = CheckOK, ""
	if others >= 0.5 {
		status, mend = CheckWarn, "end what else runs here (top)"
	}
	d.add("other load", status, mend, "others use %.0f %% of %d cores", 100*others, cores)
}

// shortestLook is the shortest time over which the system's ticks of 10 ms say
// how busy it is.
const shortestLook = 300 * time.Millisecond

func measureLag(ctx context.Context, loop *circuit.Loop) (circuit.Lag, error) {
	done := make(chan circuit.Lag, 1)
	fired := 0
	var timer circuit.Timer
	timer.Fire = func(now circuit.Instant) {
		if fired++; fired == jitterFires {
			done <- loop.Stats().TickLag
			return
		}
		loop.Schedule(&timer, now.Add(jitterEvery))
	}
	if err := loop.Post(ctx, func(now circuit.Instant) { loop.Schedule(&timer, now.Add(jitterEvery)) }); err != nil {
		return circuit.Lag{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, jitterLimit)
	defer cancel()
	select {
	case lag := <-done:
		return lag, nil
	case <-ctx.Done():
		return circuit.Lag{}, context.Cause(ctx)
	}
}
