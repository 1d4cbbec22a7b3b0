package circuit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

const (
	readBatch  = 64  // datagrams read at once
	maxBatches = 16  // batches read before timers and posts have their turn
	maxFires   = 512 // timers fired before receiving has its turn again
	maxWait    = time.Second

	// flushTime bounds how long an ending loop tries to send what is queued.
	flushTime = time.Second

	defaultMailbox = 1024
)

// Tap sees every datagram that a loop receives (out false) and sends, on the
// loop's goroutine. data is good until it returns.
type Tap func(at Instant, out bool, local, peer netip.AddrPort, data []byte)

// Config says what a loop works with. Only Conn is needed.
type Config struct {
	// Conn is used and at last closed by the loop alone.
	Conn     udp.Conn
	Dispatch *Dispatch
	Observer Observer

	// Accept makes the loop a server's. It is told of the decoded packets of
	// peers without a circuit. If it opens a circuit for ev.Endpoint and
	// ev.Peer and returns true, that circuit then gets the very packet, as
	// any other one. A UseCircuitCode whose code is not that of the peer's
	// circuit closes that (ErrReplaced) and comes here, too.
	Accept func(ev *Event) bool

	// Permit is asked before a circuit is opened to an address; its error is
	// Open's. nil: all are permitted.
	Permit func(netip.Addr) error

	// Gather is for how long, at most, a client's loop with little to do lets
	// what has come, and what is not due to the millisecond, wait for more:
	// see GatherLimit. 0: not at all.
	Gather time.Duration

	Tap     Tap
	Log     *slog.Logger
	Mailbox int // functions that may wait to be run, see Post; 0: 1,024
}

// Loop owns circuits: see the package comment.
type Loop struct {
	conn     udp.Conn
	dispatch *Dispatch
	observer Observer
	accept   func(ev *Event) bool
	permit   func(netip.Addr) error
	tap      Tap
	log      *slog.Logger
	clock    func() reading

	mailbox   mailbox
	goroutine atomic.Uint64 // Run's
	ended     bool

	circuits  table
	endpoints endpoints
	timers    wheel // due to the tick
	loose     wheel // due to the gathering's window
	gather    gather
	stats     counters

	// The receiving side's memory.
	inbox    [readBatch]udp.Packet
	last     Instant // the clock when it was read last
	floor    Instant // nothing that is still to be read came before this
	in       arrived
	event    Event
	messages [message.NumMessages]message.Message // reused, made at first use
	zero     []byte                               // for zero-decoding

	// The sending side's.
	out          outbox
	acks         ackPool
	packets      packetPool
	scratch      []byte // for zero-coding
	encoded      []byte
	packetAck    message.PacketAck
	startPing    message.StartPingCheck
	completePing message.CompletePingCheck
}

// NewLoop makes a loop, which does nothing until Run.
func NewLoop(cfg Config) *Loop { return newLoop(cfg, readClock) }

