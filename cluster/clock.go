package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Machines' clocks needn't agree: a worker measures how far the controller's is
// ahead of its own, as NTP does, and begins by its own clock. The offset is wrong
// by half of the round trip's asymmetry at most, so the quickest of several
// answers is believed.
const (
	clockAsks    = 8
	clockTimeout = 2 * time.Second
)

// clockReply is the controller's clock.
type clockReply struct {
	Run string `json:"run"`
	Now int64  `json:"now"` // Unix nanoseconds
}

func (r *clockReply) check() error {
	if !runForm.MatchString(r.Run) || r.Now <= 0 {
		return fmt.Errorf("run %.40q at %d", r.Run, r.Now)
	}
	return nil
}

// serveClock answers who asks for the time, at once and beside the loop.
func serveClock(nc *nats.Conn, s subjects, now func() time.Time) (*nats.Subscription, error) {
	return nc.Subscribe(s.clock(), func(m *nats.Msg) {
		_ = m.Respond(encode(clockReply{s.run, now().UnixNano()})) // who asks asks again
	})
}

// clockOffset is how far the controller's clock is ahead of now.
func clockOffset(ctx context.Context, nc *nats.Conn, s subjects, now func() time.Time) (time.Duration, error) {
	var offset time.Duration
	best := time.Duration(-1)
	var last error
	for range clockAsks {
		sent := now()
		reply, err := ask[clockReply](ctx, nc, s.clock(), nil, clockTimeout)
		back := now()
		switch {
		case err != nil:
			last = err
			if ctx.Err() != nil {
				return 0, err
			}
		case reply.Run != s.run:
			return 0, fmt.Errorf("ask for the controller's time: run %s answers, not %s: two controllers have the cluster name %s", reply.Run, s.run, s.name)
		case best < 0 || back.Sub(sent) < best:
			best = back.Sub(sent)
			offset = time.Unix(0, reply.Now).Sub(sent.Add(best / 2))
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("ask for the controller's time: %w", last)
	}
	return offset, nil
}

// ask asks the controller something. nats.ErrNoResponders in the error means that
// there is none (yet).
func ask[T any, P interface {
	*T
	checked
}](ctx context.Context, nc *nats.Conn, subject string, data []byte, timeout time.Duration) (*T, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	m, err := nc.RequestWithContext(ctx, subject, data)
	if err != nil {
		return nil, err
	}
	var reply T
	if err := decode(m.Data, P(&reply)); err != nil {
		return nil, errors.Join(errBadMessage, err)
	}
	return &reply, nil
}

var errBadMessage = errors.New("a message that can't be read")
