package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// controller leads a run. Its fields belong to its loop, which others reach by
// post.
type controller struct {
	cfg         ControllerConfig
	plan        *profiles.Plan // of all segments, from its beginning
	manifest    results.Manifest
	profile     []byte // effective, YAML
	names       subjects
	incarnation string
	nc          *nats.Conn
	js          jetstream.JetStream
	server      *embedded // nil: NATS is somebody else's
	log         *slog.Logger
	natsLog     atomic.Pointer[slog.Logger]

	mailbox chan func()
	gone    chan struct{} // the loop ended

	members  map[string]*member // by id
	joined   []*member          // in order
	slots    []*slot            // one for each segment
	stage    stage
	orders   orders
	waiting  []waitingOrder
	epochs   map[int]int // of segments that were handed out again
	over     bool
	whyEnded error // why the run ends before its plan does; nil: it doesn't

	collector *results.Collector
	// Of a run that is resumed by new workers: the run between two stints, and what
	// is to be done before these get their segments; else nil.
	interrupted  *results.Interrupted
	beforeAssign func() (done bool, err error)
	asked        bool // replayTo is where the stream ended when that was to be done
	stint        stint
	lineup       *lineup
	iv           *results.Interval // for frames; empty
	places       map[key][]place   // of frames in the stream that no checkpoint has
	seen         uint64            // the last place
	purge        chan uint64       // up to where the stream isn't needed any more
	safe         uint64            // that place
	again        chan struct{}     // NATS is back: look at the stream anew
	pipes        context.CancelFunc
	piped        chan struct{}
	onDisk       map[key]*frame // the last frames that the checkpoint has, without intervals
	replayTo     uint64         // place up to which frames are read before any is merged
	last         results.Sample
	told         time.Time // when it was told to who watches
	lost         []string  // what was, for the error
	ending       time.Time // when the run's end was ordered; zero: it wasn't
	ticked       time.Time // the last beat
	changed      time.Time // when a worker joined or came back last
}

// stage is how far the controller is.
type stage int

const (
	gathering stage = iota // workers join and make themselves ready
	resuming               // the run goes on, and it isn't known yet who makes it
	running
	finishing
)

// Control leads a run that workers make, until it is over. When ctx ends it stops
// early but in order, as swarm.Run does; when cut ends, too, it waits for nobody.
// The error is a *JoinError, a *PrepareError, a *swarm.ConfigError,
// swarm.ErrAborted, a *WorkerLostError, ctx's, or a failure of this machine; a
// summary is given whenever the run began.
func Control(ctx, cut context.Context, cfg ControllerConfig) (*results.Summary, error) {
	defer cfg.Run.Control.End()
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	c := newController(cfg)
	defer close(c.gone)
	c.openLog(io.Discard)
	if cfg.Resume != "" {
		return c.resume(ctx, cut)
	}
	if err := c.lead(ctx); err != nil {
		return nil, err
	}
	c.names = subjects{cfg.Name, results.NewID(time.Now(), cfg.Run.Profile.Name)}
	c.makeSlots(1)
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	defer c.close()
	if err := c.gather(ctx); err != nil {
		c.dismiss(cut)
		return nil, err
	}
	if err := c.begin(ctx); err != nil {
		c.dismiss(cut)
		return nil, err
	}
	return c.run(ctx, cut)
}

func newController(cfg ControllerConfig) *controller {
	return &controller{
		cfg: cfg, incarnation: uuid.NewString(), mailbox: make(chan func(), 256), gone: make(chan struct{}),
		members: make(map[string]*member), epochs: make(map[int]int), iv: results.NewInterval(),
		places: make(map[key][]place), onDisk: make(map[key]*frame), purge: make(chan uint64, 1), again: make(chan struct{}, 1),
	}
}

// lead checks the run, and makes its plan and its manifest.
func (c *controller) lead(ctx context.Context) (err error) {
	if c.plan, c.manifest, err = swarm.Lead(ctx, c.cfg.Run, time.Now()); err != nil {
		return err
	}
	if c.profile, err = c.cfg.Run.Profile.Marshal(); err != nil {
		return fmt.Errorf("write out the profile: %w", err)
	}
	return nil
}

