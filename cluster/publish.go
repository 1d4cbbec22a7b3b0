package cluster

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// message is a frame on its way.
type message struct {
	subject, id string
	seq         uint64
	data        []byte
}

func (m *message) nats() *nats.Msg {
	return &nats.Msg{Subject: m.subject, Data: m.data, Header: nats.Header{jetstream.MsgIDHeader: {m.id}}}
}

// Bounds of what waits for JetStream. A minute of a busy segment is a few MB.
const (
	maxWaiting  = 64 << 20
	publishTime = 5 * time.Second // for an ack
	retryAfter  = 500 * time.Millisecond
)

// courier brings the frames of one segment to JetStream, in order, each until it
// is acked. Its goroutine owns what waits.
type courier struct {
	in     chan message
	report func(acked uint64, full bool) // called on its goroutine
	ended  chan struct{}
	left   []message // when it has ended
}

// deliver starts a courier. It ends when in is closed and all is acked, or with
// ctx.
func deliver(ctx context.Context, js jetstream.JetStream, report func(acked uint64, full bool)) *courier {
	c := &courier{in: make(chan message, 16), report: report, ended: make(chan struct{})}
	go c.run(ctx, js)
	return c
}

func (c *courier) run(ctx context.Context, js jetstream.JetStream) {
	defer close(c.ended)
	var waiting []message
	size, in := 0, c.in
	var under jetstream.PubAckFuture // the first of waiting, if it was sent
	var acked <-chan *jetstream.PubAck
	var failed <-chan error
	retry := time.NewTimer(0)
	defer retry.Stop()
	pause := true // until retry
	for in != nil || len(waiting) > 0 {
		if under == nil && len(waiting) > 0 && !pause {
			var err error
			if under, err = js.PublishMsgAsync(waiting[0].nats(), jetstream.WithRetryAttempts(0)); err != nil {
				under, pause = nil, true
				retry.Reset(retryAfter)
			} else {
				acked, failed = under.Ok(), under.Err()
			}
		}
		select {
		case m, ok := <-in:
			if !ok {
				in = nil
				break
			}
			waiting = append(waiting, m)
			if size += len(m.data); size > maxWaiting {
				c.report(0, true)
			}
		case <-acked:
			under, acked, failed = nil, nil, nil
			size -= len(waiting[0].data)
			c.report(waiting[0].seq, false)
			waiting = waiting[1:]
		case <-failed: //nolint:errcheck // whatever it is, the frame is sent again
			under, acked, failed, pause = nil, nil, nil, true
			retry.Reset(retryAfter)
		case <-retry.C:
			pause = false
		case <-ctx.Done():
			c.left = drain(c.in, waiting)
			return
		}
	}
}

// drain takes what is in the channel already.
func drain(in <-chan message, waiting []message) []message {
	for {
		select {
		case m, ok := <-in:
			if !ok {
				return waiting
			}
			waiting = append(waiting, m)
		default:
			return waiting
		}
	}
}
