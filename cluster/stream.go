package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// maxStream bounds what JetStream keeps of a run. A controller that keeps up
	// leaves some ten seconds in it; 1 GB is an hour of hundreds of workers
	// without a controller.
	maxStream = 1 << 30
	// dedupeWindow is how long JetStream knows a frame again. The controller knows
	// it for ever: this saves room when an ack was lost.
	dedupeWindow = 5 * time.Minute
)

// openStream makes the run's stream, or finds it.
func openStream(ctx context.Context, js jetstream.JetStream, s subjects) (jetstream.Stream, error) {
	stream, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: s.stream(), Subjects: []string{s.framesRoot() + ".*"},
		Description: "frames of the slload run " + s.run,
		// Full, it refuses what is new, which workers keep; nothing is thrown away.
		Discard: jetstream.DiscardNew, MaxBytes: maxStream, MaxMsgSize: maxMessage,
		Duplicates: dedupeWindow, Storage: jetstream.FileStorage,
	})
	if err != nil {
		return nil, fmt.Errorf("make JetStream's stream %s: %w", s.stream(), err)
	}
	return stream, nil
}

// received is a message of the stream.
type received struct {
	data  []byte
	place uint64 // in the stream, from 1 on; 0: no message, the stream is a new one
}

// consumer reads a stream. NATS may go and come back meanwhile.
type consumer struct {
	js    jetstream.JetStream
	names subjects
	next  uint64         // place
	hand  func(received) // gets all that the stream holds, in order
	warn  func(error)
	again chan struct{} // has it look at the stream anew: NATS has come back
}

// run reads until ctx ends.
func (c *consumer) run(ctx context.Context) {
	for ctx.Err() == nil {
		back, err := c.once(ctx)
		if back {
			c.rewind()
		}
		if err != nil && ctx.Err() == nil {
			c.warn(fmt.Errorf("read the stream %s: %w", c.names.stream(), err))
			_ = wait(ctx, retryAfter)
		}
	}
}

// rewind has the stream read from its beginning: no frame counts twice. Places that
// were told mean nothing any more: a NATS server that was killed may have lost its
// last messages, and given their places to others before anybody could look.
func (c *consumer) rewind() {
	c.next = 1
	c.hand(received{})
}

// once reads until something happens to the stream, or to the way there. The
// library mends what it can by itself (an ordered consumer is made anew where a
// message is missing), but knows nothing of a stream that has lost messages. back
// tells that NATS was away.
func (c *consumer) once(ctx context.Context) (back bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := c.find(ctx); err != nil {
		return false, err
	}
	short, cancelShort := context.WithTimeout(ctx, publishTime)
	defer cancelShort()
	ordered, err := c.js.OrderedConsumer(short, c.names.stream(), jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: c.next, MaxResetAttempts: 1,
	})
	if err != nil {
		return false, err
	}
	messages, err := ordered.Messages(jetstream.PullHeartbeat(time.Second), jetstream.PullExpiry(5*time.Second))
	if err != nil {
		return false, err
	}
	defer messages.Stop()
	fresh, woken := make(chan struct{}), false
	defer func() { cancel(); <-fresh; back = woken }()
	go func() {
		defer close(fresh)
		select {
		case <-c.again:
			woken = true
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			if ctx.Err() != nil {
				return false, nil
			}
			return false, err
		}
		meta, err := m.Metadata()
		if err != nil {
			return false, err
		}
		c.next = meta.Sequence.Stream + 1
		c.hand(received{m.Data(), meta.Sequence.Stream})
	}
}

// find finds the stream. One that is gone is made anew, and one that has lost
// what was read of it is read from its beginning: no frame counts twice.
func (c *consumer) find(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	stream, err := c.js.Stream(ctx, c.names.stream())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = openStream(ctx, c.js, c.names)
	}
	if err != nil {
		return err
	}
	if stream.CachedInfo().State.LastSeq+1 < c.next {
		c.rewind()
	}
	return nil
}

// purgeStream forgets what comes before a place.
func purgeStream(ctx context.Context, js jetstream.JetStream, s subjects, to uint64) error {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	stream, err := js.Stream(ctx, s.stream())
	if err == nil {
		err = stream.Purge(ctx, jetstream.WithPurgeSequence(to))
	}
	return err
}