func (c *controller) openLog(runLog io.Writer) {
	c.log = slog.New(slog.DiscardHandler)
	if c.cfg.Run.Log != nil {
		c.log = c.cfg.Run.Log(runLog)
	}
	c.natsLog.Store(c.log)
}

// open brings NATS up and listens to workers.
func (c *controller) open(ctx context.Context) (err error) {
	opts := []nats.Option{nats.ReconnectHandler(func(*nats.Conn) {
		select {
		case c.again <- struct{}{}:
		default:
		}
		c.post(c.reconnected)
	})}
	if c.cfg.URL == "" {
		door := &doorman{c.cfg.Name, c.cfg.Token, rand.Text()}
		listen := c.cfg.Listen
		if c.cfg.serve != nil {
			listen = ""
		}
		if c.server, err = embed(listen, door, c.cfg.TLS, &c.natsLog); err != nil {
			return &JoinError{err}
		}
		if c.cfg.serve != nil {
			c.cfg.serve(c.server)
		}
		opts = append(opts, nats.InProcessServer(c.server.server))
		opts = append(dialOptions("slload controller", door.inner, TLS{}, c.log), opts...)
		c.nc, err = nats.Connect("nats://"+c.server.addr(), opts...)
	} else {
		c.nc, err = c.cfg.dial("slload controller", c.log, opts...)
	}
	if err == nil {
		c.js, err = jetstream.New(c.nc, jetstream.WithDefaultTimeout(publishTime))
	}
	if err == nil {
		err = c.listen(ctx)
	}
	if err != nil {
		c.close()
		return err
	}
	if c.server != nil && c.cfg.OnListen != nil {
		c.cfg.OnListen("nats://" + c.server.addr())
	}
	return nil
}

// listen takes what workers tell. Nobody else may lead a run of that name.
func (c *controller) listen(ctx context.Context) error {
	if other, err := ask[clockReply](ctx, c.nc, c.names.clock(), nil, clockTimeout); err == nil {
		return &JoinError{fmt.Errorf("the controller of the run %s has the cluster name %s: take another by --name", other.Run, c.cfg.Name)}
	}
	_, err := serveClock(c.nc, c.names, c.cfg.now)
	if err == nil {
		_, err = c.nc.Subscribe(c.names.join(), c.heardJoin)
	}
	if err == nil {
		_, err = c.nc.Subscribe(c.names.beatOf("*"), c.heardBeat)
	}
	if err != nil {
		return fmt.Errorf("listen to workers: %w", err)
	}
	return nil
}

// post has the loop do something, unless it has ended.
func (c *controller) post(do func()) {
	select {
	case c.mailbox <- do:
	case <-c.gone:
	}
}

// closePipes ends what reads the stream and what purges it. What these and others
// post meanwhile nobody needs any more, and they must not wait for a loop that has
// ended.
func (c *controller) closePipes() {
	c.pipes()
	for {
		select {
		case <-c.mailbox:
		case <-c.piped:
			c.pipes = nil
			return
		}
	}
}

// close ends what goes on beside the loop.
func (c *controller) close() {
	if c.pipes != nil {
		c.closePipes()
	}
	if c.nc != nil {
		c.nc.Close()
	}
	if c.server != nil {
		c.server.close()
		c.server = nil
	}
}

// await runs the loop until done tells so, or fails. tick is called at each beat.
func (c *controller) await(ctx context.Context, done func() (bool, error)) error {
	beat := time.NewTicker(c.cfg.times.beat)
	defer beat.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case do := <-c.mailbox:
			do()
		case o := <-c.cfg.Run.Control.Orders():
			c.obey(o)
		case <-beat.C:
			c.afterStall(len(c.mailbox))
			c.tick()
		case <-c.cfg.crash:
			return errCrash
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// afterStall does what n messages ask that came before a beat: they may tell that
// somebody is alive. If the loop itself stood still (a disk, a stopped process, the
// first beat of all),
// nobody is lost for not having been heard meanwhile.
func (c *controller) afterStall(n int) {
	for range n {
		(<-c.mailbox)()
	}
	if now := time.Now(); now.Sub(c.ticked) > c.cfg.LossTimeout/2 {
		c.reconnected()
	}
	c.ticked = time.Now()
}

// errCrash is a controller that a test has killed.
var errCrash = errors.New("killed")
