package testgrid

import (
	"fmt"
	"strconv"
	"strings"
)

// The grid understands the least of LSL that lets an object speak: a default
// state with the events below, in which stand calls of llSay, llWhisper,
// llShout and llOwnerSay with constants. Whatever else there is, though it may
// be good LSL, doesn't compile, and the errors say so.

// script is a program that a prim runs.
type script struct {
	events map[string][]line // what its default state says, by event
}

// line is what a script says.
type line struct {
	kind    uint8
	channel int32
	text    string
}

// scriptEvents are the events that scripts may have, and their parameters'
// types.
var scriptEvents = map[string][]string{
	"state_entry": nil, "on_rez": {"integer"}, "touch_start": {"integer"}, "touch_end": {"integer"}, "money": {"key", "integer"},
}

// mostLines bounds what an event says: each line goes to all who hear it.
const mostLines = 100

// chatOwner is the ChatType of llOwnerSay.
const chatOwner = 8

// scriptCalls are the functions that scripts may call, by what they say; all
// but llOwnerSay take a channel first.
var scriptCalls = map[string]uint8{"llSay": chatSay, "llWhisper": chatWhisper, "llShout": chatShout, "llOwnerSay": chatOwner}

// compile reads a script. The error says where it stopped to make sense:
// `(line,column) Error: ...`, both counted from 0, as OpenSim does.
func compile(text string) (s *script, err error) {
	p := &parser{rest: text}
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case scriptError:
			s, err = nil, failed
		default:
			panic(failed)
		}
	}()
	p.next()
	s = &script{events: map[string][]line{}}
	p.want("default")
	p.want("{")
	for p.token != "}" {
		name, lines := p.event()
		if _, twice := s.events[name]; twice {
			p.fail("there are two of %s", name)
		}
		s.events[name] = lines
	}
	p.next()
	if p.token != "" {
		p.fail("only a default state is understood here, not %s", p.token)
	}
	return s, nil
}

// scriptError is why a script doesn't compile.
type scriptError string

func (e scriptError) Error() string { return string(e) }

// parser reads tokens; it panics with a scriptError. That doesn't leave
// compile.
type parser struct {
	rest         string
	line, column int

	token    string // what is looked at; "" at the end
	from, at int    // its line and column
}

func (p *parser) fail(format string, args ...any) {
	panic(scriptError(fmt.Sprintf("(%d,%d) Error: ", p.from, p.at) + fmt.Sprintf(format, args...)))
}

// want goes on past a token that must be there.
func (p *parser) want(token string) {
	if p.token != token {
		p.fail("%s was expected in place of %q", token, p.token)
	}
	p.next()
}

// event reads an event and what it says.
func (p *parser) event() (name string, lines []line) {
	name = p.token
	parameters, known := scriptEvents[name]
	if !known {
		p.fail("the event %q is not understood here", name)
	}
	p.next()
	p.want("(")
	for i, kind := range parameters {
		if i > 0 {
			p.want(",")
		}
		p.want(kind)
		p.next() // its name
	}
	p.want(")")
	p.want("{")
	lines = []line{}
	for p.token != "}" {
		if len(lines) == mostLines {
			p.fail("an event says %d lines at most here", mostLines)
		}
		lines = append(lines, p.call())
	}
	p.next()
	return name, lines
}

// call reads a statement.
func (p *parser) call() (l line) {
	kind, known := scriptCalls[p.token]
	if !known {
		p.fail("%q is not understood here: scripts of this grid only say constant text", p.token)
	}
	l.kind = kind
	p.next()
	p.want("(")
	if kind != chatOwner {
		l.channel = p.integer()
		p.want(",")
	}
	l.text = p.text()
	p.want(")")
	p.want(";")
	return l
}

func (p *parser) integer() int32 {
	sign := ""
	if p.token == "-" {
		sign = "-"
		p.next()
	}
	n, err := strconv.ParseInt(sign+p.token, 0, 32)
	if err != nil {
		p.fail("%q is no integer", sign+p.token)
	}
	p.next()
	return int32(n)
}

// scriptEscapes are what stands for what in strings.
var scriptEscapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\t`, "    ")

func (p *parser) text() string {
	if !strings.HasPrefix(p.token, `"`) {
		p.fail("%q is no constant text", p.token)
	}
	text := p.token[1 : len(p.token)-1]
	p.next()
	return scriptEscapes.Replace(text)
}
