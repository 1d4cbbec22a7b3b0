package cluster

import (
	"errors"
	"fmt"
	"strings"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
)

// JoinError is a cluster that doesn't come together: a token or a version that is
// refused, a name that is taken, workers that don't come, a controller that isn't
// there. Its exit code is 2.
type JoinError struct{ Err error }

func (e *JoinError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *JoinError) Unwrap() error { return e.Err }

// Exit codes, of those that a worker may tell of.
const (
	codeInternal    = 1
	codeUsage       = 2
	codeUnreachable = 7
)

// PrepareError is a worker that couldn't make its segment ready, or whose segment
// could never succeed. Code is the exit code for it.
type PrepareError struct {
	Worker string // host:pid
	Why    string
	Code   int
}

func (e *PrepareError) Error() string { return fmt.Sprintf("worker %s: %s", e.Worker, e.Why) }

// WorkerLostError is a run that lost a part of its load. Its exit code is 8.
type WorkerLostError struct{ Lost []string }

func (e *WorkerLostError) Error() string {
	return "a part of the load was lost: " + strings.Join(e.Lost, "; ")
}

// OrphanError is a worker that ended its load because no controller was heard of.
// Its exit code is 8.
type OrphanError struct {
	Run   string
	Spool string // of frames that couldn't be delivered; "": there are none
}

func (e *OrphanError) Error() string {
	what := fmt.Sprintf("no controller of the run %s is heard of: its agents have logged out", e.Run)
	if e.Spool != "" {
		what += "; what they measured last is in " + e.Spool + ", which the next worker with that spool delivers"
	}
	return what
}

// Why a segment is stopped before its plan is over; the message is an end*.
var (
	errOrdered = errors.New(endOrder)
	errFenced  = errors.New("another worker has the segment")
	errOrphan  = errors.New(endOrphan)
	errStopped = errors.New(endStop)
	errFull    = errors.New("its results can't be delivered")
)

// code is the exit code for a segment's error.
func code(err error) int {
	var parse profiles.Errors
	switch {
	case errors.As(err, new(*swarm.UnreachableError)):
		return codeUnreachable
	case errors.As(err, new(*swarm.ConfigError)), errors.As(err, new(*swarm.RefusedError)),
		errors.As(err, new(*profiles.Error)), errors.As(err, &parse):
		return codeUsage
	}
	return codeInternal
}
