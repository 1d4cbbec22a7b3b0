package cluster

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// worker is a process that has segments. Its fields belong to its loop, which
// others reach by post.
type worker struct {
	cfg   WorkerConfig
	me    joinRequest
	names subjects
	nc    *nats.Conn
	js    jetstream.JetStream
	log   *slog.Logger
	cut   context.Context // of the process: don't wait for logouts

	mailbox chan func()
	gone    chan struct{} // the loop ended

	segments map[key]*holding
	heard    time.Time // of the controller, on the monotonic clock
	told     controllerBeat
	leaving  error // why it takes no more segments
	failed   error // the first segment that failed here; a *PrepareError
	spools   []*spooled
	couriers context.Context // of all couriers; ends when nobody waits for them any more
	hangUp   context.CancelFunc
}

// Work joins a cluster and makes what it is given of a run, until that is over.
// When ctx ends it stops early but in order: its agents log out, and what they
// measured is delivered. When cut ends, too, it waits for nothing. The error is a
// *JoinError, an *OrphanError, a *PrepareError of a segment that failed here, ctx's,
// or another failure of this machine.
func Work(ctx, cut context.Context, cfg WorkerConfig) error {
	if err := cfg.complete(); err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	w := &worker{
		cfg: cfg, log: cfg.Log, cut: cut, mailbox: make(chan func(), 64), gone: make(chan struct{}),
		segments: make(map[key]*holding),
		me: joinRequest{
			ID: uuid.NewString(), Host: cmp.Or(cfg.host, text(host)), PID: os.Getpid(), Cores: runtime.GOMAXPROCS(0),
			Version: text(cfg.Version), Segment: cfg.Segment,
		},
	}
	defer close(w.gone)
	w.couriers, w.hangUp = context.WithCancel(context.WithoutCancel(ctx))
	defer w.hangUp()
	if err := w.join(ctx); err != nil {
		return err
	}
	defer w.nc.Close()
	if err := w.listen(); err != nil {
		return err
	}
	w.deliverSpools()
	return w.run(ctx)
}

// post has the loop do something, unless it has ended.
func (w *worker) post(do func()) {
	select {
	case w.mailbox <- do:
	case <-w.gone:
	}
}

// listen takes what the controller tells.
func (w *worker) listen() error {
	_, err := w.nc.Subscribe(w.names.worker(w.me.ID), func(m *nats.Msg) {
		var a assignment
		if err := decode(m.Data, &a); err != nil {
			w.log.Warn("the controller's assignment can't be read", "error", err)
			return
		}
		w.post(func() { w.assign(&a) })
	})
	if err == nil {
		_, err = w.nc.Subscribe(w.names.beat(), func(m *nats.Msg) {
			var b controllerBeat
			if err := decode(m.Data, &b); err != nil {
				w.log.Warn("the controller's beat can't be read", "error", err)
				return
			}
			w.post(func() { w.hear(&b) })
		})
	}
	if err != nil {
		return fmt.Errorf("listen to the controller: %w", err)
	}
	return nil
}

// run is the loop.
func (w *worker) run(ctx context.Context) error {
	w.heard = time.Now()
	ticked := w.heard
	tick := time.NewTicker(w.cfg.times.beat)
	defer tick.Stop()
	done, cut := ctx.Done(), w.cut.Done()
	for !w.finished() {
		select {
		case do := <-w.mailbox:
			do()
		case <-tick.C:
			for range len(w.mailbox) { // which may tell of the controller
				(<-w.mailbox)()
			}
			if now := time.Now(); now.Sub(ticked) > w.cfg.times.orphan/2 {
				w.heard = now // this process stood still itself
			}
			ticked = time.Now()
			if w.leaving == nil && time.Since(w.heard) > w.cfg.times.orphan {
				w.leave(&OrphanError{Run: w.names.run}, errOrphan, w.cfg.times.logout)
			}
			w.beat()
		case <-w.cfg.crash:
			return w.die()
		case <-done:
			done = nil
			w.leave(context.Cause(ctx), errStopped, 0)
		case <-cut:
			cut = nil
			w.leave(context.Cause(w.cut), errStopped, 0)
		}
	}
	return w.farewell()
}

// hear takes a beat of the controller.
func (w *worker) hear(b *controllerBeat) {
	if b.Run != w.names.run {
		return
	}
	w.heard = time.Now()
	if b.Over && w.leaving == nil {
		w.cfg.Tell("the run is over")
		w.leave(errOver, errOrdered, 0)
	}
	if b.Incarnation != w.told.Incarnation { // the first may be another's than that which it joined
		go w.introduce(w.couriers)
	}
	for _, c := range w.underway() {
		c.isSafe(b.Safe)
	}
	if b.Orders.N >= w.told.Orders.N || b.Incarnation != w.told.Incarnation {
		w.told = *b
	}
	for _, h := range w.segments {
		w.command(h)
	}
}

// underway are the couriers of all segments and spools.
func (w *worker) underway() (list []*courier) {
	for _, h := range w.segments {
		list = append(list, h.courier)
	}
	for _, s := range w.spools {
		list = append(list, s.courier)
	}
	return list
}

// sendAgain is for a NATS that was away: it may have lost what it hadn't brought to
// its disk.
func (w *worker) sendAgain() {
	for _, c := range w.underway() {
		c.sendAgain()
	}
}

// command has a segment do what the controller wants.
func (w *worker) command(h *holding) {
	if h.Epoch < w.told.Epochs[h.Segment] {
		h.end(errFenced, w.cfg.times.logout)
	}
	if w.told.Orders.End {
		h.end(errOrdered, 0)
	}
	h.steer(w.told.Orders)
}

// beat tells how it stands.
func (w *worker) beat() {
	b := workerBeat{ID: w.me.ID, Leaving: w.leaving != nil, Spooling: len(w.spools) > 0}
	for _, h := range w.segments {
		b.Segments = append(b.Segments, h.segmentBeat)
	}
	slices.SortFunc(b.Segments, func(a, b segmentBeat) int {
		return cmp.Or(cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Epoch, b.Epoch))
	})
	_ = w.nc.Publish(w.names.beatOf(w.me.ID), encode(&b)) // lost, it is made good by the next
}

// logTo is where swarms log.
func (w *worker) logTo(io.Writer) *slog.Logger { return w.log }
