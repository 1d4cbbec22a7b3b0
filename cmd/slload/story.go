package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
	"github.com/slload/slload/results"
)

// story tells how a play goes on: its steps, what was found out, what was
// measured, and which messages were sent and received. It is the
// behaviors.Narrator; a nil story tells nothing.
type story struct {
	tell     func(storyLine) // nil: nobody listens
	messages string          // which ones are told: news, all or none
	start    time.Time
	settle   func() // waits until the loop has told what it knows

	mu   sync.Mutex
	open int             // steps under way
	told map[string]bool // messages of this step, by direction, agent and name

	// The loop's goroutine owns what follows.
	arriving []string             // accounts that were let in and have opened no circuit yet
	names    map[uuid.UUID]string // of agents that have
	who      map[path]string      // whose circuit it is
}

// path is a circuit's two ends.
type path struct{ local, peer netip.AddrPort }

// storyLine is one line of it, as JSON has it too.
type storyLine struct {
	T     float64 `json:"t_ms"` // since the beginning
	Kind  string  `json:"kind"` // begin, end, note, measured, sent, received
	Text  string  `json:"text"` // the step, the note, the operation or the message
	Agent string  `json:"agent,omitempty"`
	MS    float64 `json:"ms,omitempty"` // how long it took
	Error string  `json:"error,omitempty"`
	Skip  bool    `json:"skip,omitempty"` // the error is that it can't be done here
	depth int
}

func newStory(tell func(storyLine), messages string) *story {
	return &story{
		tell: tell, messages: messages, start: time.Now(), told: map[string]bool{},
		names: map[uuid.UUID]string{}, who: map[path]string{}, settle: func() {},
	}
}

// Begin tells of a step, and of its end.
func (s *story) Begin(step string) func(error) {
	if s == nil || s.tell == nil {
		return func(error) {}
	}
	begin := time.Now()
	s.say(storyLine{Kind: "begin", Text: step}, func() { s.open++; clear(s.told) })
	return func(err error) {
		line := storyLine{Kind: "end", Text: step, MS: ms(time.Since(begin))}
		if err != nil {
			line.Error, line.Skip = oneLine(err), errors.As(err, new(*behaviors.SkipError))
		}
		s.settle()
		s.say(line, func() { s.open-- })
	}
}

// Note tells what was found out.
func (s *story) Note(text string) {
	if s != nil && s.tell != nil {
		s.say(storyLine{Kind: "note", Text: text}, nil)
	}
}

// say tells a line, and then changes what is counted.
func (s *story) say(line storyLine, then func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line.T, line.depth = ms(time.Since(s.start)), s.open
	s.tell(line)
	if then != nil {
		then()
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// narrated is the circuit.Observer of one account's agent.
type narrated struct {
	story *story
	name  string
}

// Done tells what was measured, but for what goes on all the time.
func (n *narrated) Done(op string, _, sent, end circuit.Instant, reason string) {
	s := n.story
	if op == "login.auth" && reason == "" {
		s.arriving = append(s.arriving, n.name)
	}
	if s.tell == nil || op == circuit.OpPing || op == circuit.OpAck || op == "eq.poll" && reason == "" {
		return
	}
	s.say(storyLine{Kind: "measured", Text: op, Agent: n.name, MS: ms(end.Sub(sent)), Error: reason}, nil)
}

// Count ignores counters: they tell of swarms.
func (n *narrated) Count(string, int) {}

// steady are messages that come and go all the time: they are no news.
var steady = []message.ID{
	message.IDPacketAck, message.IDStartPingCheck, message.IDCompletePingCheck, message.IDSimStats,
	message.IDSimulatorViewerTimeMessage, message.IDCoarseLocationUpdate, message.IDLayerData, message.IDViewerEffect,
}

// tap tells of a datagram's message. Of what is news, a step's first of each
// kind is told.
func (s *story) tap(_ circuit.Instant, out bool, local, peer netip.AddrPort, data []byte) {
	if s.tell == nil || s.messages == "none" {
		return
	}
	p, err := message.ParsePacket(data)
	if err != nil || p.Flags&message.FlagResent != 0 {
		return // who wants to know that much decodes a capture
	}
	body, err := p.Decoded(nil)
	if err != nil {
		return
	}
	number, n, err := message.ReadNumber(body)
	id, known := message.Lookup(number)
	if err != nil || !known {
		return
	}
	if out && id == message.IDUseCircuitCode {
		s.meet(path{local, peer}, body[n:])
	}
	s.tellMessage(out, s.who[path{local, peer}], id.String(), slices.Contains(steady, id))
}

// meet learns whose circuit this is. Accounts open their circuits in the
// order in which they are let in, for plays log in one after another.
func (s *story) meet(way path, body []byte) {
	var use message.UseCircuitCode
	if _, err := use.DecodeBody(body); err != nil {
		return
	}
	id := use.CircuitCode.ID
	if _, known := s.names[id]; !known && len(s.arriving) > 0 {
		s.names[id] = s.arriving[0]
		s.arriving = s.arriving[1:]
	}
	s.who[way] = s.names[id]
}

func (s *story) tellMessage(out bool, who, name string, steady bool) {
	line := storyLine{Kind: "received", Text: name, Agent: who}
	if out {
		line.Kind = "sent"
	}
	if s.messages != "all" {
		key := line.Kind + " " + who + " " + name
		s.mu.Lock()
		told := s.told[key]
		s.told[key] = true
		s.mu.Unlock()
		if told || steady {
			return
		}
	}
	s.say(line, nil)
}

// queueOf tells of what comes by the agent's event queue from now on.
func (s *story) queueOf(a *agent.Agent) {
	if s.tell == nil || s.messages == "none" {
		return
	}
	agent.Subscribe(a, func(e agent.QueueEvent) {
		s.tellMessage(false, a.String(), e.Name+" by event queue", false)
	})
}

// tellText writes lines for people. Agents are named where there are several.
func tellText(w io.Writer, several bool) func(storyLine) {
	return func(l storyLine) {
		who := ""
		if several && l.Agent != "" {
			who = " (" + l.Agent + ")"
		}
		text, depth := l.Text, l.depth
		switch l.Kind {
		case "end":
			switch {
			case l.Skip:
				text = fmt.Sprintf("skipped after %s: %s", human(l.MS), l.Error)
			case l.Error != "":
				text = fmt.Sprintf("FAILED after %s: %s", human(l.MS), l.Error)
			default:
				text = "ok, " + human(l.MS)
			}
		case "measured":
			text = fmt.Sprintf("%s took %s%s", l.Text, human(l.MS), who)
			if l.Error != "" {
				text = fmt.Sprintf("%s failed after %s: %s%s", l.Text, human(l.MS), l.Error, who)
			}
		case "sent":
			text = "> " + l.Text + who
		case "received":
			text = "< " + l.Text + who
		case "note":
			text = "* " + l.Text
		}
		fmt.Fprintf(w, "%8.3f  %s%s\n", l.T/1000, strings.Repeat("  ", depth), text)
	}
}

func human(ms float64) string { return results.Human(time.Duration(ms * float64(time.Millisecond))) }

// tellJSON writes a line of JSON each.
func tellJSON(w io.Writer) func(storyLine) {
	return func(l storyLine) {
		b, err := json.Marshal(l)
		must(err)
		_, _ = w.Write(append(b, '\n')) // the command's own output fails, too
	}
}
