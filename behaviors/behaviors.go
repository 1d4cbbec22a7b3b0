// Package behaviors holds what agents do in world: one [Behavior] a file, all
// of them in one registry by name. A behaviour is what somebody does from
// start to finish, once; package swarm runs it again and again at the rate
// that a profile says.
//
// It stands on package agent, and knows nothing of profiles or results.
package behaviors

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/slload/slload/agent"
)

// Behavior is one kind of thing that agents do.
type Behavior struct {
	Name    string
	Summary string  // one line, for lists
	Params  []Param // in the order in which they are explained
	Agents  int     // how many it needs in world; the first plays
	Reports string  // the operation that it measures; "" for none

	// Run plays it once. It ends early when ctx does.
	Run func(ctx context.Context, c *Cast) error
}

// Cast is who plays, and with what.
type Cast struct {
	Agents []*agent.Agent // as many as the behaviour needs
	Rand   *rand.Rand     // all chance comes from here: same seed, same play
	Args   Args
}

// Player is the agent whose behaviour it is.
func (c *Cast) Player() *agent.Agent { return c.Agents[0] }

// registry has every behaviour of this package.
var registry = []*Behavior{&chat, &im, &look, &wander}

// All gives the behaviours by name.
func All() []*Behavior { return slices.Clone(registry) }

// UnknownError is a name that no behaviour has.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no behaviour %q; there are %s", e.Name, strings.Join(e.Known, ", "))
}

// Lookup finds a behaviour by name; hyphens and underscores are the same.
func Lookup(name string) (*Behavior, error) {
	want := strings.ReplaceAll(name, "-", "_")
	known := make([]string, len(registry))
	for i, b := range registry {
		if b.Name == want {
			return b, nil
		}
		known[i] = b.Name
	}
	return nil, &UnknownError{name, known}
}
