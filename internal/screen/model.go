package screen

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Keys are what keys do; one that is nil has no key. They are called off the
// drawing goroutine, and may take their time.
type Keys struct {
	Pause, Resume func() error
	Scale         func(agents int) error
	Stop          func() // in order, once
	Interrupt     func() // a Ctrl-C
}

// The messages of the model.
type (
	stateMsg State
	logMsg   string
	didMsg   struct {
		what string
		err  error
	}
	scaledMsg struct {
		to  int
		err error
	}
)

// maxLog is how many log lines are shown at most.
const maxLog = 4

// model is what is on the screen.
type model struct {
	title         string
	keys          Keys
	width, height int

	state  State
	begun  bool
	last   State // a second before
	series struct{ agents, actions, packets, errors series }
	log    []string
	notice string // what became of the last key
	// target is what keys ask for, until the run has it; -1: nothing. asking
	// tells that the run is being asked: one at a time, or else the last key
	// may not be the last to be heard.
	target int
	asking bool
}

func newModel(title string, keys Keys) model {
	return model{title: title, keys: keys, width: 80, height: 24, target: -1}
}

// Init begins with nothing.
func (m model) Init() tea.Cmd { return nil }

// Update takes a second's state, a log line, a key, or what came of one.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case stateMsg:
		m.take(State(msg))
	case logMsg:
		for line := range strings.Lines(string(msg)) {
			m.log = append(m.log, strings.TrimRight(line, "\r\n"))
		}
		m.log = m.log[max(0, len(m.log)-maxLog):]
	case didMsg:
		m.notice = says(msg.what, msg.err)
	case scaledMsg:
		m.asking, m.notice = false, says(fmt.Sprintf("%d agents", msg.to), msg.err)
		switch {
		case msg.err != nil:
			m.target = -1
		case m.target != msg.to:
			return m.ask()
		}
	case tea.KeyPressMsg:
		return m.press(msg.String())
	}
	return m, nil
}

// since is how far a counter came; one that is lower began anew, when other workers
// went on with the run.
func since(now, before int64) int64 {
	if now < before {
		return now
	}
	return now - before
}

// take moves the series on by a second.
func (m *model) take(s State) {
	if m.begun {
		m.last = m.state
	}
	dt := max((s.At + s.Paused - m.last.At - m.last.Paused).Seconds(), time.Millisecond.Seconds())
	m.state, m.begun = s, true
	m.series.agents.add(float64(s.Agents.InWorld))
	m.series.actions.add(float64(since(s.Actions.Started, m.last.Actions.Started)) / dt)
	m.series.packets.add(float64(since(s.Packets, m.last.Packets)) / dt)
	m.series.errors.add(float64(since(s.Errors, m.last.Errors)) / dt)
	if s.Agents.Target == m.target && !m.asking {
		m.target = -1
	}
}

// press does what a key says.
func (m model) press(key string) (tea.Model, tea.Cmd) {
	switch k := &m.keys; {
	case key == "ctrl+c" && k.Interrupt != nil:
		m.notice = "stopping: agents log out; Ctrl-C again ends at once"
		return m, func() tea.Msg { k.Interrupt(); return nil }
	case key == "q" && k.Stop != nil:
		m.notice = "stopping: agents log out; Ctrl-C ends at once"
		return m, func() tea.Msg { k.Stop(); return nil }
	case key == "p" && k.Pause != nil:
		return m, do("paused", k.Pause)
	case key == "r" && k.Resume != nil:
		return m, do("resumed", k.Resume)
	case (key == "+" || key == "=") && k.Scale != nil:
		return m.scale(1)
	case key == "-" && k.Scale != nil:
		return m.scale(-1)
	}
	return m, nil
}

// scale asks for a tenth more agents or less, or for one.
func (m model) scale(sign int) (tea.Model, tea.Cmd) {
	if !m.begun {
		return m, nil
	}
	from := m.target
	if from < 0 {
		from = m.state.Agents.Target
	}
	m.target = max(from+sign*max(from/10, 1), 0)
	if m.asking || m.target == from {
		return m, nil
	}
	return m.ask()
}

// ask asks the run for the target.
func (m model) ask() (tea.Model, tea.Cmd) {
	m.asking = true
	to, scale := m.target, m.keys.Scale
	return m, func() tea.Msg { return scaledMsg{to, scale(to)} }
}

func says(what string, err error) string {
	if err != nil {
		return what + ": " + err.Error()
	}
	return what
}

func do(what string, f func() error) tea.Cmd {
	return func() tea.Msg { return didMsg{what, f()} }
}
