package swarm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/results"
)

// echoTime is how long a datagram may take on its way through this machine.
const echoTime = 2 * time.Second

// timestamps sends a datagram to ourselves and looks whether the kernel says
// when it came.
func (d *checkup) timestamps() {
	at, err := sendToSelf(d.conn)
	switch {
	case err != nil:
		d.add("kernel timestamps", CheckFail, "", "a datagram to ourselves did not come: %v", err)
	case at == 0:
		d.add("kernel timestamps", CheckWarn, "", "none: round trips end when this process gets to read, not when the answer came")
	default:
		d.add("kernel timestamps", CheckOK, "", "round trips end when the kernel has the answer")
	}
}

func sendToSelf(conn circuit.Transport) (kernelTime int64, err error) {
	from, err := conn.Open()
	if err != nil {
		return 0, err
	}
	to, err := conn.Open()
	if err != nil {
		return 0, err
	}
	defer conn.CloseEndpoint(from)
	defer conn.CloseEndpoint(to)
	peer := conn.Local(to)
	if peer.Addr().IsUnspecified() {
		peer = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), peer.Port())
	}
	if _, err := conn.WriteBatch([]udp.Packet{{Data: []byte("slload doctor"), Endpoint: from, Peer: udp.AddrFrom(peer)}}); err != nil {
		return 0, err
	}
	var p [1]udp.Packet
	for end := time.Now().Add(echoTime); time.Now().Before(end); {
		if err := conn.Wait(time.Until(end)); err != nil {
			return 0, err
		}
		n, err := conn.ReadBatch(p[:])
		if err != nil {
			return 0, err
		}
		if n > 0 && p[0].Endpoint == to {
			return p[0].Time, nil
		}
	}
	return 0, fmt.Errorf("nothing came from %v to %v within %v", conn.Local(from), peer, echoTime)
}

// timings keep the service times of what a login consists of.
type timings struct {
	mu    sync.Mutex
	times map[string]time.Duration
}

// Done makes timings a circuit.Observer.
func (t *timings) Done(op string, _, sent, end circuit.Instant, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if reason == "" {
		if t.times == nil {
			t.times = map[string]time.Duration{}
		}
		t.times[op] = end.Sub(sent)
	}
}

// Count makes timings a circuit.Observer.
func (*timings) Count(string, int) {}

func (t *timings) of(op string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.times[op]
}

// grid asks the grid, and logs an agent in and out.
func (d *checkup) grid(ctx context.Context, loop *circuit.Loop, times *timings) error {
	if d.LoginURI == "" {
		return nil
	}
	calls, polls := newHTTP(false, d.guard, maxDials)
	defer calls.CloseIdleConnections()
	defer polls.CloseIdleConnections()
	begin := time.Now()
	if err := reach(ctx, calls, d.LoginURI); err != nil {
		d.add("grid", CheckFail, "", "%v", err)
		return err
	}
	d.add("grid", CheckOK, "", "answers within %s", results.Human(time.Since(begin)))
	if d.Account == nil {
		d.add("login", CheckWarn, "give --accounts FILE, or the password in SLLOAD_PASSWORD", "not tried: no account was given")
		return nil
	}
	opt := agent.Options{
		Loop: loop, Observer: times, HTTP: calls, Polls: polls, LoginURI: d.LoginURI, Account: *d.Account, NoEventQueue: !d.EventQueue,
	}
	if err := d.fromSource(ctx, loop, &opt); err != nil {
		d.add("login", CheckFail, "", "%v", err)
		return nil
	}
	a, err := agent.Login(ctx, opt)
	if err != nil {
		d.add("login", CheckFail, loginMend(err), "%v", err)
		return nil
	}
	d.add("login", CheckOK, "", "%s is in world: login service %s, handshake %s", d.Account.Name(),
		results.Human(times.of(agent.OpAuth)), results.Human(times.of(agent.OpHandshake)))
	d.logout(a, times)
	return nil
}

func (d *checkup) logout(a *agent.Agent, times *timings) {
	ctx, cancel := context.WithTimeout(context.Background(), logoutTime) // also after a Ctrl-C
	defer cancel()
	if err := a.Logout(ctx); err != nil {
		d.add("logout", CheckWarn, "", "%v", err)
		return
	}
	if took := times.of(agent.OpLogout); took > 0 {
		d.add("logout", CheckOK, "", "answered within %s", results.Human(took))
		return
	}
	d.add("logout", CheckOK, "", "done; the simulator closed the circuit without an answer")
}

// fromSource lets the login leave from one of the chosen addresses.
func (d *checkup) fromSource(ctx context.Context, loop *circuit.Loop, opt *agent.Options) error {
	if len(d.Sources) == 0 {
		return nil
	}
	var endpoint circuit.Endpoint
	var local netip.AddrPort
	var err error
	if callErr := loop.Call(ctx, func(circuit.Instant) { endpoint, local, err = loop.Reserve() }); callErr != nil {
		return callErr
	}
	opt.Endpoint = &endpoint
	opt.HTTP, opt.Polls = clientFrom(opt.HTTP, local.Addr()), clientFrom(opt.Polls, local.Addr())
	return err
}

// loginMend says what to look at when a login fails.
func loginMend(err error) string {
	var failed *agent.LoginError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return "check the name in --login-uri"
	case errors.As(err, &failed) && failed.Stage == "handshake":
		return "let UDP through to the simulator's ports: firewalls, NAT"
	case errors.As(err, &failed) && failed.Stage == "auth":
		return "check the account's name and password"
	}
	return ""
}
