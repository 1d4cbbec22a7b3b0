package web

import (
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/results/page"
)

// State is a run at an instant. It is nobody's to change.
type State struct {
	Dir     string // the run directory
	Version string // of slload
	Phase   string
	Planned float64 // seconds of the plan, logouts left out
	Agents  results.Agents
	Delays  results.Delays   // since the phase began
	Summary *results.Summary // so far
	Times   map[string]results.Times
	// Workers are the segments of a run on several machines now.
	Workers []results.WorkerSample

	// Simulators are what regions said of themselves in the last seconds; the
	// server fills it in.
	Simulators []results.Simulator
}

// ask is a request that waits: for a page other than the one it knows, for one
// that says the run is over, or for a state.
type ask struct {
	after     string
	untilOver bool
	page      chan *drawn // one of the two, with room for the answer
	state     chan *State
}

// heard is what a region said of itself, and when in the run.
type heard struct {
	results.Simulator
	at float64 // seconds
}

// refuse answers with nothing.
func (a *ask) refuse() {
	if a.page != nil {
		a.page <- nil
	} else {
		a.state <- nil
	}
}

// hub owns what is served; its methods are its goroutine's alone.
type hub struct {
	events chan func(*hub)
	wanted chan struct{} // holds a token while a state is waited for
	closed chan struct{}
	name   string // of this server, in versions

	timeline  page.Timeline
	began     bool    // a line came
	whole     bool    // from the run's start
	from      float64 // the first line's time
	until     float64 // the last line's
	regions   map[string]heard
	manifest  *results.Manifest // of the run in state.Dir; nil: not read yet
	config    []byte
	state     *State    // the newest; nil: none came yet
	final     *page.Run // after the run's end
	unseen    bool      // state or final came after the last drawing began
	shown     *drawn    // the newest page; nil: none yet
	drawing   bool
	next      time.Time // when the next page may be drawn
	versions  int
	waiting   []*ask
	lastAsked time.Time // for a page
	closing   bool
}

func newHub() *hub {
	return &hub{
		events: make(chan func(*hub), 64), wanted: make(chan struct{}, 1), closed: make(chan struct{}),
		name: rand.Text()[:8], regions: map[string]heard{},
	}
}

// run is the hub's goroutine.
func (h *hub) run() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case event := <-h.events:
			event(h)
		case <-timer.C:
		case <-h.closed:
			return
		}
		if later := h.step(time.Now()); later > 0 {
			timer.Reset(later)
		}
	}
}

// step answers who can be answered and sees to what the others wait for. It
// returns in how long to look again, 0: not before something happens.
func (h *hub) step(now time.Time) time.Duration {
	h.waiting = slices.DeleteFunc(h.waiting, h.answer)
	pages, states := h.needs()
	if h.final == nil && (states || pages && !h.unseen) {
		h.want()
	}
	if !pages || !h.unseen || h.drawing {
		return 0
	}
	if wait := h.next.Sub(now); wait > 0 && h.final == nil {
		return wait
	}
	h.draw(now)
	return 0
}

// needs tells what those who wait would take.
func (h *hub) needs() (pages, states bool) {
	for _, a := range h.waiting {
		states = states || a.state != nil
		pages = pages || a.page != nil && (h.final != nil || !a.untilOver)
	}
	return pages, states
}

// want asks the run for a state.
func (h *hub) want() {
	select {
	case h.wanted <- struct{}{}:
	default: // it has been asked
	}
}

// answer gives a the page that it waits for, if there is one. States are given
// when they come.
func (h *hub) answer(a *ask) bool {
	if a.page == nil || h.shown == nil || a.after == h.shown.version || a.untilOver && !h.shown.over {
		return false
	}
	a.page <- h.shown
	return true
}

// add lets a wait.
func (h *hub) add(a *ask, now time.Time) {
	if h.closing {
		a.refuse()
		return
	}
	if a.page != nil {
		h.lastAsked = now
		if old := h.shown; a.after == "" && old != nil && !old.over && now.Sub(old.at) > fresh {
			a.after = old.version // the next one, then
		}
	}
	if a.state != nil && h.final != nil {
		a.state <- h.state
		return
	}
	h.waiting = append(h.waiting, a)
}

// drop forgets one that waits no longer.
func (h *hub) drop(a *ask) {
	h.waiting = slices.DeleteFunc(h.waiting, func(b *ask) bool { return a == b })
}

// giveUp refuses all, from now on.
func (h *hub) giveUp() {
	h.closing = true
	for _, a := range h.waiting {
		a.refuse()
	}
	h.waiting = nil
}

// line takes a line of the timeline.
func (h *hub) line(l results.Line) {
	if !h.began {
		h.began, h.from, h.whole = true, l.T, l.T-l.Seconds < 0.01 // lines tell times in milliseconds
	}
	if l.T > h.until { // it wasn't read from the directory
		h.timeline.Add(l)
		h.until = l.T
	}
	for _, sim := range l.Simulators {
		if _, known := h.regions[sim.Region]; known || len(h.regions) < maxRegions {
			h.regions[sim.Region] = heard{sim, l.T}
		}
	}
	maps.DeleteFunc(h.regions, func(_ string, r heard) bool { return l.T-r.at > page.StaleAfter })
}

// begin forgets the run before.
func (h *hub) begin() {
	h.timeline, h.manifest, h.config, h.regions = page.Timeline{}, nil, nil, map[string]heard{}
	h.state, h.final, h.unseen, h.began, h.until = nil, nil, false, false, 0
}

// offer takes a state and gives it to those who wait for one.
func (h *hub) offer(s *State) {
	for _, region := range slices.Sorted(maps.Keys(h.regions)) {
		s.Simulators = append(s.Simulators, h.regions[region].Simulator)
	}
	h.state, h.unseen = s, true
	h.giveState()
}

func (h *hub) giveState() {
	h.waiting = slices.DeleteFunc(h.waiting, func(a *ask) bool {
		if a.state != nil {
			a.state <- h.state
		}
		return a.state != nil
	})
}

// end takes the run as its directory has it.
func (h *hub) end(r *page.Run) {
	h.final, h.unseen = r, true
	h.state = &State{Version: r.Manifest.Version, Planned: r.Manifest.PlannedSeconds, Summary: r.Summary, Times: r.Times}
	h.giveState()
}
