package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// holding is a segment at its worker. Its fields belong to the worker's loop;
// its swarm runs on a goroutine of its own.
type holding struct {
	segmentBeat
	a       *assignment
	start   chan time.Time // of this machine's clock
	started bool
	stop    context.CancelCauseFunc
	cut     context.CancelCauseFunc
	limit   *time.Timer // of the logouts; nil: none
	orders  chan orders // the newest that weren't carried out
	courier *courier
	over    bool // the swarm has ended
}

// assign takes a segment, or hears when it begins.
func (w *worker) assign(a *assignment) {
	if a.Run != w.names.run || w.leaving != nil {
		return
	}
	h := w.segments[a.key()]
	if h == nil {
		if len(w.segments) >= maxHeld {
			w.log.Warn("one segment too many", "segment", a.Segment, "epoch", a.Epoch)
			return
		}
		h = w.hold(a)
	}
	if a.At > 0 && !h.started {
		h.started = true
		h.start <- time.Unix(0, a.At)
	}
	w.beat()
}

// hold begins to make a segment ready.
func (w *worker) hold(a *assignment) *holding {
	h := &holding{
		segmentBeat: segmentBeat{key: a.key(), State: statePreparing},
		a:           a, start: make(chan time.Time, 1), orders: make(chan orders, 1),
	}
	w.segments[a.key()] = h
	w.cfg.Tell(fmt.Sprintf("makes segment %d of %d", a.Segment, a.Of))
	w.log.Info("segment assigned", "segment", fmt.Sprintf("%d:%d", a.Segment, a.Of), "epoch", a.Epoch)
	var ctx, cut context.Context
	ctx, h.stop = context.WithCancelCause(context.Background())
	cut, h.cut = context.WithCancelCause(w.cut)
	h.courier = deliver(w.couriers, w.js, func(acked uint64, full bool) {
		w.cfg.acked(a.key(), acked)
		w.post(func() {
			if h.Acked = max(h.Acked, acked); full {
				h.end(errFull, w.cfg.times.logout)
			}
		})
	})
	go func() {
		err := w.make(ctx, cut, h, a)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil // it was told to
		}
		close(h.courier.in)
		w.post(func() { w.ended(h, err) })
	}()
	w.command(h)
	return h
}

// end has the swarm end in order, and within most; 0: it takes its time.
func (h *holding) end(cause error, most time.Duration) {
	h.stop(cause)
	if most > 0 && h.limit == nil {
		h.limit = time.AfterFunc(most, func() { h.cut(cause) })
	}
}

// steer gives the swarm its orders; newer ones take the place of older ones.
func (h *holding) steer(o orders) {
	if h.over {
		h.Applied = o.N
		return
	}
	select {
	case <-h.orders:
	default:
	}
	h.orders <- o
}

// ended notes that the swarm has.
func (w *worker) ended(h *holding, err error) {
	h.over = true
	h.Applied = w.told.Orders.N
	if h.limit != nil {
		h.limit.Stop()
	}
	h.cut(nil)
	h.State, h.InWorld = stateEnded, 0
	if err != nil {
		h.State, h.Error, h.Code = stateFailed, text(err.Error()), code(err)
		w.log.Error("segment failed", "segment", h.Segment, "epoch", h.Epoch, "error", err)
		if w.failed == nil {
			w.failed = &PrepareError{w.me.name(), h.Error, h.Code}
		}
	}
	w.beat()
}

