package main

import (
	"errors"

	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/cluster"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/results/compare"
	"github.com/slload/slload/swarm"
)

// The exit codes, as DESIGN.md has them.
const (
	exitOK          = 0
	exitInternal    = 1
	exitUsage       = 2
	exitThreshold   = 3
	exitRegression  = 4
	exitOpen        = 5 // inconclusive
	exitInvalid     = 6
	exitUnreachable = 7
	exitLost        = 8 // a worker
	exitInterrupted = 130
)

// usageError is a command line or a configuration that can't be followed.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// checkError is a check that was made and failed.
type checkError struct{ err error }

func (e *checkError) Error() string { return e.err.Error() }
func (e *checkError) Unwrap() error { return e.err }

// silentError ends the program with a code when all has been said.
type silentError struct{ code int }

func (e *silentError) Error() string { return "" }

// errInterrupted is a Ctrl-C.
var errInterrupted = errors.New("interrupted")

// exitCode maps an error to the program's exit code. Where several hold the
// order is 130, 1, 2, 7, 8, 6, 3.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	var silent *silentError
	var unprepared *cluster.PrepareError
	switch {
	case errors.Is(err, errInterrupted):
		return exitInterrupted
	case errors.As(err, &silent):
		return silent.code
	case errors.As(err, &unprepared):
		return unprepared.Code
	case isUsage(err):
		return exitUsage
	case errors.As(err, new(*swarm.UnreachableError)):
		return exitUnreachable
	case errors.As(err, new(*cluster.WorkerLostError)), errors.As(err, new(*cluster.OrphanError)):
		return exitLost
	case errors.As(err, new(*invalidError)):
		return exitInvalid
	case errors.Is(err, swarm.ErrAborted), errors.As(err, new(*checkError)):
		return exitThreshold
	}
	return exitInternal
}

func isUsage(err error) bool {
	return errors.As(err, new(*usageError)) || errors.As(err, new(*swarm.ConfigError)) ||
		errors.As(err, new(*swarm.RefusedError)) || errors.As(err, new(*profiles.Error)) ||
		errors.As(err, new(profiles.Errors)) || errors.As(err, new(*behaviors.UnknownError)) ||
		errors.As(err, new(*cluster.JoinError)) ||
		isRefusal(err)
}

// verdictCode is the exit code of a run that went to its end.
func verdictCode(s *results.Summary) int {
	switch {
	case s.Verdict.Generator == results.Invalid:
		return exitInvalid
	case s.Verdict.Thresholds == results.ThresholdsFail:
		return exitThreshold
	}
	return exitOK
}

// isRefusal tells a comparison that can't be made as it was asked for.
func isRefusal(err error) bool {
	return errors.As(err, new(*compare.MismatchError)) || errors.As(err, new(*compare.DuplicateError)) ||
		errors.As(err, new(*compare.NoPrimaryError)) || errors.As(err, new(*compare.UnknownOperationError))
}

// comparisonCode is the exit code of a comparison.
func comparisonCode(v compare.Verdict) int {
	switch v {
	case compare.Regressed:
		return exitRegression
	case compare.Inconclusive, compare.None:
		return exitOpen
	}
	return exitOK
}
