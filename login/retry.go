package login

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/slload/slload/internal/reason"
)

// Retry is how a login is tried again that failed for a reason which passes.
// Its zero value tries 8 times within a minute and a half: OpenSim fails a
// login once with `presence` when it finds the account online, drops the old
// session and grants the next; after a crash that meets many agents at once,
// so the waits are spread.
type Retry struct {
	Tries int           // in all; 0: 8
	First time.Duration // the longest first wait; 0: 1 s. It doubles each time
	Max   time.Duration // the longest wait; 0: 30 s
}

// Do calls try until it succeeds, fails for good (see [Passing]), or has been
// called Tries times; then it returns try's last error. Before each further
// call it waits between half of the current wait and all of it. If ctx ends
// meanwhile, the error wraps the context's cause.
func (r Retry) Do(ctx context.Context, try func(context.Context) error) error {
	tries, wait, longest := r.Tries, r.First, r.Max
	if tries == 0 {
		tries = 8
	}
	if wait == 0 {
		wait = time.Second
	}
	if longest == 0 {
		longest = 30 * time.Second
	}
	for n := 1; ; n++ {
		err := try(ctx)
		if err == nil || n >= tries || !Passing(err) {
			return err
		}
		wait = min(wait, longest)
		if stopped := sleep(ctx, wait/2+rand.N(wait/2+1)); stopped != nil {
			return fmt.Errorf("%w; before that: %s", stopped, err.Error()) // stopped alone is the reason
		}
		wait *= 2
	}
}

// Passing reports whether a login's failure passes by itself: `presence`, a
// 5xx status, or a connection that the grid cut, on whatever step of it.
func Passing(err error) bool {
	word := reason.Of(err)
	return word == ErrPresence.Code || word == reason.Reset || strings.HasPrefix(word, "http_5")
}

// sleep waits for d, or until ctx ends: then it returns the cause.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stopped waiting to log in again: %w", context.Cause(ctx))
	}
}
