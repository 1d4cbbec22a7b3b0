package swarm

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// Config is a run to be made. Profile, Accounts and LoginURI must be set.
type Config struct {
	Profile  *profiles.Profile // resolved, as profiles.Load gives it
	Accounts *profiles.Accounts
	LoginURI string
	Target   Target // whom the run may send to, and how much all shares together
	Seed     uint64 // of the plan

	// Share is the part of the swarm that this process has; the zero value is
	// all of it, 0:1. Whatever Profile, Target and Control.Scale say is of the
	// whole, and each share knows its own part of it without asking.
	Share profiles.Share
	// Sink gets what is measured; nil: a run directory.
	Sink Sink
	// OnPrepared is told, before Ready is called, how UDP is done and by how many
	// loops; may be nil.
	OnPrepared func(mode circuit.TransportMode, loops int)
	// Ready is called when everything is prepared, and nothing was sent but one
	// question for the login service. It gives the instant of this machine's clock
	// at which the plan begins; what has passed of it by then is late. Its error
	// ends the run as it is. nil: it begins at once.
	Ready func(ctx context.Context) (start time.Time, err error)
	// From is how much of the plan has passed when it begins, for a share whose
	// process was lost: who is in world by then logs in again, as in a run that is
	// resumed. Sample.T counts from the plan's beginning all the same.
	From time.Duration
	// TakeOver tells that the other shares have gone on meanwhile: the phases are
	// the plan's, and none is for those who log in again.
	TakeOver bool

	Shards    int                   // loops; 0: one for each 2,500 agents, at most one a core
	Transport circuit.TransportMode // "" or auto: tried out
	// Sources are the IPv4 addresses that agents' UDP and HTTP leave from, each
	// agent's from one; empty: the kernel chooses.
	Sources []netip.Prefix
	// SourcePorts are the first and the last UDP port that sockets take;
	// zero: the kernel chooses.
	SourcePorts [2]uint16

	Out string // the run directory, without a Sink; "": one named by the run's id in runs/
	// Resume is a run to go on with, in its own directory, in place of a new
	// one: Profile and Seed must be that run's. Run closes it.
	Resume *results.Interrupted
	// Command is what the manifest keeps of the command line, for whoever
	// resumes the run.
	Command []string
	Tags    map[string]string
	Version string // of slload, for the manifest
	// GridCPUSeconds tells the CPU time of the grid so far, where that is the
	// embedded one; nil: it is somebody else's. Called on Run's goroutine.
	GridCPUSeconds func() float64

	// PCAP gets what the first agent sends and receives: one Write of the
	// header of a pcap file, then one for each packet. May be nil.
	PCAP io.Writer
	// SimStats are addresses of OpenSimulators that tell of themselves over
	// HTTP; they are asked every 5 s, and must be targets that are allowed.
	SimStats   []string
	Log        func(runLog io.Writer) *slog.Logger // with a Sink runLog discards
	OnProgress func(Progress)                      // called each second, on Run's goroutine, with the same T where nothing new has come; may be nil
	// OnBegin is called with the run directory ("": there is none), on Run's
	// goroutine, when it is there and the plan begins; may be nil.
	OnBegin func(dir string)
	// OnLine gets each line of the run's timeline, on Run's goroutine; may be
	// nil. The line is the callee's to keep, not to change.
	OnLine  func(results.Line)
	Control *Control // steers the run; may be nil

	// For tests.
	tap     circuit.Tap // of all loops
	openUDP func(circuit.TransportConfig) (circuit.Transport, error)
	dial    dialFunc // of HTTP
}

// Target says whom agents may send to, and which certificates they take.
type Target = target.Policy

// Progress is the state of a run, for people who watch.
type Progress struct {
	results.Sample
	Phase   string
	Length  time.Duration                   // of the plan
	Paused  time.Duration                   // for how long the plan has stood still so far
	Holding bool                            // it does so now
	Dir     string                          // the run directory; "" and nil below: a Sink gets the results
	Summary func() *results.Summary         // up to now; only during the call
	Times   func() map[string]results.Times // up to now; only during the call
}

// agentsPerShard is how many agents a loop has before another is worth it.
const agentsPerShard = 2500

func (c *Config) shards(peak int) int {
	if c.Shards > 0 {
		return c.Shards
	}
	return max(1, min(runtime.GOMAXPROCS(0), (peak+agentsPerShard-1)/agentsPerShard))
}

// targetAddr is the login service's address, as far as it is one: it decides the
// transport.
func targetAddr(loginURI string) netip.Addr {
	u, err := url.Parse(loginURI)
	if err != nil {
		return netip.Addr{}
	}
	host := u.Hostname()
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	addr, _ := netip.ParseAddr(host) // a name is not known to be loopback
	return addr
}

func (c *Config) manifest(plan *profiles.Plan, mode circuit.TransportMode, shards int, started time.Time) results.Manifest {
	return results.Manifest{
		Profile: c.Profile.Name, ProfileSHA256: c.Profile.SHA256(), HandScaled: c.Profile.HandScaled,
		Started: started, Seed: c.Seed, Tags: c.Tags, PlannedSeconds: plan.Length.Seconds(), Measured: plan.Measured(), Agents: plan.Peak,
		Thresholds: c.Profile.Thresholds, Primary: c.Profile.Primary,
		LoginURI: c.LoginURI, EmbeddedGrid: c.GridCPUSeconds != nil, Transport: string(mode), Loops: shards,
		Version: cmp.Or(c.Version, "dev"), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		Cores: usableCores(), Command: c.Command,
	}
}
