package agent

import (
	"context"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// ChatKind is how loud a line is, by the protocol's numbers.
type ChatKind uint8

// How loud: OpenSim carries a whisper 10 m, a say 20 m and a shout 100 m.
const (
	Whisper     ChatKind = 0
	Say         ChatKind = 1
	Shout       ChatKind = 2
	StartTyping ChatKind = 4
	StopTyping  ChatKind = 5
)

const sourceAgent = 1 // ChatFromSimulator's SourceType of avatars

// OpChat is the operation that ChatEcho reports.
const OpChat = "msg.chat"

// Say says a line, aloud, on channel 0.
func (a *Agent) Say(ctx context.Context, text string) error { return a.Chat(ctx, 0, Say, text) }

// Chat sends a line. Channel 0 is heard by people, others by scripts.
func (a *Agent) Chat(ctx context.Context, channel int32, kind ChatKind, text string) error {
	return a.do(ctx, func(now circuit.Instant) error { return a.sendChat(now, channel, kind, text, nil) })
}

// ChatEcho says a line and waits until the agent has heard it itself, as all
// in range do. It reports msg.chat. To tell lines apart that are under way at
// once, let their texts differ; they can have 1,023 bytes.
func (a *Agent) ChatEcho(ctx context.Context, text string) error {
	return a.roundTrip(ctx, OpChat, a, text, func(now circuit.Instant, sent *circuit.Instant) error {
		return a.sendChat(now, 0, Say, text, sent)
	})
}

func (a *Agent) sendChat(now circuit.Instant, channel int32, kind ChatKind, text string, sent *circuit.Instant) error {
	line := message.ChatFromViewer{
		AgentData: message.ChatFromViewerAgentData{AgentID: a.ID, SessionID: a.session},
		ChatData:  message.ChatFromViewerChatData{Message: message.Text(text), Type: uint8(kind), Channel: channel},
	}
	return a.root.circuit.SendWith(now, &line, circuit.SendOptions{Reliable: true, Sent: sent})
}

func (r *region) chat(ev *circuit.Event, m *message.ChatFromSimulator) {
	a := r.agent
	d := &m.ChatData
	if d.SourceID == a.ID && len(a.heard) > 0 {
		a.hear(OpChat, ev.At, d.SourceID, trimNUL(d.Message))
	}
	if listens[ChatHeard](a) {
		emit(a, ChatHeard{
			At: ev.At, From: message.String(d.FromName), SourceID: d.SourceID,
			FromObject: d.SourceType != sourceAgent, Kind: ChatKind(d.ChatType), Text: message.String(d.Message),
		})
	}
}

func trimNUL(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == 0 {
		return b[:n-1]
	}
	return b
}
