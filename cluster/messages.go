package cluster

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/slload/slload/swarm"
)

// Bounds of messages: who sends them may be broken.
const (
	maxSegments = 10_000 // of a run
	maxWorkers  = 2 * maxSegments
	maxText     = 1 << 10 // of a host's name, a reason, an error
	maxHeld     = 64      // segments of one worker, spools of one worker
	maxMessage  = 1 << 20 // what NATS takes unless told otherwise
)

// joinRequest is a worker that offers itself.
type joinRequest struct {
	ID      string `json:"id"` // made anew by each process
	Host    string `json:"host"`
	PID     int    `json:"pid"`
	Cores   int    `json:"cores"`
	Version string `json:"version"`
	Segment int    `json:"segment"` // wanted; -1: any
	// Spools are the runs of which it holds frames that weren't delivered.
	Spools []string `json:"spools,omitempty"`
}

func (r *joinRequest) check() error {
	switch {
	case !idForm.MatchString(r.ID):
		return fmt.Errorf("worker id %.40q", r.ID)
	case !printable(r.Host) || !printable(r.Version):
		return fmt.Errorf("host or version that isn't text")
	case r.PID < 0 || r.Cores < 0 || r.Segment < -1 || r.Segment >= maxSegments:
		return fmt.Errorf("pid %d, %d cores, segment %d", r.PID, r.Cores, r.Segment)
	case len(r.Spools) > maxHeld:
		return fmt.Errorf("%d spools", len(r.Spools))
	}
	for _, run := range r.Spools {
		if !runForm.MatchString(run) {
			return fmt.Errorf("spool of run %.40q", run)
		}
	}
	return nil
}

// name is a worker as people know it.
func (r *joinRequest) name() string { return fmt.Sprintf("%s:%d", r.Host, r.PID) }

// joinReply is the controller's answer.
type joinReply struct {
	Run      string `json:"run"`
	Accepted bool   `json:"accepted"`
	Why      string `json:"why,omitempty"` // it isn't
	Later    bool   `json:"later"`         // it may be, if it asks again
	// Stream tells that the run's stream is there: spooled frames can be
	// delivered.
	Stream bool `json:"stream"`
}

func (r *joinReply) check() error {
	if !runForm.MatchString(r.Run) || !printable(r.Why) {
		return fmt.Errorf("run %.40q, reason %.40q", r.Run, r.Why)
	}
	return nil
}

// assignment hands a segment to a worker. It is told again until the worker's
// beat shows the segment, and again with the start until it runs.
type assignment struct {
	Run       string       `json:"run"`
	Segment   int          `json:"segment"`
	Of        int          `json:"of"`
	Epoch     int          `json:"epoch"`
	Seed      uint64       `json:"seed"`
	Profile   string       `json:"profile"` // YAML; it holds no password
	LoginURI  string       `json:"login_uri"`
	Target    swarm.Target `json:"target"`
	Transport string       `json:"transport"`
	Shards    int          `json:"shards"`
	SimStats  []string     `json:"sim_stats,omitempty"`
	// From is where in the plan the segment begins, and Ahead how far the run's
	// time is ahead of the plan's then: the pauses.
	From  time.Duration `json:"from"`
	Ahead time.Duration `json:"ahead"`
	// Takeover: others of the run go on meanwhile; else all begin at From.
	Takeover bool `json:"takeover"`
	// Toggles is how often the run was paused or went on before, an even number.
	Toggles int `json:"toggles"`
	// At is when it begins, by the controller's clock, in Unix nanoseconds; 0:
	// not settled yet.
	At int64 `json:"at"`
}

func (a *assignment) check() error {
	switch {
	case !runForm.MatchString(a.Run):
		return fmt.Errorf("run %.40q", a.Run)
	case a.Of < 1 || a.Of > maxSegments || a.Segment < 0 || a.Segment >= a.Of || a.Epoch < 1:
		return fmt.Errorf("segment %d:%d, epoch %d", a.Segment, a.Of, a.Epoch)
	case a.From < 0 || a.Ahead < 0 || a.Toggles < 0 || a.Shards < 0 || a.At < 0:
		return fmt.Errorf("a time, a count or a number of loops below 0")
	}
	return nil
}

func (a *assignment) key() key { return key{a.Segment, a.Epoch} }

// The states of a segment at its worker.
const (
	statePreparing = "preparing"
	stateReady     = "ready"
	stateRunning   = "running"
	stateEnded     = "ended"  // its final frame is made
	stateFailed    = "failed" // it never ran, or broke
)

