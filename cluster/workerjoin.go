package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// join connects, and offers the worker until a controller answers.
func (w *worker) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, w.cfg.JoinTimeout, &JoinError{
		fmt.Errorf("no controller of the cluster %s answers at %s after %v: is it up, and is that its name?", w.cfg.Name, w.cfg.URL, w.cfg.JoinTimeout),
	})
	defer cancel()
	spools, err := findSpools(w.cfg.Spool)
	if err != nil {
		return err
	}
	for _, s := range spools {
		w.me.Spools = append(w.me.Spools, s.run)
	}
	w.names = subjects{name: w.cfg.Name}
	if err := w.connect(ctx); err != nil {
		return err
	}
	reply, err := w.offer(ctx)
	if err == nil && !reply.Accepted {
		err = &JoinError{fmt.Errorf("the controller refuses this worker: %s", reply.Why)}
	}
	if err != nil {
		w.nc.Close()
		return err
	}
	w.names = w.names.of(reply.Run)
	w.log.Info("joined", "run", reply.Run, "worker", w.me.name(), "id", w.me.ID)
	w.cfg.Tell(fmt.Sprintf("joined the run %s as %s", reply.Run, w.me.name()))
	return nil
}

// connect tries until it succeeds or can't.
func (w *worker) connect(ctx context.Context) (err error) {
	told := false
	for {
		if w.nc, err = w.cfg.dial("slload worker " + w.me.name()); err == nil {
			w.nc.SetReconnectHandler(func(*nats.Conn) { w.post(w.sendAgain) })
			w.js, err = jetstream.New(w.nc, jetstream.WithPublishAsyncTimeout(publishTime), jetstream.WithDefaultTimeout(publishTime))
			return err
		}
		if errors.As(err, new(*JoinError)) {
			return err
		}
		if !told {
			w.cfg.Tell(fmt.Sprintf("waiting for the controller: %v", err))
			told = true
		}
		if werr := wait(ctx, w.cfg.times.beat); werr != nil {
			return errors.Join(werr, err)
		}
	}
}

// joinAsk is how long an offer may be unanswered: a controller that goes on with a
// run doesn't answer at first.
const joinAsk = time.Second

// offer asks until it is accepted, or refused for good.
func (w *worker) offer(ctx context.Context) (*joinReply, error) {
	told := ""
	tell := func(line string) {
		if told != line {
			w.cfg.Tell(line)
		}
		told = line
	}
	why := ""
	for {
		reply, err := ask[joinReply](ctx, w.nc, w.names.join(), encode(&w.me), joinAsk)
		switch {
		case err == nil && !reply.Later:
			return reply, nil
		case err == nil:
			why = reply.Why
			tell("waiting for a place in the run: " + why)
		case errors.Is(err, nats.ErrConnectionClosed):
			return nil, &JoinError{fmt.Errorf("join the cluster %s: %w", w.cfg.Name, err)}
		default:
			tell("waiting for the controller of the cluster " + w.cfg.Name)
		}
		if err := wait(ctx, w.cfg.times.beat); err != nil {
			if why != "" && errors.As(err, new(*JoinError)) { // there is a controller
				err = &JoinError{fmt.Errorf("the controller has had no place for this worker for %v: %s", w.cfg.JoinTimeout, why)}
			}
			return nil, err
		}
	}
}

// introduce offers the worker to a controller that was started again: of the run it
// knows only those that have segments. It runs on its own goroutine.
func (w *worker) introduce(ctx context.Context) {
	for ctx.Err() == nil {
		reply, err := ask[joinReply](ctx, w.nc, w.names.join(), encode(&w.me), joinAsk)
		if err == nil && !reply.Later {
			w.log.Info("known to the controller that was started again", "accepted", reply.Accepted, "why", reply.Why)
			return
		}
		_ = wait(ctx, w.cfg.times.beat) // its end ends the loop
	}
}

// wait waits a while, or for ctx's end, of which it tells the cause.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// spooled are frames of an earlier worker on their way.
type spooled struct {
	path    string
	last    uint64 // number of the last message; they are numbered anew
	damaged bool
	courier *courier
}

// deliverSpools brings what earlier workers left of this run to JetStream.
func (w *worker) deliverSpools() {
	found, err := findSpools(w.cfg.Spool)
	if err != nil {
		w.log.Warn("spools", "error", err)
	}
	for _, s := range found {
		if s.run != w.names.run {
			w.log.Info("frames of another run are left", "run", s.run, "file", s.path)
			continue
		}
		frames, err := s.read(w.names)
		if errors.Is(err, os.ErrNotExist) {
			continue // another worker with that directory has delivered it
		}
		if err != nil {
			w.log.Warn("a spool is damaged; what of it can be read is delivered", "error", err)
		}
		w.deliverSpool(&spooled{path: s.path, damaged: err != nil}, frames)
	}
}

func (w *worker) deliverSpool(s *spooled, frames []message) {
	w.spools = append(w.spools, s)
	s.last = uint64(len(frames))
	w.cfg.Tell(fmt.Sprintf("delivering %d frames that an earlier worker left", s.last))
	s.courier = deliver(w.couriers, w.js, func(acked uint64, _ bool) {
		if acked == s.last {
			w.post(func() { w.delivered(s) })
		}
	})
	go func() {
		defer close(s.courier.in)
		for i, m := range frames {
			m.seq = uint64(i) + 1
			select {
			case s.courier.in <- m:
			case <-s.courier.ended:
				return
			}
		}
		if s.last == 0 {
			w.post(func() { w.delivered(s) })
		}
	}()
}

// delivered does away with a spool that JetStream has.
func (w *worker) delivered(s *spooled) {
	for i, other := range w.spools {
		if other == s {
			w.spools = append(w.spools[:i], w.spools[i+1:]...)
			break
		}
	}
	var err error
	if s.damaged {
		err = os.Rename(s.path, s.path+".damaged")
	} else {
		err = os.Remove(s.path)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) { // another worker with that directory delivered it, too
		w.log.Warn("a delivered spool stays", "error", err)
	}
	w.beat()
}
