package agent

import (
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/message"
)

// The events of an agent. At is when the datagram reached this machine, by
// the kernel's clock.

// ChatHeard is a line of chat.
type ChatHeard struct {
	At         circuit.Instant
	From       string
	SourceID   uuid.UUID // of the avatar or object that spoke
	FromObject bool
	Kind       ChatKind
	Text       string
}

// IMReceived is an instant message, or one of the many things that travel as
// one: Dialog tells which.
type IMReceived struct {
	At        circuit.Instant
	From      uuid.UUID
	FromName  string
	Dialog    uint8
	SessionID uuid.UUID
	Offline   bool
	Text      string
}

// RegionStats is what the simulator says of itself every few seconds; 0 where
// it said nothing, or no number.
type RegionStats struct {
	At           circuit.Instant
	Region       string
	FPS          float32 // frames a second, as the simulator counts them
	TimeDilation float32 // 1: the simulator keeps up
	Agents       int     // in the region
	Neighbours   int     // agents that see it from other regions
	Prims        int
	Scripts      int // running
}

// Left is the end: Err is nil after a logout.
type Left struct {
	At  circuit.Instant
	Err error
}

// QueueEvent is an event of the event queue, whatever its name. At is when the
// answer that brought it had been read.
type QueueEvent struct {
	At circuit.Instant
	eq.Event
}

// MessageReceived is a message of the circuit, raw. Message is the loop's and
// good until the callback returns.
type MessageReceived struct {
	At        circuit.Instant
	ID        message.ID
	Message   message.Message
	Region    uint64 // handle of the region whose it is: x metres << 32 | y metres
	Neighbour bool   // that isn't the one in which the agent stands
}
