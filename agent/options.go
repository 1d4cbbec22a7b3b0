package agent

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/slload/slload/circuit"
)

// Account is who logs in.
type Account struct{ First, Last, Password string }

// Name is the avatar's full name.
func (a Account) Name() string { return a.First + " " + a.Last }

// String leaves the password out.
func (a Account) String() string { return a.Name() }

// GoString leaves the password out.
func (a Account) GoString() string { return "agent.Account(" + a.Name() + ")" }

// LogValue leaves the password out.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.Name()) }

// MarshalText leaves the password out: JSON has the name.
func (a Account) MarshalText() ([]byte, error) { return []byte(a.Name()), nil }

func (a Account) withoutPassword() Account { return Account{First: a.First, Last: a.Last} }

// Options is what Login needs to know. Loop, LoginURI and Account must be
// set.
type Options struct {
	Loop     *circuit.Loop    // its Dispatch must have had RegisterHandlers
	Observer circuit.Observer // called on the loop's goroutine; nil: nobody
	HTTP     *http.Client     // for login and capabilities; nil: http.DefaultClient
	Polls    *http.Client     // for the event queue; its Timeout doesn't count; nil: HTTP
	// Endpoint is the one that all circuits leave from; Loop.Reserve gives it,
	// and it stays the caller's. nil: the loop chooses.
	Endpoint *circuit.Endpoint
	LoginURI string
	Protocol Protocol // how to log in; "": XMLRPC
	Account  Account
	Start    string // last, home or uri:Region&x&y&z; "": last

	UpdateHz     float64 // AgentUpdates a second while moving, 100 at most; 0: 10
	IdleUpdateHz float64 // and at rest; 0: 1
	// NoEventQueue leaves the seed capability alone: OpenSim hoards events
	// for an agent that has capabilities and doesn't poll.
	NoEventQueue bool
	// Neighbours opens circuits to the regions around the agent's own, with
	// event queues of their own unless NoNeighbourQueues leaves those out:
	// then OpenSim sends no scene of them. Only an agent with neighbours can
	// cross a border. The event queue tells of them.
	Neighbours        bool
	NoNeighbourQueues bool
	Throttle          float64 // bits a second that the simulator may send; 0: 1,000,000
	DrawDistance      float32 // metres; 0: 128

	EnterTimeout time.Duration // from the login's answer to in world; 0: 60 s
	Seed         uint64        // sets the phases of the agent's timers; 0: made from its id
	// OnLeft is told, on the loop, when the agent leaves the world: nil after
	// a logout, else why. Where the agent is lost before its login has ended,
	// that comes before Login's error.
	OnLeft func(now circuit.Instant, err error)
	// OnSkeleton is given the folders of the agent's own inventory and of the
	// library, as the login's answer has them, once in world or not. The agent
	// keeps neither.
	OnSkeleton func(own, library []Folder)
	Log        *slog.Logger // nil: silent
}

func (o Options) withDefaults() Options {
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.Polls == nil {
		o.Polls = o.HTTP
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	orDefault(&o.Protocol, XMLRPC)
	orDefault(&o.Start, "last")
	orDefault(&o.UpdateHz, 10)
	orDefault(&o.IdleUpdateHz, 1)
	orDefault(&o.Throttle, 1_000_000)
	orDefault(&o.DrawDistance, 128)
	orDefault(&o.EnterTimeout, 60*time.Second)
	return o
}

// maxHz bounds the AgentUpdates of one agent: a simulator's frame rate is some
// 50 a second, and the loop's ticks are 1 ms.
const maxHz = 100

// check tells what Login can't work with.
func (o Options) check() error {
	if _, err := ParseProtocol(string(o.Protocol)); err != nil {
		return err
	}
	for _, rate := range []struct {
		name string
		hz   float64
	}{{"UpdateHz", o.UpdateHz}, {"IdleUpdateHz", o.IdleUpdateHz}} {
		if !(rate.hz > 0 && rate.hz <= maxHz) {
			return fmt.Errorf("%s is %g: give a rate above 0 and up to %d, or 0 for the default", rate.name, rate.hz, maxHz)
		}
	}
	if !(o.Throttle > 0 && o.Throttle <= math.MaxFloat32) {
		return fmt.Errorf("throttle is %g: give bits a second, or 0 for the default", o.Throttle)
	}
	if o.Neighbours && o.NoEventQueue {
		return errors.New("Neighbours without an event queue: that is what tells of them; leave NoEventQueue out")
	}
	if o.Loop == nil {
		return errors.New("there is no Loop: give one whose Dispatch had RegisterHandlers, and run it")
	}
	return nil
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// nobody observes for agents without an Observer.
type nobody struct{}

func (nobody) Done(string, circuit.Instant, circuit.Instant, circuit.Instant, string) {}
func (nobody) Count(string, int)                                                      {}
