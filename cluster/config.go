package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// Policy is what becomes of a run that lost a worker.
type Policy string

// The policies. In each of them the run is marked.
const (
	Abort     Policy = "abort"     // it ends
	Continue  Policy = "continue"  // the other segments go on
	Rebalance Policy = "rebalance" // another worker goes on with the segment
)

// ControllerConfig is a run to be made by workers. Token, Workers and Run must be
// set; of Run: Profile and LoginURI, unless a run is resumed.
type ControllerConfig struct {
	// Run is the run as for one machine. Accounts, Sources and SourcePorts are the
	// workers' own; Share, Sink, Ready, From, TakeOver, Resume and PCAP mean
	// nothing here.
	Run     swarm.Config
	Workers int

	Name   string // of the cluster; "": DefaultName
	Token  string
	URL    string // of NATS; "": an embedded server
	Listen string // of the embedded server; "": DefaultListen
	TLS    TLS

	JoinTimeout time.Duration // until all workers are there; 0: DefaultJoinTimeout
	LossTimeout time.Duration // without a beat until a worker is lost; 0: DefaultLossTimeout
	OnLoss      Policy        // "": Continue
	// Resume is the directory of a run whose controller ended before it did; the
	// profile, the seed, the login address and the number of workers are that run's.
	Resume string

	OnListen func(url string) // tells where workers find NATS; may be nil
	Tell     func(string)     // gets lines for people; may be nil

	// For tests.
	times times
	now   func() time.Time
	dial  func(title string, log *slog.Logger, opts ...nats.Option) (*nats.Conn, error)
	crash <-chan struct{} // ends the controller as a kill would
	// serve has the embedded server listen nowhere, and is given it.
	serve func(*embedded)
}

func (c *ControllerConfig) complete() error {
	c.Name, c.Listen = cmp.Or(c.Name, DefaultName), cmp.Or(c.Listen, DefaultListen)
	c.OnLoss = cmp.Or(c.OnLoss, Continue)
	c.JoinTimeout = cmp.Or(c.JoinTimeout, DefaultJoinTimeout)
	c.LossTimeout = cmp.Or(c.LossTimeout, DefaultLossTimeout)
	c.times = cmp.Or(c.times, defaultTimes())
	c.Run.Version = cmp.Or(c.Run.Version, "dev")
	if c.Tell == nil {
		c.Tell = func(string) {}
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.dial == nil {
		c.dial = func(title string, log *slog.Logger, opts ...nats.Option) (*nats.Conn, error) {
			return dial(c.URL, title, c.Token, c.TLS, log, opts...)
		}
	}
	err := errors.Join(checkName(c.Name), checkToken(c.Token))
	if c.Resume == "" && (c.Workers < 1 || c.Workers > maxSegments) {
		err = errors.Join(err, fmt.Errorf("%d workers: want 1 to %d", c.Workers, maxSegments))
	}
	if least := quiet * c.times.beat; c.LossTimeout < least {
		err = errors.Join(err, fmt.Errorf("loss timeout %v: want %v at least, three beats", c.LossTimeout, least))
	}
	switch c.OnLoss {
	case Abort, Continue, Rebalance:
	default:
		err = errors.Join(err, fmt.Errorf("on worker loss %q: want %s, %s or %s", c.OnLoss, Abort, Continue, Rebalance))
	}
	if err != nil {
		return &JoinError{err}
	}
	return nil
}

// Check checks all that Control checks before it listens or dials, and gives the
// plan of all segments. Names are looked up; nothing is sent and nothing written.
// The error is one of Control's.
func Check(ctx context.Context, cfg ControllerConfig) (*profiles.Plan, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	if err := cfg.checkNATS(); err != nil {
		return nil, &JoinError{err}
	}
	plan, _, err := swarm.Lead(ctx, cfg.Run, time.Now())
	return plan, err
}

// checkNATS checks what says where NATS is.
func (c *ControllerConfig) checkNATS() (err error) {
	if c.URL != "" {
		_, err = checkURLs(c.URL)
		return err
	}
	_, err = listenOptions(c.Listen, c.TLS)
	return err
}

// WorkerConfig is a worker to be. URL, Token and Getenv must be set.
type WorkerConfig struct {
	URL     string // of NATS; several, parted by commas, where it is a cluster
	Name    string // of the cluster; "": DefaultName
	Token   string
	CA      string // PEM file that NATS' certificate and the grid's are checked by; "": the system's
	Plain   bool   // NATS beyond loopback without TLS, in a network that is protected otherwise
	Version string // of slload, which must be the controller's

	Segment     int // wanted; -1: any
	JoinTimeout time.Duration
	// Spool is where frames are left that can't be delivered, and looked for;
	// "": DefaultSpool.
	Spool string

	// Getenv gives passwords, as profiles.AccountSource has it.
	Getenv func(string) string
	// AccountsCSV is a file of accounts on this machine, in place of the profile's.
	AccountsCSV string
	Sources     []netip.Prefix // as swarm.Config has them
	SourcePorts [2]uint16

	Log  *slog.Logger // may be nil
	Tell func(string) // gets lines for people; may be nil
	// Tune readies the process for so many agents of a segment, until release is
	// called; may be nil. It is called again for each further segment.
	Tune func(p *profiles.Profile, agents int) (release func())

	// For tests.
	times times
	now   func() time.Time
	acked func(key, uint64) // is told which frames JetStream has
	play  func(ctx, cut context.Context, cfg swarm.Config) (*results.Summary, error)
	dial  func(title string) (*nats.Conn, error)
	crash <-chan struct{} // ends the worker as a kill would
	host  string          // in place of the machine's name
}

func (c *WorkerConfig) complete() error {
	c.Name, c.Version = cmp.Or(c.Name, DefaultName), cmp.Or(c.Version, "dev")
	c.JoinTimeout = cmp.Or(c.JoinTimeout, DefaultJoinTimeout)
	c.times = cmp.Or(c.times, defaultTimes())
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Tell == nil {
		c.Tell = func(string) {}
	}
	if c.Tune == nil {
		c.Tune = func(*profiles.Profile, int) func() { return func() {} }
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.play == nil {
		c.play = swarm.Run
	}
	if c.acked == nil {
		c.acked = func(key, uint64) {}
	}
	if c.dial == nil {
		c.dial = func(title string) (*nats.Conn, error) {
			return dial(c.URL, title, c.Token, TLS{CA: c.CA, Plain: c.Plain}, c.Log)
		}
	}
	err := errors.Join(checkName(c.Name), checkToken(c.Token))
	if c.Segment < -1 || c.Segment >= maxSegments {
		err = errors.Join(err, fmt.Errorf("segment %d: want -1 (any) or 0 to %d", c.Segment, maxSegments-1))
	}
	if c.Spool == "" && err == nil {
		c.Spool, err = DefaultSpool()
	}
	if err != nil {
		return &JoinError{err}
	}
	return nil
}
