package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// die ends the worker as a kill would, for tests: it says nothing any more.
func (w *worker) die() error {
	w.nc.Close()
	w.hangUp()
	for _, h := range w.segments {
		h.stop(errCrash)
		h.cut(errCrash)
		w.pump(h.courier.ended)
	}
	return errCrash
}

// leave ends all segments, within most (0: as long as their logouts take), and
// takes no more.
func (w *worker) leave(err, cause error, most time.Duration) {
	if w.leaving == nil {
		w.leaving = err
		w.log.Info("worker leaves", "why", cause)
	}
	for _, h := range w.segments {
		h.end(cause, most)
	}
	w.beat()
}

// errOver is a run that came to its end.
var errOver = errors.New("the run is over")

// finished tells that nothing holds the worker any more.
func (w *worker) finished() bool {
	if w.leaving == nil {
		return false
	}
	for _, h := range w.segments {
		if !h.over {
			return false
		}
	}
	return true
}

// farewell delivers what is left, or leaves it in a spool.
func (w *worker) farewell() error {
	w.beat()
	limit := time.AfterFunc(w.cfg.times.deliver, w.hangUp)
	defer limit.Stop()
	stop := context.AfterFunc(w.cut, w.hangUp)
	defer stop()
	var left []message
	for _, h := range w.segments {
		w.pump(h.courier.ended)
		left = append(left, h.courier.left...)
	}
	for _, s := range w.spools {
		w.pump(s.courier.ended)
	}
	w.drain()
	w.beat()
	flush, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = w.nc.FlushWithContext(flush) // what stays unsaid is the last beat
	var orphan *OrphanError
	err := w.leaving
	if len(left) > 0 {
		path, werr := writeSpool(w.cfg.Spool, w.names.run, w.me.ID, left)
		if errors.As(err, &orphan) {
			orphan.Spool = path
		}
		w.cfg.Tell(fmt.Sprintf("%d frames may not have been delivered: %s", len(left), cmp.Or(path, "they are lost")))
		err = errors.Join(err, werr)
	}
	if errors.Is(err, errOver) {
		return w.failed
	}
	return err
}

// pump does the loop's work until something has ended.
func (w *worker) pump(ended <-chan struct{}) {
	for {
		select {
		case do := <-w.mailbox:
			do()
		case <-ended:
			return
		}
	}
}

// drain does what is left of the loop's work.
func (w *worker) drain() {
	for {
		select {
		case do := <-w.mailbox:
			do()
		default:
			return
		}
	}
}
