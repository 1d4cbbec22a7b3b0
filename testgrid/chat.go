package testgrid

import (
	"unicode/utf8"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// How far chat carries, in metres.
const (
	whisperRange = 10
	sayRange     = 20
	shoutRange   = 100
)

// Chat types of ChatFromViewer and ChatFromSimulator.
const (
	chatWhisper     = 0
	chatSay         = 1
	chatShout       = 2
	chatStartTyping = 4
	chatStopTyping  = 5
)

const (
	sourceAgent    = 1 // ChatFromSimulator.SourceType
	audibleFully   = 1
	publicChannel  = 0
	longestMessage = 1023 // bytes, without the NUL
)

// onChat lets everybody in hearing hear a line, the speaker included. What is
// said on other channels is for scripts only, and there are none.
func (g *Grid) onChat(ev *circuit.Event) {
	m := ev.Message.(*message.ChatFromViewer)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || m.ChatData.Channel != publicChannel {
		return
	}
	r := c.region
	r.counters.chats++
	heard := r.chatFrom(c, m.ChatData.Type, message.String(m.ChatData.Message))
	for _, slot := range r.hearers(c, m.ChatData.Type) {
		r.avatars[slot].tell(ev.Now, heard)
	}
}

func (r *region) chatFrom(c *client, kind uint8, text string) message.Message {
	m := &r.scratch.chat
	m.ChatData.FromName = message.Text(c.session.name())
	m.ChatData.SourceID, m.ChatData.OwnerID = c.session.agentID, c.session.agentID
	m.ChatData.SourceType, m.ChatData.ChatType, m.ChatData.Audible = sourceAgent, kind, audibleFully
	m.ChatData.Position = c.motion.pos
	m.ChatData.Message = message.Text(cut(text, longestMessage))
	return m
}

// hearers gives the slots of those who hear c; typing, and types that OpenSim
// doesn't know, carry through the whole region.
func (r *region) hearers(c *client, kind uint8) []int32 {
	list := r.scratch.heard[:0]
	switch kind {
	case chatWhisper:
		list = r.cells.within(list, c.motion.pos, whisperRange)
	case chatSay:
		list = r.cells.within(list, c.motion.pos, sayRange)
	case chatShout:
		list = r.cells.within(list, c.motion.pos, shoutRange)
	default:
		for slot, other := range r.avatars {
			if other != nil {
				list = append(list, int32(slot))
			}
		}
	}
	r.scratch.heard = list
	return list
}

// cut shortens s to at most n bytes, at the end of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
