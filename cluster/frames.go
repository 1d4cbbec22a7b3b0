package cluster

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/slload/slload/results"
)

// Kinds of frames.
const (
	frameTick  = "tick"  // about a second
	framePhase = "phase" // the rest of a phase; Next begins
	frameFinal = "final" // the rest of the segment
	framePart  = "part"  // the beginning of the next frame's interval, which is large
)

// Why a segment ended.
const (
	endPlan   = "plan"   // its plan did
	endOrder  = "order"  // the controller said so
	endOrphan = "orphan" // no controller was heard of any more
	endStop   = "stop"   // the worker was told to stop on its own machine
	endFailed = "failed"
)

// frame is what a segment measured between two instants. The interval is the
// delta, the sample counts from the segment's start.
//
// In a message it is frameVersion, the length of the header as a varint, the
// header as JSON, and the interval as results.AppendInterval has it.
type frame struct {
	key
	Run    string `json:"run"`
	Seq    uint64 `json:"seq"`    // from 1 on
	Worker string `json:"worker"` // host:pid
	Kind   string `json:"kind"`
	// Step is where the segment's phase stands in the order of phases (see
	// steps), Phase its name. Next and NextPhase begin after a framePhase.
	Step      int            `json:"step"`
	Phase     string         `json:"phase"`
	Next      int            `json:"next,omitempty"`
	NextPhase string         `json:"next_phase,omitempty"`
	Why       string         `json:"why,omitempty"` // of a frameFinal
	Sample    results.Sample `json:"sample"`        // T is the run's time

	interval []byte
	stream   uint64 // its place in the stream, for who received it
}

const (
	frameVersion = 1
	// maxHeader has room for a thousand simulators.
	maxHeader = 256 << 10
	// partSize is what a message has of an interval that is larger: a message
	// must not exceed what NATS takes by default, 1 MB, header and all.
	partSize = 512 << 10
	// maxInterval is what a segment may have measured in a second, in parts. A
	// thousand operations of dense histograms come to less.
	maxInterval = 32 << 20
	maxTime     = 10 * 365 * 24 * time.Hour
)

// after is the step in which the segment is after the frame.
func (f *frame) after() int {
	if f.Kind == framePhase {
		return f.Next
	}
	return f.Step
}

// id is what JetStream knows duplicates by.
func (f *frame) id() string { return fmt.Sprintf("%s.%d", f.key, f.Seq) }

// appendFrame appends the frame as a message.
func appendFrame(dst []byte, f *frame) ([]byte, error) {
	header, err := json.Marshal(f)
	if err != nil {
		return dst, fmt.Errorf("encode frame %s: %w", f.id(), err)
	}
	if len(header) > maxHeader {
		return dst, fmt.Errorf("encode frame %s: a header of %d bytes, want %d at most", f.id(), len(header), maxHeader)
	}
	dst = append(dst, frameVersion)
	dst = binary.AppendUvarint(dst, uint64(len(header)))
	dst = append(dst, header...)
	return append(dst, f.interval...), nil
}

// readFrame reads a message; the frame keeps data's memory.
func readFrame(data []byte) (*frame, error) {
	if len(data) == 0 || data[0] != frameVersion {
		return nil, errors.New("read frame: no frame, or one of another version")
	}
	if len(data) > maxMessage {
		return nil, fmt.Errorf("read frame: %d bytes", len(data))
	}
	n, size := binary.Uvarint(data[1:])
	if size <= 0 || n > maxHeader || n > uint64(len(data)-1-size) {
		return nil, errors.New("read frame: its header is cut off or too long")
	}
	rest := data[1+size:]
	f := &frame{interval: rest[n:]}
	if err := json.Unmarshal(rest[:n], f); err != nil {
		return nil, fmt.Errorf("read frame: %w", err)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("read frame: %w", err)
	}
	f.Sample.Workers = nil // which only the controller knows
	return f, nil
}

func (f *frame) check() error {
	if err := f.key.check(); err != nil {
		return err
	}
	switch f.Kind {
	case frameTick, framePhase, frameFinal, framePart:
	default:
		return fmt.Errorf("kind %.40q", f.Kind)
	}
	if f.Seq == 0 || f.Step < 0 || f.after() < f.Step || f.Sample.T < 0 || f.Sample.T > maxTime {
		return fmt.Errorf("%s %s: step %d to %d at %v", f.Kind, f.id(), f.Step, f.after(), f.Sample.T)
	}
	for _, s := range []string{f.Worker, f.Phase, f.NextPhase, f.Why} {
		if !printable(s) {
			return fmt.Errorf("%s %s: a name that isn't text", f.Kind, f.id())
		}
	}
	return checkSample(&f.Sample)
}

// checkSample refuses what no counting comes to.
func checkSample(s *results.Sample) error {
	a, d, t := &s.Agents, &s.Actions, &s.Transport
	for _, n := range []int64{
		int64(a.Target), int64(a.InWorld), a.Logins, a.LoginFailures, a.Lost,
		d.Intended, d.Started, d.Late, d.Dropped, d.Absent, d.Failed,
		t.PacketsSent, t.PacketsReceived, t.BytesSent, t.BytesReceived, t.Resent, t.Lost, t.KernelDrops, t.Malformed,
	} {
		if n < 0 || n > 1<<53 {
			return fmt.Errorf("a count of %d", n)
		}
	}
	if len(s.Simulators) > maxHeader/100 || len(s.Reports) > maxHeader/100 {
		return fmt.Errorf("%d simulators", len(s.Simulators)+len(s.Reports))
	}
	for _, r := range s.Simulators {
		if !printable(r.Region) {
			return errors.New("a region's name that isn't text")
		}
	}
	for _, r := range s.Reports {
		if !printable(r.Region) {
			return errors.New("a region's name that isn't text")
		}
	}
	return nil
}
