package circuit

// Error is a failure that callers branch on, with errors.Is against the
// variables below. It is wrapped with what was attempted.
type Error struct{ reason, text string }

func (e *Error) Error() string { return e.text }

// Reason is a stable word for counting this failure.
func (e *Error) Reason() string { return e.reason }

var (
	// ErrClosed says that the circuit was closed by this side.
	ErrClosed = &Error{"closed", "circuit closed"}
	// ErrTimeout says that the peer was silent, or left a reliable packet
	// unacknowledged, for the circuit's whole timeout.
	ErrTimeout = &Error{"timeout", "circuit timed out: the peer is silent or acknowledges nothing"}
	// ErrPeerClosed says that the peer sent CloseCircuit.
	ErrPeerClosed = &Error{"closed_by_peer", "circuit closed by the peer"}
	// ErrReplaced says that the peer came back from the same address with another
	// circuit code.
	ErrReplaced = &Error{"replaced", "circuit replaced: its peer came back with another circuit code"}
	// ErrQueueFull says that too much waits for an acknowledgement or for the
	// throttle. Send less, or wait.
	ErrQueueFull = &Error{"queue_full", "circuit's queue is full"}
	// ErrTooLarge says that the message doesn't fit into one datagram.
	ErrTooLarge = &Error{"too_large", "message does not fit into one datagram"}
	// ErrInUse says that this endpoint has a circuit to that peer already; open it
	// without an endpoint to get a free one.
	ErrInUse = &Error{"endpoint_in_use", "endpoint has a circuit to this peer already"}
	// ErrStopped says that the loop ended, or is about to.
	ErrStopped = &Error{"stopped", "circuit loop has ended"}
	// ErrOnLoop says that Post or Call would wait for the very goroutine that calls
	// it. Code on the loop calls functions directly.
	ErrOnLoop = &Error{"on_loop", "called from the loop's own goroutine, which would wait for itself"}
)
