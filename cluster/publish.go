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
	maxStored   = maxWaiting / 4  // of what is acked and not safe; the oldest goes
	publishTime = 5 * time.Second // for an ack
	retryAfter  = 500 * time.Millisecond
)

// courier brings the frames of one segment to JetStream, in order, each until it
// is acked. NATS brings what it acks to its disk some time later, so a courier
// keeps a frame until it is safe in the run's own files, too: where NATS goes and
// comes back, what isn't safe is sent again, and counts once. Its goroutine owns
// what waits and what is stored.
type courier struct {
	in     chan message
	safe   chan uint64                   // the newest place in the stream before which all is
	again  chan struct{}                 // NATS has come back
	report func(acked uint64, full bool) // called on its goroutine
	ended  chan struct{}
	left   []message // when it has ended

	waiting []message // for their acks
	stored  []stored  // not safe yet
	size    int       // of waiting
	spare   int       // of stored
}

// stored is a message that JetStream has, at a place in the stream.
type stored struct {
	message
	place uint64
}

// deliver starts a courier. It ends when in is closed and all is acked, or with
// ctx.
func deliver(ctx context.Context, js jetstream.JetStream, report func(acked uint64, full bool)) *courier {
	c := &courier{
		in: make(chan message, 16), safe: make(chan uint64, 1), again: make(chan struct{}, 1),
		report: report, ended: make(chan struct{}),
	}
	go c.run(ctx, js)
	return c
}

func (c *courier) run(ctx context.Context, js jetstream.JetStream) {
	defer close(c.ended)
	in := c.in
	var under jetstream.PubAckFuture // the first of waiting, if it was sent
	var acked <-chan *jetstream.PubAck
	var failed <-chan error
	retry := time.NewTimer(0)
	defer retry.Stop()
	pause := true // until retry
	for in != nil || len(c.waiting) > 0 {
		if under == nil && len(c.waiting) > 0 && !pause {
			var err error
			if under, err = js.PublishMsgAsync(c.waiting[0].nats(), jetstream.WithRetryAttempts(0)); err != nil {
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
			c.take(m)
		case ack := <-acked:
			under, acked, failed = nil, nil, nil
			c.store(ack.Sequence)
		case <-failed: //nolint:errcheck // whatever it is, the frame is sent again
			under, acked, failed, pause = nil, nil, nil, true
			retry.Reset(retryAfter)
		case place := <-c.safe:
			c.forget(place)
		case <-c.again:
			under, acked, failed = nil, nil, nil
			c.takeBack()
		case <-retry.C:
			pause = false
		case <-ctx.Done():
			c.left = drain(c.in, c.all())
			return
		}
	}
}

// take has a message wait for its ack.
func (c *courier) take(m message) {
	c.waiting = append(c.waiting, m)
	if c.size += len(m.data); c.size > maxWaiting {
		c.report(0, true)
	}
}

// store keeps the first that waits, which JetStream has now.
func (c *courier) store(place uint64) {
	m := c.waiting[0]
	c.waiting = c.waiting[1:]
	c.stored = append(c.stored, stored{m, place})
	c.size, c.spare = c.size-len(m.data), c.spare+len(m.data)
	for c.spare > maxStored {
		c.dropFirst()
	}
	c.report(m.seq, false)
}

// isSafe tells a courier of the newest place before which all is safe. The worker's
// loop alone calls it.
func (c *courier) isSafe(place uint64) {
	select {
	case <-c.safe: // an older one
	default:
	}
	c.safe <- place
}

// sendAgain has a courier send again what isn't safe.
func (c *courier) sendAgain() {
	select {
	case c.again <- struct{}{}:
	default:
	}
}

// forget drops what lies before a place up to which all is safe.
func (c *courier) forget(place uint64) {
	for len(c.stored) > 0 && c.stored[0].place < place {
		c.dropFirst()
	}
}

func (c *courier) dropFirst() {
	c.spare -= len(c.stored[0].data)
	c.stored = c.stored[1:]
}

// takeBack has what isn't safe wait once more.
func (c *courier) takeBack() {
	select {
	case place := <-c.safe: // from before NATS went
		c.forget(place)
	default:
	}
	c.waiting, c.stored = c.all(), nil
	c.size, c.spare = c.size+c.spare, 0
}

// all is what isn't safe, in order.
func (c *courier) all() []message {
	list := make([]message, 0, len(c.stored)+len(c.waiting))
	for _, s := range c.stored {
		list = append(list, s.message)
	}
	return append(list, c.waiting...)
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
