// Package behaviors holds what agents do: one [Behavior] a file, all of them
// in one registry by name. A behaviour is what somebody does from start to
// finish, once. It declares the agents it needs; who plays it supplies them:
// `slload play` once, telling each step, package swarm again and again at the
// rate that a profile says.
//
// It stands on package agent, and knows nothing of profiles or results.
package behaviors

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/internal/nearest"
)

// Behavior is one kind of thing that agents do.
type Behavior struct {
	Name    string
	Summary string  // one line, for lists
	Params  []Param // in the order in which they are explained
	Reports string  // the operation that it measures; "" for none, Whole+Name: a run times it from start to end

	Agents    int      // how many it needs in world; the first plays
	LoggedOut int      // how many accounts besides; it logs their agents in, and out again
	More      bool     // it takes more accounts than LoggedOut where there are more
	Roles     []string // what each of them is in the play, those in world first; nil: it is plain
	Reads     bool     // it takes what a person types, until that ends: nothing for a profile

	Neighbours bool // its agents need Options.Neighbours

	Limit time.Duration // how long it may take where nobody says otherwise; 0: half a minute

	// Run plays it once. It ends early when ctx does.
	Run func(ctx context.Context, c *Cast) error
}

// Whole begins the names of operations that are a whole play of a behaviour.
const Whole = "do."

// Accounts is how many accounts it needs at least.
func (b *Behavior) Accounts() int { return b.Agents + b.LoggedOut }

// Endless tells whether it goes on for as long as its parameter duration says.
func (b *Behavior) Endless() bool {
	return slices.ContainsFunc(b.Params, func(p Param) bool { return p.Name == duration.Name })
}

// Cast is who plays, and with what.
type Cast struct {
	Agents    []*agent.Agent  // in world, as many as the behaviour needs
	LoggedOut []agent.Options // to log the other accounts in with
	Rand      *rand.Rand      // all chance comes from here: same seed, same play
	Args      Args
	In        io.Reader // what a person types; nil: nobody is there
	Narrator  Narrator  // nil: nobody listens
}

// Player is the agent whose behaviour it is.
func (c *Cast) Player() *agent.Agent { return c.Agents[0] }

// registry has every behaviour of this package, by name; the smoke test, which
// looks others up, puts itself there.
var registry = []*Behavior{
	&agentLogin,
	&agentDomain,
	&agentManager,
	&aisInventoryHandling,
	&appearanceManagement,
	&capabilities,
	&chat,
	&chatAndInstantMessaging,
	&chatInterface,
	&cross,
	&fall,
	&fetchOfflineIMs,
	&fetchProfileInfo,
	&fly,
	&grab,
	&groupChat,
	&groupCreation,
	&im,
	&imToSelf,
	&inventoryDownload,
	&inventoryHandling,
	&inventoryTransfer,
	&inventoryTransferSpecifyAgent,
	&login,
	&look,
	&mapBlock,
	&mapItemRequests,
	&mapSearch,
	&multiRegionConnect,
	&none,
	&note,
	&objectCreateEdit,
	&objectCreatePermissions,
	&objectCreateRezScript,
	&objectCreation,
	&objectProperties,
	&objectTake,
	&objectTracking,
	&parcelManagement,
	&parsePackets,
	&permissionCheck,
	&physics,
	&regionConnect,
	&teleport,
	&textureFetch,
	&twitchy,
	&uploadViaCaps,
	&walk,
	&wander,
	&wrongPassword,
}

// All gives the behaviours by name.
func All() []*Behavior {
	return slices.SortedFunc(slices.Values(registry), func(a, b *Behavior) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
}

// UnknownError is a name that no behaviour has.
type UnknownError struct {
	Name  string
	Known []string // those there are
}

func (e *UnknownError) Error() string {
	if hint := nearest.Hint(e.Name, e.Known); hint != "" {
		return fmt.Sprintf("there is no behaviour %q%s", e.Name, hint)
	}
	return fmt.Sprintf("there is no behaviour %q; slload behaviors lists the %d there are", e.Name, len(e.Known))
}

// Lookup finds a behaviour by name; hyphens and underscores are the same, and
// so are small letters and capitals. The error is an *UnknownError.
func Lookup(name string) (*Behavior, error) {
	want := strings.ReplaceAll(name, "-", "_")
	known := make([]string, len(registry))
	for i, b := range registry {
		if strings.EqualFold(b.Name, want) {
			return b, nil
		}
		known[i] = b.Name
	}
	slices.Sort(known)
	return nil, &UnknownError{name, known}
}
