package agent

import (
	"log/slog"
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

// LogValue leaves the password out.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.Name()) }

// Options is what Login needs to know. Loop, LoginURI and Account must be
// set.
type Options struct {
	Loop     *circuit.Loop    // its Dispatch must have had RegisterHandlers
	Observer circuit.Observer // called on the loop's goroutine; nil: nobody
	HTTP     *http.Client     // for login, capabilities and the event queue; nil: http.DefaultClient
	LoginURI string
	LLSD     bool // log in by LLSD in place of XML-RPC
	Account  Account
	Start    string // last, home or uri:Region&x&y&z; "": last

	UpdateHz     float64 // AgentUpdates a second while moving; 0: 10
	IdleUpdateHz float64 // and at rest; 0: 1
	// NoEventQueue leaves the seed capability alone: OpenSim hoards events
	// for an agent that has capabilities and doesn't poll.
	NoEventQueue bool
	Throttle     float64 // bits a second that the simulator may send; 0: 1,000,000
	DrawDistance float32 // metres; 0: 128

	EnterTimeout time.Duration // from the login's answer to in world; 0: 60 s
	Seed         uint64        // sets the phases of the agent's timers
	// OnLeft is told, on the loop, when the agent leaves the world: nil after
	// a logout, else why.
	OnLeft func(now circuit.Instant, err error)
	Log    *slog.Logger // nil: silent
}

func (o Options) withDefaults() Options {
	if o.Observer == nil {
		o.Observer = nobody{}
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	orDefault(&o.Start, "last")
	orDefault(&o.UpdateHz, 10)
	orDefault(&o.IdleUpdateHz, 1)
	orDefault(&o.Throttle, 1_000_000)
	orDefault(&o.DrawDistance, 128)
	orDefault(&o.EnterTimeout, 60*time.Second)
	return o
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
