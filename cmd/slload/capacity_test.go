package main

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/slload/slload/swarm"
)

func TestAnAbortedTrialHidesNothingElse(t *testing.T) {
	aborted := fmt.Errorf("%w: login.p95 < 2s", swarm.ErrAborted)
	for _, err := range []error{nil, aborted, errors.Join(aborted), errors.Join(errors.Join(aborted, nil), nil)} {
		if got := withoutAbort(err); got != nil {
			t.Errorf("%v leaves %v, want a goal that was missed", err, got)
		}
	}
	for _, err := range []error{
		fs.ErrPermission, errors.Join(aborted, fs.ErrPermission), errors.Join(errors.Join(aborted, fs.ErrPermission), nil),
	} {
		if got := withoutAbort(err); !errors.Is(got, fs.ErrPermission) || errors.Is(got, swarm.ErrAborted) {
			t.Errorf("%v leaves %v, want what else went wrong", err, got)
		}
	}
}
