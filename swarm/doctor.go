package swarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
)

// CheckStatus is how a check of the machine came out.
type CheckStatus string

// The outcomes.
const (
	CheckOK   CheckStatus = "ok"
	CheckWarn CheckStatus = "warn" // a run works, but its figures may suffer
	CheckFail CheckStatus = "fail" // a run of this size doesn't work
)

// Check is one thing that Diagnose looked at.
type Check struct {
	Name   string      `json:"name"`
	Status CheckStatus `json:"status"`
	Text   string      `json:"text"`           // what was found
	Mend   string      `json:"mend,omitempty"` // what mends it, a command where there is one
}

// Checkup says for what the machine is checked.
type Checkup struct {
	Agents      int // at once
	EventQueue  bool
	Target      Target         // whom it may send to
	LoginURI    string         // asked, and logged in to if there is an account; ""
	Account     *agent.Account // who logs in; nil: nobody
	Transport   circuit.TransportMode
	Sources     []netip.Prefix
	SourcePorts [2]uint16
}

// checkup is a Checkup under way.
type checkup struct {
	Checkup
	guard  *target.Guard
	conn   circuit.Transport // nil: none could be had
	checks []Check
}

// Diagnose checks whether a run of this size can be made here and its figures
// be trusted, within some seconds. The error is an *UnreachableError or a
// *ConfigError of the grid's address; the checks up to there are given all the
// same.
func Diagnose(ctx context.Context, c Checkup) ([]Check, error) {
	d := checkup{Checkup: c}
	var err error
	if d.guard, err = target.New(ctx, c.Target, c.LoginURI); err != nil {
		return nil, &ConfigError{err}
	}
	d.cores()
	d.sources()
	d.transport()
	d.limits()
	if d.conn == nil {
		return d.checks, nil
	}
	d.buffer()
	d.timestamps()
	return d.checks, d.live(ctx)
}

func (d *checkup) add(name string, status CheckStatus, mend, format string, args ...any) {
	d.checks = append(d.checks, Check{name, status, fmt.Sprintf(format, args...), mend})
}

// size is that of the run that the machine is checked for.
func (d *checkup) size() Size {
	sources := countSources(d.Sources)
	mode := d.Transport
	if d.conn != nil {
		mode = d.conn.Mode()
	}
	if sources == 0 && !d.target().Unmap().IsLoopback() {
		sources = 1
	}
	cfg := Config{}
	return Size{Agents: d.Agents, EventQueue: d.EventQueue, Mode: mode, Sources: sources, Loops: cfg.shards(d.Agents)}
}

// target is the grid's address; without one, the embedded grid's.
func (d *checkup) target() netip.Addr { return targetAddr(cmp.Or(d.LoginURI, "http://127.0.0.1/")) }

// transport opens what a run would have.
func (d *checkup) transport() {
	conn, err := circuit.NewTransport(circuit.TransportConfig{
		Mode: d.Transport, Target: d.target(), Sources: d.Sources, SourcePorts: d.SourcePorts,
	})
	if err != nil {
		d.add("transport", CheckFail, "", "no UDP: %v", err)
		return
	}
	d.conn = conn
	switch mode := conn.Mode(); {
	case mode == circuit.ModePortable && onLinux:
		d.add("transport", CheckWarn, "slload doctor --transport epoll", "%s: the slow one; the others say why they can't be had", mode)
	default:
		d.add("transport", CheckOK, "", "%s", transportText[mode])
	}
}

var transportText = map[circuit.TransportMode]string{
	circuit.ModeShared:   "shared: one socket for many source addresses",
	circuit.ModeEpoll:    "epoll: a socket for each agent",
	circuit.ModePortable: "portable: a socket and a goroutine for each agent, the one that this system has",
}

// limits checks descriptors and ports.
func (d *checkup) limits() {
	size, limits := d.size(), MachineLimits()
	missing := size.Missing(limits)
	for _, s := range missing {
		d.add(s.What, CheckFail, s.Mend, "%d agents need %d (%s), there are %d", d.Agents, s.Need, s.Why, s.Have)
	}
	if !lacks(missing, whatDescriptors) {
		d.add(whatDescriptors, CheckOK, "", "%d agents need %d, %s", d.Agents, size.Descriptors(),
			orUnknown(int(min(max(limits.Descriptors, limits.MaxDescriptors), 1<<31-1)), "are allowed"))
	}
	if !lacks(missing, whatTCPPorts) && !lacks(missing, whatUDPPorts) {
		d.add("ports", CheckOK, "", "%d agents need %d for TCP and %d for UDP, %s", d.Agents, size.connections(), size.sockets(),
			orUnknown(limits.Ports*max(size.Sources, 1), "are there"))
	}
}

func lacks(missing []Shortage, what string) bool {
	for _, s := range missing {
		if s.What == what {
			return true
		}
	}
	return false
}

func orUnknown(n int, what string) string {
	if n == 0 {
		return "this system doesn't tell its limit"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// live checks what takes a running loop: timers, and the grid.
func (d *checkup) live(ctx context.Context) error {
	dispatch := circuit.NewDispatch()
	agent.RegisterHandlers(dispatch)
	times := &timings{}
	loop := circuit.NewLoop(circuit.Config{Conn: d.conn, Dispatch: dispatch, Observer: times, Permit: d.guard.Permit})
	running, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(running) }()
	d.jitter(ctx, loop)
	err := d.grid(ctx, loop, times)
	end()
	return errors.Join(err, <-ended)
}
