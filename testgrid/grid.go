package testgrid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/testgrid/faults"
)

// Grid is a whole grid. Its ports are bound from New on; Run serves them.
type Grid struct {
	cfg         Config
	log         *slog.Logger
	base        string // the URL that all paths hang on, without a slash at its end
	updateEvery time.Duration
	began       time.Time        // from here on faults count their time
	fate        *faults.Requests // of requests and teleports; nil: nothing happens to any

	directory   *directory
	inventories *inventories
	assets      *assets
	records     *records
	groups      *groups
	uploaders   *uploaders
	dispatch    *circuit.Dispatch
	regions     []*region
	listener    net.Listener
	server      *http.Server
	stats       totals
	withheld    uint64 // bits of the capabilities that it doesn't offer

	running atomic.Bool
	closing atomic.Bool   // no more logins
	stop    chan struct{} // closed by the first Close
	stopped chan struct{} // closed when everything has ended
	ending  chan struct{} // closed when HTTP ends: answers that are held back end with it
	once    sync.Once
}

// New binds the grid's ports: HTTP and one for each region. What fails says which
// one it was; nothing stays bound then.
func New(cfg Config) (*Grid, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	g := &Grid{
		cfg: cfg, log: cfg.Log, directory: newDirectory(cfg.Capacity), inventories: newInventories(), assets: newAssets(),
		records: newRecords(), groups: newGroups(), uploaders: newUploaders(),
		stop: make(chan struct{}), stopped: make(chan struct{}), ending: make(chan struct{}), began: time.Now(),
		fate: faults.NewRequests(cfg.Faults, cfg.Seed), withheld: cfg.withheldBits(),
	}
	if cfg.UpdateHz > 0 {
		g.updateEvery = time.Duration(float64(time.Second) / cfg.UpdateHz)
	}
	g.stockLibrary()
	g.dispatch = g.newDispatch()
	if g.listener, err = cfg.openHTTP(cfg.Listen); err != nil {
		return nil, fmt.Errorf("grid: listen for HTTP at %s: %w", cfg.Listen, err)
	}
	g.base = "http://" + g.listener.Addr().String()
	g.server = g.newServer()
	for i := range cfg.Regions {
		r, err := newRegion(g, i)
		if err != nil {
			return nil, errors.Join(err, g.release())
		}
		g.regions = append(g.regions, r)
	}
	for _, r := range g.regions {
		r.findBounds()
	}
	return g, nil
}

// LoginURI is where clients log in.
func (g *Grid) LoginURI() string { return g.base + "/" }

// Regions gives the names of the regions, for start locations.
func (g *Grid) Regions() []string {
	names := make([]string, len(g.regions))
	for i, r := range g.regions {
		names[i] = r.name
	}
	return names
}

// closeTime bounds the goodbye to clients when Run's context has ended, which
// leaves no time of its own.
const closeTime = 2 * time.Second

// Run serves until ctx ends, Close is called or a port fails, and says goodbye to
// all clients then. It returns nil unless something failed. A grid runs once.
func (g *Grid) Run(ctx context.Context) error {
	if !g.running.CompareAndSwap(false, true) {
		return errors.New("grid: it ran already; make a new one")
	}
	defer close(g.stopped)
	loops, endLoops := context.WithCancel(context.WithoutCancel(ctx))
	defer endLoops()
	failed := make(chan error, len(g.regions)+1)
	var ended sync.WaitGroup
	for _, r := range g.regions {
		ended.Go(func() { failed <- r.loop.Run(loops) })
	}
	ended.Go(func() { failed <- g.serve() })
	err := g.watch(ctx, failed)
	g.sayGoodbye(loops)
	endLoops()
	err = errors.Join(err, g.endHTTP())
	ended.Wait()
	return err
}

// serve answers HTTP until the server is closed.
func (g *Grid) serve() error {
	err := g.server.Serve(g.listener)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("grid: serve HTTP at %s: %w", g.base, err)
}

// sweepEvery is how often sessions are looked for that nobody came for.
const sweepEvery = 5 * time.Second

// watch waits for the end, and meanwhile logs out whom no circuit came for.
func (g *Grid) watch(ctx context.Context, failed <-chan error) error {
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.stop:
			return nil
		case err := <-failed:
			return err
		case now := <-sweep.C:
			g.directory.endVisits(now.Add(-g.cfg.SilentAfter))
			for _, s := range g.directory.abandoned(now.Add(-g.cfg.SilentAfter)) {
				g.log.Info("login abandoned: no circuit came for it", "agent", s.name())
			}
		}
	}
}

// sayGoodbye refuses logins from now on and dismisses every client.
func (g *Grid) sayGoodbye(loops context.Context) {
	g.closing.Store(true)
	ctx, cancel := context.WithTimeout(loops, closeTime)
	defer cancel()
	var gone sync.WaitGroup
	for _, r := range g.regions {
		gone.Go(func() {
			done := make(chan struct{})
			if r.loop.Post(ctx, func(now circuit.Instant) { r.closeAll(now, func() { close(done) }) }) != nil {
				return
			}
			select {
			case <-done:
			case <-ctx.Done(): // the loop's end closes what is left
			}
		})
	}
	gone.Wait()
}

// endHTTP lets answers that are under way finish, and ends polls by ending their
// queues. What takes longer than closeTime is cut: net/http also waits for
// connections on which nothing was asked yet, which a client may keep for seconds.
func (g *Grid) endHTTP() error {
	close(g.ending)
	g.directory.closeAll()
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	err := g.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = g.server.Close()
	}
	if err != nil {
		return fmt.Errorf("grid: end HTTP: %w", err)
	}
	return nil
}

// Close ends the grid and waits until it has ended, or until ctx has. A grid that
// never ran gives its ports back.
func (g *Grid) Close(ctx context.Context) error {
	g.once.Do(func() { close(g.stop) })
	if g.running.CompareAndSwap(false, true) {
		defer close(g.stopped)
		return g.release()
	}
	select {
	case <-g.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("grid: wait for its end: %w", ctx.Err())
	}
}

// release gives back the ports of a grid that doesn't run. A loop closes its
// connection when it ends, so each runs for no time.
func (g *Grid) release() error {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	err := g.listener.Close()
	for _, r := range g.regions {
		err = errors.Join(err, r.loop.Run(ended))
	}
	return err
}

func listenTCP(at netip.AddrPort) (net.Listener, error) { return net.Listen("tcp4", at.String()) }
