package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/slload/slload/results"
)

// fileState is the controller's file in the run directory, besides those of
// results: what a controller needs that goes on with the run. It is replaced
// whenever that changes, and after each checkpoint.
const (
	fileState   = "cluster.json"
	stateSchema = "slload/cluster/1"
	maxState    = 64 << 20
)

// state is cluster.json.
type state struct {
	Schema string        `json:"schema"`
	Run    string        `json:"run"`
	Name   string        `json:"name"`
	Listen string        `json:"listen,omitempty"` // of the embedded server
	Began  time.Time     `json:"began"`            // of the stint, by the controller's wall clock
	From   time.Duration `json:"from"`
	Paused time.Duration `json:"paused"`
	Since  time.Duration `json:"since"`
	Orders orders        `json:"orders"`
	Epochs map[int]int   `json:"epochs"`
	Slots  []slotState   `json:"slots"`
	// Frames are the last ones of each segment that some checkpoint has, without
	// what they measured: their samples count from the segment's start.
	Frames []*frame `json:"frames"`
	Lost   []string `json:"lost"`
}

// slotState is a slot.
type slotState struct {
	key
	Worker   joinRequest   `json:"worker"`
	From     time.Duration `json:"from"`
	Ahead    time.Duration `json:"ahead"`
	Takeover bool          `json:"takeover"`
	Toggles  int           `json:"toggles"`
	At       int64         `json:"at"`
	Lost     bool          `json:"lost"`
	LostAt   time.Duration `json:"lost_at"`
	What     string        `json:"what"`
}

// save writes cluster.json, and tells whether it could. A disk that refuses is
// told of; the run goes on.
func (c *controller) save() bool {
	s := state{
		Schema: stateSchema, Run: c.names.run, Name: c.cfg.Name, Began: c.stint.began.Round(0).UTC(),
		From: c.stint.from, Paused: c.stint.paused, Since: c.stint.since,
		Orders: c.orders, Epochs: c.epochs, Lost: c.lost,
	}
	if c.server != nil {
		s.Listen = c.server.addr()
	}
	for _, slot := range c.slots {
		a := slot.a
		s.Slots = append(s.Slots, slotState{
			key: slot.key, Worker: slot.worker.joinRequest, From: a.From, Ahead: a.Ahead, Takeover: a.Takeover, Toggles: a.Toggles, At: a.At,
			Lost: slot.lost, LostAt: slot.since, What: slot.what,
		})
	}
	for _, seg := range c.lineup.order {
		if f := c.onDisk[seg.key]; f != nil {
			s.Frames = append(s.Frames, f)
		} else {
			s.Frames = append(s.Frames, &frame{key: seg.key, Worker: seg.worker})
		}
	}
	err := results.Replace(filepath.Join(c.collector.Dir(), fileState), encode(&s))
	c.warn(err)
	return err == nil
}

// readState reads cluster.json.
func readState(dir string) (*state, error) {
	path := filepath.Join(dir, fileState)
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxState {
		err = fmt.Errorf("%d bytes", info.Size())
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	var s state
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err == nil {
		err = s.check()
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no run of a cluster that goes on: %w", dir, err)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return &s, nil
}

func (s *state) check() error {
	switch {
	case s.Schema != stateSchema:
		return fmt.Errorf("its schema is %q, want %q", s.Schema, stateSchema)
	case !runForm.MatchString(s.Run) || checkName(s.Name) != nil:
		return fmt.Errorf("run %.80q, name %.40q", s.Run, s.Name)
	case len(s.Slots) == 0 || len(s.Slots) > maxSegments:
		return fmt.Errorf("%d segments", len(s.Slots))
	}
	for i, slot := range s.Slots {
		if err := errors.Join(slot.check(), slot.Worker.check()); err != nil || slot.Segment != i {
			return fmt.Errorf("segment %d: %w", i, err)
		}
	}
	for _, f := range s.Frames {
		if f == nil || f.key.check() != nil || f.Segment >= len(s.Slots) {
			return errors.New("a frame of no segment")
		}
	}
	return s.Orders.check()
}

// restore makes the controller what it was when the state was saved, up to the
// positions, which a checkpoint has.
func (c *controller) restore(s *state, positions map[string]uint64) {
	c.stint = stint{from: s.From, began: s.Began, paused: s.Paused, since: s.Since}
	c.orders, c.lost = s.Orders, s.Lost
	for segment, epoch := range s.Epochs {
		c.epochs[segment] = epoch
	}
	for _, st := range s.Slots {
		m := c.members[st.Worker.ID]
		if m == nil {
			m = &member{joinRequest: st.Worker, seen: time.Now(), lost: st.Lost}
			c.members[m.ID] = m
			c.joined = append(c.joined, m)
		}
		sl := &slot{key: st.key, worker: m, began: true, lost: st.Lost, since: st.LostAt, what: st.What}
		c.slots = append(c.slots, sl)
	}
	for i, st := range s.Slots {
		a := c.assignment(st.key)
		a.From, a.Ahead, a.Takeover, a.Toggles, a.At = st.From, st.Ahead, st.Takeover, st.Toggles, st.At
		c.slots[i].a = a
	}
	c.restoreLineup(s, positions)
}

func (c *controller) restoreLineup(s *state, positions map[string]uint64) {
	first := newSteps(c.plan, &assignment{From: s.From})
	step := first.step()
	if at, ok := positions[positionStep]; ok {
		step = int(min(at, lastStep))
	}
	c.lineup = newLineup(step)
	c.lineup.last = max(s.From, time.Duration(min(positions[positionLast], uint64(maxTime))))
	for _, f := range s.Frames {
		slot := c.slots[f.Segment]
		seg := c.lineup.add(f.key, f.Worker, f.key == slot.key && !slot.lost)
		seg.skip, seg.heardAt = positions[f.String()], time.Now()
		if f.Seq > 0 {
			seg.received = f.Seq
			seg.noteMerged(f)
			c.onDisk[f.key] = f
		}
	}
	for _, sl := range c.slots {
		if c.lineup.segments[sl.key] == nil {
			c.lineup.add(sl.key, sl.worker.name(), !sl.lost).heardAt = time.Now()
		}
	}
	c.last = results.Sample{T: c.lineup.last}
}
