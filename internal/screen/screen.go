package screen

import (
	"io"
	"os"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Screen is the terminal while a run goes on. Any goroutine may use it. Nothing
// waits for a terminal that takes its time: a state that it didn't get to show
// gives way to the next.
type Screen struct {
	program *tea.Program
	states  chan State
	lines   chan string
	quit    chan struct{}
	ended   chan struct{}

	mu  sync.Mutex
	log []string // for when the screen is left
}

const (
	// maxKept is how many log lines are kept for when the screen is left.
	maxKept = 200
	// leaveTime bounds how long a terminal may take to be left.
	leaveTime = 2 * time.Second
)

// Open takes over the terminal; in may be nil: then there are no keys.
func Open(in io.Reader, out io.Writer, title string, keys Keys) *Screen {
	options := []tea.ProgramOption{tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler()}
	if in == nil {
		keys = Keys{}
	}
	if os.Getenv("NO_COLOR") != "" {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	s := &Screen{
		program: tea.NewProgram(newModel(title, keys), options...),
		states:  make(chan State, 1), lines: make(chan string, maxLog), quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		_, _ = s.program.Run() // a terminal that can't be drawn on leaves the run as it is
	}()
	go s.pump()
	return s
}

// pump hands on what there is to show, until the end.
func (s *Screen) pump() {
	for {
		select {
		case state := <-s.states:
			s.program.Send(stateMsg(state))
		case line := <-s.lines:
			s.program.Send(logMsg(line))
		case <-s.quit:
			s.program.Quit()
			return
		case <-s.ended:
			return
		}
	}
}

// Show shows a state.
func (s *Screen) Show(state State) {
	select {
	case <-s.states: // it was never shown
	default:
	}
	select {
	case s.states <- state:
	default:
	}
}

// Write shows log lines, and keeps them for Close.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	s.log = append(s.log, string(p))
	s.log = s.log[max(0, len(s.log)-maxKept):]
	s.mu.Unlock()
	select {
	case s.lines <- string(p):
	default:
	}
	return len(p), nil
}

// Close gives the terminal back, and the log lines that came meanwhile.
func (s *Screen) Close() (log string) {
	close(s.quit)
	select {
	case <-s.ended:
	case <-time.After(leaveTime):
		go s.program.Kill()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.log, "")
}