// segmentBeat is a segment at its worker.
type segmentBeat struct {
	key
	State   string `json:"state"`
	Made    uint64 `json:"made"`  // last frame
	Acked   uint64 `json:"acked"` // last frame that JetStream has
	InWorld int    `json:"in_world"`
	// Transport and Loops are how it does UDP, once it is ready.
	Transport string `json:"transport,omitempty"`
	Loops     int    `json:"loops,omitempty"`
	Applied   uint64 `json:"applied"`           // last orders
	Refused   string `json:"refused,omitempty"` // why these couldn't be carried out
	Error     string `json:"error,omitempty"`   // of stateFailed
	Code      int    `json:"code,omitempty"`    // exit code for it
}

// workerBeat is the state of a worker.
type workerBeat struct {
	ID       string        `json:"id"`
	Segments []segmentBeat `json:"segments"`
	// Spooling tells that frames of an earlier worker are still on their way.
	Spooling bool `json:"spooling,omitempty"`
	Leaving  bool `json:"leaving,omitempty"` // it won't take a segment any more
}

// done tells that nothing more comes of the worker.
func (b *workerBeat) done() bool {
	return b.Leaving && !slices.ContainsFunc(b.Segments, func(s segmentBeat) bool { return s.Acked < s.Made })
}

func (b *workerBeat) check() error {
	if !idForm.MatchString(b.ID) || len(b.Segments) > maxHeld {
		return fmt.Errorf("worker %.40q with %d segments", b.ID, len(b.Segments))
	}
	for _, s := range b.Segments {
		if err := s.check(); err != nil {
			return err
		}
		if !printable(s.State) || !printable(s.Refused) || !printable(s.Error) || !printable(s.Transport) || s.InWorld < 0 || s.Loops < 0 {
			return fmt.Errorf("segment %d with state %.40q", s.Segment, s.State)
		}
	}
	return nil
}

// controllerBeat is the state of the controller: what each worker is to do.
type controllerBeat struct {
	Run         string `json:"run"`
	Incarnation string `json:"incarnation"` // another one after each start
	Orders      orders `json:"orders"`
	// Epochs are the segments that were handed out again: who holds one with an
	// older epoch is fenced and stops.
	Epochs map[int]int `json:"epochs,omitempty"`
	Over   bool        `json:"over"` // the run is: workers may go
	// Safe is a place in the stream: frames before it are in the run's files, on the
	// disk, and needn't be kept anywhere else.
	Safe uint64 `json:"safe"`
}

func (b *controllerBeat) check() error {
	if !runForm.MatchString(b.Run) || !printable(b.Incarnation) || len(b.Epochs) > maxSegments {
		return fmt.Errorf("run %.40q", b.Run)
	}
	return b.Orders.check()
}

// orders are what the run's hand has asked for so far, as a state: a worker that
// missed some does what is left to do.
type orders struct {
	N       uint64 `json:"n"`       // of the newest
	Toggles int    `json:"toggles"` // pauses and resumes; odd: the run is paused
	Scales  int    `json:"scales"`  // how often it was scaled
	Agents  int    `json:"agents"`  // to how many at last, over all segments
	End     bool   `json:"end"`     // in order
}

func (o *orders) check() error {
	if o.Toggles < 0 || o.Scales < 0 || o.Agents < 0 {
		return fmt.Errorf("orders %+v", *o)
	}
	return nil
}

// key names one handing out of a segment: its frames are numbered from 1.
type key struct {
	Segment int `json:"segment"`
	Epoch   int `json:"epoch"`
}

func (k key) check() error {
	if k.Segment < 0 || k.Segment >= maxSegments || k.Epoch < 1 {
		return fmt.Errorf("segment %d, epoch %d", k.Segment, k.Epoch)
	}
	return nil
}

// String is the key in checkpoints and message ids.
func (k key) String() string { return fmt.Sprintf("%d.%d", k.Segment, k.Epoch) }

// checked is a message that can be told from nonsense.
type checked interface{ check() error }

// decode reads a message of the other side.
func decode(data []byte, into checked) error {
	if len(data) > maxMessage {
		return fmt.Errorf("a message of %d bytes", len(data))
	}
	if err := json.Unmarshal(data, into); err != nil {
		return err
	}
	return into.check()
}

// encode is for messages of ours, which can be encoded.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return data
}

// printable tells text that may go to a log or a terminal.
func printable(s string) bool {
	if len(s) > maxText || !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return false
		}
	}
	return true
}

// text makes s printable.
func text(s string) string {
	out := make([]rune, 0, min(len(s), maxText/4))
	for _, r := range s {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == utf8.RuneError {
			r = ' '
		}
		if out = append(out, r); len(out) == cap(out) {
			break
		}
	}
	return string(out)
}
