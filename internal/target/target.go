// Package target says whom a swarm may send to. A load test aimed at the wrong
// host is an attack on somebody, so nothing leaves for an address that isn't
// loopback or private, or named by who runs the test; and a grid that answers
// with addresses of third parties (simulators, capabilities, the next login
// service) doesn't get the swarm to them either.
//
// All traffic passes two places, and the guard stands in both: each TCP
// connection goes through Control, each UDP circuit through Permit. It imports
// nothing of ours; swarm and the command line use it.
package target

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
)

// Policy is what who runs a test has allowed. Its zero value allows loopback
// and private addresses.
type Policy struct {
	// Allow names further targets: host names, addresses, or prefixes such as
	// 203.0.113.0/24.
	Allow []string
	// Most is what a grid beyond this machine may get; what is zero in it is as
	// load.go has it.
	Most Load
	// Permission tells that Second Life's operators agreed to the test.
	Permission bool
	// CAFile is a PEM file of the authorities that sign the grid's
	// certificates, besides the system's.
	CAFile string
	// Insecure takes any certificate.
	Insecure bool
}

// Guard lets traffic pass to where a policy allows it. It doesn't change once
// made; all its methods are for any goroutine.
type Guard struct {
	private  bool // whether private addresses are allowed unnamed
	sl       bool // whether Second Life's are
	prefixes []netip.Prefix
	most     Load   // zero: unbounded
	where    string // the farthest grid is
	// TLS is for all HTTPS; nil: Go's own defaults.
	TLS *tls.Config
}

// Error is a target that isn't allowed.
type Error struct {
	Host string // as it was given
	Why  string
}

func (e *Error) Error() string { return fmt.Sprintf("%s is no allowed target: %s", e.Host, e.Why) }

// Reason is the word by which a run counts what it didn't send.
func (*Error) Reason() string { return "target_refused" }

const (
	whySecondLife = "it is Second Life's, whose terms forbid this without Linden Lab's consent; if you have it, say --i-have-permission"
	whyUser       = "its address holds a name or a password, which results and logs would keep; leave that part out"
	whyAddress    = "it is neither loopback nor private; if you may test there, name it: --allow-target "
)

// lookUp resolves a name; tests have names of their own.
type lookUp func(ctx context.Context, host string) ([]netip.Addr, error)

func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// New makes the guard of a test of the grids at uris, and refuses those that
// the policy doesn't allow with an *Error. Names are resolved here, once: all
// their addresses must be allowed. A name that can't be resolved passes, as
// nothing can be sent there. An address that is no URL passes, too: who uses it
// tells that.
//
// Private addresses need no naming where every grid is loopback or private
// itself. Where one isn't, they would let a stranger aim the swarm at the
// network of who runs it.
func New(ctx context.Context, policy Policy, uris ...string) (*Guard, error) {
	return policy.guard(ctx, resolve, uris)
}

func (p Policy) guard(ctx context.Context, find lookUp, uris []string) (*Guard, error) {
	g := &Guard{private: true, sl: p.Permission}
	var err error
	if g.TLS, err = p.tls(); err != nil {
		return nil, err
	}
	for _, name := range p.Allow {
		if err := g.allow(ctx, find, name); err != nil {
			return nil, err
		}
	}
	farthest := here
	for _, uri := range uris {
		u, err := url.Parse(uri)
		if err != nil || u.Hostname() == "" {
			continue
		}
		if u.User != nil {
			return nil, &Error{u.Hostname(), whyUser}
		}
		at, err := g.checkHost(ctx, find, u.Hostname())
		if err != nil {
			return nil, err
		}
		farthest = max(farthest, at)
	}
	g.private = farthest < named
	g.bound(p, farthest)
	return g, nil
}

// allow takes one of Policy.Allow.
func (g *Guard) allow(ctx context.Context, find lookUp, name string) error {
	if p, err := netip.ParsePrefix(name); err == nil {
		g.prefixes = append(g.prefixes, p.Masked())
		return nil
	}
	if name == "" || strings.ContainsAny(name, "/ @") {
		return fmt.Errorf("--allow-target %q: want a host's name, an address or a prefix such as 203.0.113.0/24", name)
	}
	if err := g.Name(name); err != nil {
		return err
	}
	addrs, err := addresses(ctx, find, name)
	if err != nil {
		return fmt.Errorf("--allow-target %s: %w", name, err)
	}
	for _, a := range addrs {
		g.prefixes = append(g.prefixes, netip.PrefixFrom(a, a.BitLen()))
	}
	return nil
}

// addresses gives those of a host, which may be one itself.
func addresses(ctx context.Context, find lookUp, host string) ([]netip.Addr, error) {
	host = strings.Trim(host, "[]")
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap().WithZone("")}, nil
	}
	addrs, err := find(ctx, host)
	for i := range addrs {
		addrs[i] = addrs[i].Unmap().WithZone("")
	}
	return addrs, err
}

// place is how far away an address is.
type place int

const (
	here place = iota // loopback
	private
	named // allowed by name only
)

// placeOf tells. Link-local addresses are not private: clouds keep their
// secrets at 169.254.169.254.
func placeOf(a netip.Addr) place {
	switch {
	case a.IsLoopback():
		return here
	case a.IsPrivate():
		return private
	}
	return named
}

// checkHost checks a grid's host, and tells how far its farthest address is.
func (g *Guard) checkHost(ctx context.Context, find lookUp, host string) (farthest place, err error) {
	if err := g.Name(host); err != nil {
		return here, err
	}
	addrs, err := addresses(ctx, find, host)
	if err != nil {
		return here, nil //nolint:nilerr // what can't be resolved can't be reached: who dials it tells
	}
	for _, a := range addrs {
		if !g.allowed(a) {
			told := host
			if a.String() != strings.Trim(host, "[]") {
				told = fmt.Sprintf("%s (%s)", host, a)
			}
			return here, &Error{told, whyAddress + host}
		}
		farthest = max(farthest, placeOf(a))
	}
	return farthest, nil
}

func (g *Guard) allowed(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsLoopback() || g.private && a.IsPrivate() {
		return true
	}
	for _, p := range g.prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// Permit refuses an address that isn't allowed with an *Error. It neither
// blocks nor, where it is allowed, allocates.
func (g *Guard) Permit(a netip.Addr) error {
	if g.allowed(a) {
		return nil
	}
	return &Error{a.String(), "the grid sends the swarm there, and " + whyAddress + a.String()}
}

// secondLife are the domains of Linden Lab's grids.
var secondLife = []string{"lindenlab.com", "secondlife.com", "secondlife.io"}

// Name refuses the names of Second Life's own hosts, unless that was permitted.
func (g *Guard) Name(host string) error {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, domain := range secondLife {
		if !g.sl && (host == domain || strings.HasSuffix(host, "."+domain)) {
			return &Error{host, whySecondLife}
		}
	}
	return nil
}

// Control is net.Dialer's: it refuses to connect to an address that isn't
// allowed, after names are resolved, so that a name can't change its meaning
// between a check and its use. next, which may be nil, runs after it.
func (g *Guard) Control(next func(network, address string, c syscall.RawConn) error) func(network, address string, c syscall.RawConn) error {
	return func(network, address string, c syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return &Error{address, "it is no IP address and port"}
		}
		if err := g.Permit(at.Addr()); err != nil {
			return err
		}
		if next == nil {
			return nil
		}
		return next(network, address, c)
	}
}
