package behaviors

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

var chatInterface = Behavior{
	Name:    "chat_interface",
	Summary: "says the lines that are typed, tells what is heard, and ends with its input",
	Agents:  1,
	Reads:   true,
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		defer agent.Subscribe(a, func(e agent.ChatHeard) {
			if e.Text != "" { // typing comes as a line without a text
				c.Note("%s: %s", e.From, e.Text)
			}
		})()
		defer agent.Subscribe(a, func(e agent.IMReceived) {
			if e.Dialog == agent.DialogMessage {
				c.Note("%s (instant message): %s", e.FromName, e.Text)
			}
		})()
		c.Note("type a line to say it; /shout LINE, /whisper LINE, /CHANNEL LINE, /im AGENT-ID LINE")
		lines := typed(ctx, c.In)
		for {
			select {
			case line, more := <-lines:
				if !more {
					return nil
				}
				if err := c.utter(ctx, a, line); err != nil {
					return err
				}
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-a.Done():
				return a.Err()
			}
		}
	},
}

// typed gives the lines of in, and is closed with it or when ctx ends. A read
// that waits for a person goes on waiting: it ends with the program.
func typed(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	if in == nil || ctx.Err() != nil {
		if ctx.Err() == nil {
			close(lines)
		}
		return lines
	}
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// utter does what a typed line says.
func (c *Cast) utter(ctx context.Context, a *agent.Agent, line string) error {
	line = strings.TrimSpace(line)
	if line == "" {
		return nil
	}
	verb, rest, _ := strings.Cut(strings.TrimPrefix(line, "/"), " ")
	channel, numeric := strconv.ParseInt(verb, 10, 32)
	do := func() error { return a.ChatEcho(ctx, line) } // heard by all: the line has come through
	switch {
	case !strings.HasPrefix(line, "/"):
	case verb == "shout":
		do = func() error { return a.Chat(ctx, 0, agent.Shout, rest) }
	case verb == "whisper":
		do = func() error { return a.Chat(ctx, 0, agent.Whisper, rest) }
	case verb == "im":
		to, text, _ := strings.Cut(rest, " ")
		id, err := uuid.Parse(to)
		if err != nil {
			c.Note("%q is no agent's id: nothing was sent", to)
			return nil
		}
		do = func() error { return a.IM(ctx, id, text) }
	case numeric == nil:
		do = func() error { return a.Chat(ctx, int32(channel), agent.Say, rest) }
	default:
		c.Note("there is no command /%s: nothing was said", verb)
		return nil
	}
	return c.Step(fmt.Sprintf("say %q", line), do)
}
