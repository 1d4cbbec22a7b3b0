package swarm

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/slload/slload/circuit"
)

// Size is what decides how much of the machine's limits a run takes.
type Size struct {
	Agents     int // at the peak
	EventQueue bool
	Mode       circuit.TransportMode // as it was chosen, not auto
	Sources    int                   // source addresses that were given; 0: the kernel chooses
	Loops      int
}

// What a process has open whatever the run.
const (
	ownFiles     = 24 // standard streams, results, log, capture, profiles, the runtime's own, the embedded grid's pipes
	filesPerLoop = 4  // an epoll set, a wake-up, the first socket, the probe of the transport
	// idleConns are HTTP connections that wait for their next request.
	idleConns = 64
)

// polls are the connections that event queues hold.
func (z Size) polls() int {
	if !z.EventQueue {
		return 0
	}
	return z.Agents
}

// connections are the HTTP connections that are open at once at most.
func (z Size) connections() int { return z.polls() + min(z.Agents, maxLogins) + idleConns }

// sockets are the UDP sockets of all loops together.
func (z Size) sockets() int {
	loops := max(z.Loops, 1)
	if z.Mode != circuit.ModeShared {
		return z.Agents
	}
	perLoop := (z.Agents + loops - 1) / loops
	each := cmp.Or(z.Sources, circuit.LoopbackSources)
	return loops * ((perLoop + each - 1) / each)
}

// Descriptors is how many file descriptors a run needs.
func (z Size) Descriptors() int {
	return ownFiles + filesPerLoop*max(z.Loops, 1) + z.sockets() + z.connections()
}

// Limits is what this machine lets a process have. 0: no limit is known.
type Limits struct {
	Descriptors    uint64 // that the process may have open now
	MaxDescriptors uint64 // to which it may raise that by itself
	Ports          int    // that the kernel chooses from for one source address
}

// What may be short.
const (
	whatDescriptors = "file descriptors"
	whatTCPPorts    = "TCP ports"
	whatUDPPorts    = "UDP ports"
)

// Shortage is something that a run needs and the machine hasn't got.
type Shortage struct {
	What       string // file descriptors, ports
	Why        string
	Need, Have int
	Mend       string // the command that mends it
}

func (s Shortage) String() string {
	return fmt.Sprintf("%s: the run needs %d (%s), there are %d; %s", s.What, s.Need, s.Why, s.Have, s.Mend)
}

// Missing tells what a run of this size lacks within the limits.
func (z Size) Missing(l Limits) (missing []Shortage) {
	if need := z.Descriptors(); l.Descriptors > 0 && uint64(need) > max(l.Descriptors, l.MaxDescriptors) {
		missing = append(missing, Shortage{
			What: whatDescriptors, Need: need, Have: int(max(l.Descriptors, l.MaxDescriptors)),
			Why:  fmt.Sprintf("%d for event queues, %d for UDP, %d for other", z.polls(), z.sockets(), need-z.polls()-z.sockets()),
			Mend: fmt.Sprintf("run: ulimit -n %d (as root where that is refused)", need),
		})
	}
	return append(missing, z.missingPorts(l)...)
}

// missingPorts: each connection to one address needs a port of its own at its
// source address, and so does each UDP socket.
func (z Size) missingPorts(l Limits) (missing []Shortage) {
	if l.Ports == 0 {
		return nil
	}
	sources := max(z.Sources, 1)
	mend := `run: sysctl -w net.ipv4.ip_local_port_range="1024 65535"; or give more source addresses: --source-ip`
	for _, n := range []struct {
		what, why string
		need      int
	}{
		{whatTCPPorts, "a connection for each event queue, and logins", z.connections()},
		{whatUDPPorts, "a socket for each agent", z.sockets()},
	} {
		if have := l.Ports * sources; n.need > have {
			missing = append(missing, Shortage{n.what, n.why, n.need, have, mend})
		}
	}
	return missing
}

func shortages(missing []Shortage) error {
	var lines []string
	for _, s := range missing {
		lines = append(lines, s.String())
	}
	return errors.New(strings.Join(slices.Compact(lines), "\n"))
}

// Size is that of the run with so many agents, once the transport was chosen.
func (s *swarm) size(agents int) Size {
	sources := countSources(s.cfg.Sources)
	if sources == 0 && !targetAddr(s.cfg.LoginURI).Unmap().IsLoopback() {
		sources = 1 // that of the way to the grid
	}
	return Size{
		Agents: agents, EventQueue: s.cfg.Profile.Agent.EventQueue, Mode: s.shards[0].mode,
		Sources: sources, Loops: len(s.shards),
	}
}
