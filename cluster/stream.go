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

// consume hands over all that the stream holds and gets, in order, from the place
// on, until ctx ends. NATS may go and come back meanwhile: an ordered consumer is
// the client's alone and is made anew. A stream that is gone is made anew, too.
func consume(ctx context.Context, js jetstream.JetStream, s subjects, from uint64, hand func(received), warn func(error)) {
	for ctx.Err() == nil {
		err := consumeOnce(ctx, js, s, &from, hand)
		if ctx.Err() != nil {
			return
		}
		warn(err)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			if _, err := openStream(ctx, js, s); err == nil {
				from = 1
				hand(received{})
			}
		}
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
		}
	}
}

func consumeOnce(ctx context.Context, js jetstream.JetStream, s subjects, from *uint64, hand func(received)) error {
	short, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	consumer, err := js.OrderedConsumer(short, s.stream(), jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(*from, 1),
	})
	if err != nil {
		return fmt.Errorf("read the stream %s: %w", s.stream(), err)
	}
	messages, err := consumer.Messages(jetstream.PullHeartbeat(time.Second), jetstream.PullExpiry(5*time.Second))
	if err != nil {
		return fmt.Errorf("read the stream %s: %w", s.stream(), err)
	}
	defer messages.Stop()
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return fmt.Errorf("read the stream %s: %w", s.stream(), err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("read the stream %s: %w", s.stream(), err)
		}
		*from = meta.Sequence.Stream + 1
		hand(received{m.Data(), meta.Sequence.Stream})
	}
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
