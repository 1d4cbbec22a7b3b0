package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/internal/reason"
)

// within reports a wait that is not between half of most and most.
func within(t *testing.T, n int, wait, most time.Duration) {
	t.Helper()
	if wait < most/2 || wait > most {
		t.Errorf("wait %d was %v, want %v to %v", n, wait, most/2, most)
	}
}

func TestRetryUntilGranted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		err := Retry{}.Do(t.Context(), func(context.Context) error {
			at = append(at, time.Now())
			switch len(at) {
			case 1:
				return fmt.Errorf("login at x: %w", &Failure{Code: "presence"})
			case 2:
				return &HTTPError{Status: 503}
			case 3:
				return io.ErrUnexpectedEOF
			}
			return nil
		})
		if err != nil || len(at) != 4 {
			t.Fatalf("%d tries, %v", len(at), err)
		}
		for i := 1; i < len(at); i++ {
			within(t, i, at[i].Sub(at[i-1]), time.Second<<(i-1))
		}
	})
}

func TestRetryGivesUp(t *testing.T) {
	for _, tt := range []struct {
		retry Retry
		waits []time.Duration // the longest that each may be
	}{
		{Retry{}, []time.Duration{1e9, 2e9, 4e9, 8e9, 16e9, 30e9, 30e9}},
		{Retry{Tries: 4, First: 5 * time.Second, Max: 8 * time.Second}, []time.Duration{5e9, 8e9, 8e9}},
		{Retry{Tries: 1}, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			last := time.Now()
			tries := 0
			err := tt.retry.Do(t.Context(), func(context.Context) error {
				if tries > 0 && tries <= len(tt.waits) {
					within(t, tries, time.Since(last), tt.waits[tries-1])
				}
				tries++
				last = time.Now()
				return &Failure{Code: "presence", Message: fmt.Sprint("try ", tries)}
			})
			if tries != len(tt.waits)+1 || !errors.Is(err, ErrPresence) || !strings.Contains(err.Error(), fmt.Sprint("try ", tries)) {
				t.Errorf("%d tries, %v", tries, err)
			}
		})
	}
}

func TestRetryLeavesWhatDoesNotPass(t *testing.T) {
	for _, tt := range []struct {
		err     error
		passing bool
	}{
		{&Failure{Code: "presence"}, true},
		{&HTTPError{Status: 500}, true},
		{&HTTPError{Status: 503}, true},
		{io.EOF, true},
		{&HTTPError{Status: 404}, false},
		{&Failure{Code: "key"}, false},
		{&Failure{Code: "mfa_challenge"}, false},
		{ErrNoSeed, false},
		{&AnswerError{io.ErrUnexpectedEOF}, false},
		{context.DeadlineExceeded, false},
		{context.Canceled, false},
	} {
		if got := Passing(tt.err); got != tt.passing {
			t.Errorf("%v: passing %t", tt.err, got)
		}
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			err := Retry{Tries: 2}.Do(t.Context(), func(context.Context) error {
				tries++
				return tt.err
			})
			if want := map[bool]int{true: 2, false: 1}[tt.passing]; tries != want || !errors.Is(err, tt.err) {
				t.Errorf("%v: %d tries, %v", tt.err, tries, err)
			}
		})
	}
}

func TestRetryEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		err := Retry{First: time.Minute, Max: time.Minute}.Do(ctx, func(context.Context) error { return &HTTPError{Status: 502} })
		if time.Since(start) != 10*time.Second || reason.Of(err) != reason.Timeout || !strings.Contains(err.Error(), "HTTP 502") {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// Many agents that fail at once must not come back at once.
func TestRetryIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for range 50 {
			start := time.Now()
			_ = Retry{Tries: 2}.Do(t.Context(), func(context.Context) error { return ErrPresence })
			seen[time.Since(start)] = true
		}
		if len(seen) < 40 {
			t.Errorf("50 waits had only %d lengths", len(seen))
		}
	})
}