// make makes the segment. It runs on its own goroutine.
func (w *worker) make(ctx, cut context.Context, h *holding, a *assignment) error {
	offset, err := clockOffset(ctx, w.nc, w.names, w.cfg.now)
	if err != nil {
		return err
	}
	w.log.Info("controller's clock", "ahead", offset)
	cfg, err := w.swarm(a)
	if err != nil {
		return err
	}
	plan, err := profiles.NewPlan(cfg.Profile, a.Seed, profiles.Share{Index: 0, Count: 1})
	if err != nil {
		return err
	}
	why := func() string {
		if ctx.Err() == nil {
			return ""
		}
		return text(context.Cause(ctx).Error())
	}
	cfg.Sink = newSink(a, w.me.name(), plan, why, func(f *frame) { w.send(h, f) })
	cfg.OnPrepared = func(mode circuit.TransportMode, loops int) {
		w.post(func() { h.Transport, h.Loops = string(mode), loops })
	}
	cfg.Ready = func(ctx context.Context) (time.Time, error) {
		w.post(func() { h.State = stateReady; w.beat() })
		select {
		case at := <-h.start:
			return at.Add(-offset), nil
		case <-ctx.Done():
			return time.Time{}, context.Cause(ctx)
		}
	}
	steering, endSteering := context.WithCancel(ctx)
	var steered sync.WaitGroup
	cfg.OnBegin = func(string) {
		w.post(func() { h.State = stateRunning; w.beat() })
		steered.Go(func() { w.obey(steering, h, cfg.Control) })
	}
	cfg.OnProgress = func(p swarm.Progress) {
		w.post(func() { h.InWorld = p.Agents.InWorld })
	}
	release := w.cfg.Tune(cfg.Profile, (plan.Peak+a.Of-1)/a.Of)
	_, err = w.cfg.play(ctx, cut, cfg)
	release()
	endSteering()
	steered.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil // it was told to
	}
	return err
}

// swarm is the segment as a swarm.
func (w *worker) swarm(a *assignment) (swarm.Config, error) {
	p, err := profiles.Parse([]byte(a.Profile), "the controller's profile")
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		return swarm.Config{}, &swarm.ConfigError{Err: err}
	}
	if w.cfg.AccountsCSV != "" {
		p.Accounts = profiles.AccountSource{CSV: w.cfg.AccountsCSV, PasswordEnv: p.Accounts.PasswordEnv}
	}
	accounts, err := p.Accounts.Open(w.cfg.Getenv)
	if err != nil {
		return swarm.Config{}, &swarm.ConfigError{Err: err}
	}
	target := a.Target
	target.CAFile = w.cfg.CA // the controller's is on another machine
	return swarm.Config{
		Profile: p, Accounts: accounts, LoginURI: a.LoginURI, Target: target, Seed: a.Seed,
		Share: profiles.Share{Index: a.Segment, Count: a.Of}, From: a.From, TakeOver: a.Takeover,
		Shards: a.Shards, Transport: circuit.TransportMode(a.Transport),
		Sources: w.cfg.Sources, SourcePorts: w.cfg.SourcePorts, SimStats: a.SimStats, Version: w.cfg.Version,
		Log: w.logTo, Control: swarm.NewControl(),
	}, nil
}

// send gives a frame to the courier. It runs on the swarm's goroutine.
func (w *worker) send(h *holding, f *frame) {
	data, err := appendFrame(nil, f)
	if err != nil { // of what simulators say of themselves; what was measured must go
		w.log.Warn("a second without its simulators", "error", err)
		f.Sample.Simulators, f.Sample.Reports = nil, nil
		if data, err = appendFrame(nil, f); err != nil {
			f.Sample.Generator, f.Sample.InPhase = results.Generator{}, results.Delays{}
			data, _ = appendFrame(nil, f)
		}
	}
	select {
	case h.courier.in <- message{w.names.frames(f.Segment), f.id(), f.Seq, data}:
	case <-h.courier.ended: // nobody waits for it any more
	}
	w.post(func() { h.Made = max(h.Made, f.Seq) })
}

// obey steers the swarm by the newest orders. It runs on its own goroutine.
func (w *worker) obey(ctx context.Context, h *holding, control *swarm.Control) {
	done := orders{Toggles: h.a.Toggles}
	for {
		select {
		case o := <-h.orders:
			refused := done.catchUp(ctx, control, &o)
			w.post(func() { h.Applied, h.Refused = o.N, refused; w.beat() })
		case <-ctx.Done():
			return
		}
	}
}

// catchUp does what of the orders to isn't done yet, and tells what was refused.
func (o *orders) catchUp(ctx context.Context, control *swarm.Control, to *orders) (refused string) {
	for ; o.Toggles < to.Toggles; o.Toggles++ {
		do := control.Pause
		if o.Toggles%2 == 1 {
			do = control.Resume
		}
		if err := do(ctx); err != nil {
			refused = text(err.Error())
		}
	}
	if o.Scales < to.Scales {
		o.Scales = to.Scales
		if err := control.Scale(ctx, to.Agents); err != nil {
			refused = text(err.Error())
		}
	}
	return refused
}