func newLoop(cfg Config, clock func() reading) *Loop {
	l := &Loop{
		conn: cfg.Conn, dispatch: cfg.Dispatch, observer: cfg.Observer, accept: cfg.Accept, permit: cfg.Permit, tap: cfg.Tap,
		log: cfg.Log, clock: clock,
		circuits:  table{all: map[key]*Circuit{}},
		endpoints: endpoints{conn: cfg.Conn, peers: map[udp.Addr]*peerEndpoints{}},
		zero:      make([]byte, 0, message.MaxBody),
	}
	if l.dispatch == nil {
		l.dispatch = NewDispatch()
	}
	if l.observer == nil {
		l.observer = nobody{}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	l.stats.malformed = map[string]uint64{}
	l.mailbox.init(or(cfg.Mailbox, defaultMailbox), cfg.Conn.Wake, l.onLoop)
	l.out.init(cfg.Conn, clock, cfg.Tap)
	l.last = clock().now
	l.floor = l.last
	l.timers.init(l.last)
	l.loose.init(l.last)
	l.gather.init(cfg)
	return l
}

// Now reads the clock; from any goroutine. Code on the loop uses the now it
// was given.
func (l *Loop) Now() Instant { return Now() }

// Schedule has t.Fire called at `at`, or up to a tick (1 ms) later, instead of
// when it was scheduled for before. A time that has passed stands for the next
// tick. On the loop's goroutine only.
func (l *Loop) Schedule(t *Timer, at Instant) { l.timers.schedule(t, at) }

// Stop keeps t from firing. On the loop's goroutine only.
func (l *Loop) Stop(t *Timer) { t.stop() }

// Run is the loop: it returns when ctx ends, or with an error when the Conn
// fails. Then what was posted has run, what was queued is sent as far as a
// second allows, all circuits are closed with ErrStopped and the Conn is
// closed. A loop runs once.
func (l *Loop) Run(ctx context.Context) error {
	l.goroutine.Store(goroutine())
	stop := context.AfterFunc(ctx, l.conn.Wake)
	defer stop()
	var err error
	for ctx.Err() == nil && err == nil {
		var wait time.Duration
		if wait, err = l.turn(); err == nil {
			l.gather.announce()
			err = l.conn.Wait(wait)
		}
	}
	return l.end(err)
}

// turn does what there is to do and tells how long the loop may wait.
func (l *Loop) turn() (time.Duration, error) {
	more, err := l.read()
	if err != nil {
		return 0, err
	}
	l.out.flush() // answers don't wait for what posts and timers do
	l.runPosted()
	now := l.clock().now
	l.last = now
	l.fire(now)
	l.out.flush()
	if l.out.err != nil {
		return 0, l.out.err
	}
	l.gather.count(now, l.stats.PacketsReceived+l.out.packets)
	if more || l.mailbox.pending() {
		return 0, nil
	}
	return l.idle(now), nil
}

// runPosted runs what was posted until now.
func (l *Loop) runPosted() {
	if !l.mailbox.pending() {
		return
	}
	now := l.clock().now
	for _, f := range l.mailbox.take() {
		f(now)
	}
}

// idle tells for how long nothing is due.
func (l *Loop) idle(now Instant) time.Duration {
	wait := maxWait
	if at, ok := l.timers.next(); ok {
		wait = min(wait, at.Sub(now))
	}
	if at, ok := l.loose.next(); ok {
		if l.loose.due.head == nil {
			at = max(at, now.Add(l.gather.slack()))
		}
		wait = min(wait, at.Sub(now))
	}
	if len(l.out.queue) > 0 {
		wait = min(wait, time.Duration(tick)) // the Conn took no more: offer it again
	}
	return max(wait, 0)
}

// read works on what has come, up to maxBatches, and tells whether there may
// be more.
func (l *Loop) read() (more bool, err error) {
	for range maxBatches {
		before := l.last
		n, err := l.conn.ReadBatch(l.inbox[:])
		if err != nil {
			return false, fmt.Errorf("read datagrams: %w", err)
		}
		if n == 0 {
			l.floor = before
			return false, nil
		}
		r := l.clock()
		l.last = r.now
		for i := range l.inbox[:n] {
			raw := &l.inbox[i]
			l.receive(r.now, r.arrival(raw.Time, l.floor), raw)
		}
	}
	return true, nil
}

// fire fires due timers, up to maxFires; the rest stays due. Loose ones are
// late only beyond the window that they may wait for.
func (l *Loop) fire(now Instant) {
	l.timers.advance(now)
	l.loose.advance(now)
	for range maxFires {
		t, slack := l.timers.pop(), time.Duration(0)
		if t == nil {
			t, slack = l.loose.pop(), l.gather.slack()
		}
		if t == nil {
			return
		}
		lag := max(0, now.Sub(t.at)-slack)
		l.stats.TickLag.Record(lag)
		if lag > LateAfter {
			l.stats.LateTimers++
		}
		t.Fire(now)
	}
}

func (l *Loop) has(k key) bool { return l.circuits.find(k) != nil }

// end closes everything in order. cause is why the Conn failed, nil at a
// regular end.
func (l *Loop) end(cause error) error {
	l.mailbox.seal()
	l.runPosted()
	if cause == nil {
		cause = l.drain()
	}
	l.ended = true
	now := l.clock().now
	for _, c := range l.circuits.all {
		c.Close(now, ErrStopped)
	}
	if cause == nil {
		l.out.flush()
	}
	err := l.conn.Close()
	if cause != nil {
		l.log.Error("circuit loop failed", "error", cause)
		return fmt.Errorf("circuit loop: %w", cause)
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("circuit loop: close: %w", err)
	}
	return nil
}

// drain goes on with the loop's work until nothing waits to be sent, or
// flushTime has passed.
func (l *Loop) drain() error {
	deadline := l.clock().now.Add(flushTime)
	for {
		wait, err := l.turn()
		if err != nil {
			return err
		}
		now := l.clock().now
		if !l.sending() || now >= deadline {
			return nil
		}
		if err := l.conn.Wait(min(wait, deadline.Sub(now))); err != nil {
			return fmt.Errorf("wait: %w", err)
		}
	}
}

// sending tells whether something still waits to be written.
func (l *Loop) sending() bool {
	if len(l.out.queue) > 0 {
		return true
	}
	for _, c := range l.circuits.all {
		if c.waiting.n > 0 {
			return true
		}
	}
	return false
}
