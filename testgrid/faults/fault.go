// Package faults describes what goes wrong in the embedded grid, and draws
// when: datagrams that get lost, logins that are refused, capabilities that
// answer nonsense, teleports that fail, regions that go down. The same seed and
// the same traffic give the same faults.
//
// It knows of no protocol and imports nothing of ours. profiles reads
// descriptions from YAML, testgrid carries them out.
package faults

import (
	"fmt"
	"strings"
	"time"
)

// Fault is one thing that goes wrong. One of UDP, Login, Seed, EventQueue,
// Capability, Teleport and Region says where and what; Kinds lists the words for
// each, and which of the other keys they take.
type Fault struct {
	UDP        string `yaml:"udp,omitempty" json:"udp,omitempty"`
	Login      string `yaml:"login,omitempty" json:"login,omitempty"`
	Seed       string `yaml:"seed,omitempty" json:"seed,omitempty"`
	EventQueue string `yaml:"event_queue,omitempty" json:"event_queue,omitempty"`
	Capability string `yaml:"capability,omitempty" json:"capability,omitempty"`
	Teleport   string `yaml:"teleport,omitempty" json:"teleport,omitempty"`
	Region     string `yaml:"region,omitempty" json:"region,omitempty"`

	// Percent is how many datagrams or requests it meets, in a hundred; 0: all.
	Percent float64 `yaml:"percent,omitempty" json:"percent,omitempty"`
	// From and Until bound it, in time since the grid began; Until 0: for ever.
	From  Duration `yaml:"from,omitempty" json:"from,omitempty"`
	Until Duration `yaml:"until,omitempty" json:"until,omitempty"`

	// MS is a delay in milliseconds; JitterMS is how much a delay may be
	// shorter or longer than that.
	MS       float64 `yaml:"ms,omitempty" json:"ms,omitempty"`
	JitterMS float64 `yaml:"jitter_ms,omitempty" json:"jitter_ms,omitempty"`
	// Message is the only message that a fault of UDP meets, by its name in
	// the protocol; empty: all.
	Message string `yaml:"message,omitempty" json:"message,omitempty"`
	// Way is the only one that a fault of UDP meets; empty: both.
	Way Way `yaml:"way,omitempty" json:"way,omitempty"`
	// KBPS is how many kilobits a second a throttle lets through of each region's
	// datagrams: of both ways together, unless Way names one.
	KBPS float64 `yaml:"kbps,omitempty" json:"kbps,omitempty"`
	// Name is the only capability or region that is met; empty: all.
	Name string `yaml:"name,omitempty" json:"name,omitempty"`
	// Status is the HTTP status of an error; 0: that of Statuses.
	Status int `yaml:"status,omitempty" json:"status,omitempty"`
	// Reason is why a login is refused (empty: key) or a teleport fails.
	Reason string `yaml:"reason,omitempty" json:"reason,omitempty"`
}

// Way is where a datagram goes.
type Way string

// The ways.
const (
	ToGrid   Way = "to_grid"
	FromGrid Way = "from_grid"
)

// The places where something can go wrong: a Fault's first keys.
const (
	UDP        = "udp"
	Login      = "login"
	Seed       = "seed"
	EventQueue = "event_queue"
	Capability = "capability"
	Teleport   = "teleport"
	Region     = "region"
)

// What can go wrong with datagrams.
const (
	Loss      = "loss"
	Duplicate = "duplicate" // comes twice
	Reorder   = "reorder"   // waits MS, 50 unless set, so that later ones come before it
	Delay     = "delay"     // waits MS, give or take JitterMS
	Corrupt   = "corrupt"   // some bits are turned over
	Malformed = "malformed" // a broken one comes besides the good one
	Throttle  = "throttle"  // no more than KBPS pass: others wait for a second at most, or get lost
)

// What can go wrong with requests.
const (
	Error   = "error"   // answered with Status
	Slow    = "slow"    // answered MS later
	Hang    = "hang"    // never answered
	Garbage = "garbage" // answered with what isn't LLSD or XML
	Cut     = "cut"     // the connection ends in the middle of the answer
	Endless = "endless" // the answer doesn't end
	Trickle = "trickle" // the answer comes byte by byte, one each MS, 100 unless set

	Refuse        = "refuse"        // a login that is refused for Reason
	Presence      = "presence"      // a login that is refused as the account is still online
	Indeterminate = "indeterminate" // a login that is sent on, to where it came from

	Lose     = "lose"      // the queue's events are taken, and their answer gets lost
	WrongIDs = "wrong_ids" // the queue's answers have ids that follow no order
)

// Fail is a teleport to another region that begins, and fails for Reason. Others
// Hang (no more is heard of them) or Lose (the agent isn't told where to go).
const Fail = "fail"

// How a region goes down, at From, for MS (10 s unless set).
const (
	Restart = "restart" // its agents are told, and dismissed
	Crash   = "crash"   // it falls silent; its agents are in world by the grid's books
)

// Statuses are what an Error answers with unless told otherwise: what
// simulators do. A login service that is overrun says 503; a seed 404 where
// several agents log in at once; an event queue 502 when it has nothing to say.
var Statuses = map[string]int{Login: 503, Seed: 404, EventQueue: 502, Capability: 500}

// Duration is a time.Duration that is written as "30s", "5m" or "1h30m".
type Duration time.Duration

const maxDuration = 365 * 24 * time.Hour

// UnmarshalText reads a duration as time.ParseDuration does, from 0s to a year.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%q is no duration: want one such as 30s, 5m or 1h30m", text)
	}
	if v < 0 || v > maxDuration {
		return fmt.Errorf("%q is out of range: want a duration from 0s to 8760h", text)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes the duration so that UnmarshalText reads it back.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Where gives the place and the kind of the fault; empty where it has none.
func (f *Fault) Where() (place, kind string) {
	for _, p := range f.places() {
		if p.kind != "" {
			return p.name, p.kind
		}
	}
	return "", ""
}

type place struct{ name, kind string }

func (f *Fault) places() []place {
	return []place{{UDP, f.UDP}, {Login, f.Login}, {Seed, f.Seed}, {EventQueue, f.EventQueue}, {Capability, f.Capability},
		{Teleport, f.Teleport}, {Region, f.Region}}
}

// String is how reports and logs call the fault: udp loss, capability error.
func (f Fault) String() string {
	place, kind := f.Where()
	return place + " " + kind
}

// active tells whether the fault's time is now.
func (f *Fault) active(since time.Duration) bool {
	return since >= time.Duration(f.From) && (f.Until == 0 || since < time.Duration(f.Until))
}

func (f *Fault) chance() float64 {
	if f.Percent == 0 {
		return 1
	}
	return f.Percent / 100
}
