package target

import (
	"cmp"
	"fmt"
	"math"
)

// Load is what a run asks of a grid at its most.
type Load struct {
	Agents  int     // in world at the same time
	Logins  float64 // that begin in one second
	Packets float64 // sent a second, by estimate
}

// What a grid gets unless the policy says more. This machine is its owner's to
// wear out. A private network is shared with others, and an address that had to
// be named is somebody's machine on the Internet, where a slip of the finger is
// an attack.
var (
	mostPrivate = Load{Agents: 5_000, Logins: 100, Packets: 100_000}
	mostNamed   = Load{Agents: 200, Logins: 10, Packets: 5_000}
)

// LoadError is a run that asks more of its grid than the policy allows.
type LoadError struct {
	What         string // agents, logins a second or packets a second
	Wanted, Most float64
	Where, Flag  string
}

func (e *LoadError) Error() string {
	wanted := math.Ceil(e.Wanted)
	return fmt.Sprintf("the run takes %.0f %s, and a grid %s gets %g at most unless told otherwise: if it may have them, say %s %.0f",
		wanted, e.What, e.Where, e.Most, e.Flag, wanted)
}

// Most is what the grids may get; all zero: no bounds.
func (g *Guard) Most() Load { return g.most }

// Check refuses more than the grids may get with a *LoadError.
func (g *Guard) Check(l Load) error {
	if g.most == (Load{}) {
		return nil
	}
	for _, bound := range []LoadError{
		{"agents", float64(l.Agents), float64(g.most.Agents), g.where, "--max-agents"},
		{"logins a second", l.Logins, g.most.Logins, g.where, "--max-logins"},
		{"packets a second", l.Packets, g.most.Packets, g.where, "--max-packets"},
	} {
		if bound.Wanted > bound.Most {
			return &bound
		}
	}
	return nil
}

// bound settles what the grids may get by the farthest of them.
func (g *Guard) bound(p Policy, at place) {
	switch at {
	case here:
		return
	case private:
		g.most, g.where = mostPrivate, "in a private network"
	case named:
		g.most, g.where = mostNamed, "out of private networks"
	}
	g.most.Agents = cmp.Or(p.Most.Agents, g.most.Agents)
	g.most.Logins = cmp.Or(p.Most.Logins, g.most.Logins)
	g.most.Packets = cmp.Or(p.Most.Packets, g.most.Packets)
}
