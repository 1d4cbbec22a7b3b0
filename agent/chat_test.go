package agent

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

var chatOp = []string{OpChat}

func TestSayWhisperShout(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.heard()
		for _, say := range []func() error{
			func() error { return a.Say(w.Context(), "hello") },
			func() error { return a.Chat(w.Context(), 0, Whisper, "psst") },
			func() error { return a.Chat(w.Context(), 0, Shout, "ho") },
			func() error { return a.Chat(w.Context(), -7, Say, "to a script") },
		} {
			if err := say(); err != nil {
				t.Error(err)
			}
		}
		w.hears("ChatFromViewer 0/1 hello", "ChatFromViewer 0/0 psst", "ChatFromViewer 0/2 ho", "ChatFromViewer -7/1 to a script")
		w.measures(chatOp)
	})
}

func TestChatHeard(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		var got []ChatHeard
		cancel := Subscribe(a, func(e ChatHeard) { got = append(got, e) })
		defer cancel()
		speaker, box := uuid.New(), uuid.New()
		w.tells(a, lineFrom(speaker, "hello"))
		thing := lineFrom(box, "beep")
		thing.ChatData.SourceType, thing.ChatData.ChatType = 2, uint8(Shout)
		w.tells(a, thing)
		w.elapse(soon)
		at := w.home.passed(false, "ChatFromSimulator", 1)
		want := []ChatHeard{
			{At: at, From: "Somebody Else", SourceID: speaker, Kind: Say, Text: "hello"},
			{At: w.home.passed(false, "ChatFromSimulator", 2), From: "Somebody Else", SourceID: box, FromObject: true, Kind: Shout, Text: "beep"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
	})
}

func TestChatEchoMeasuresItsOwnLineOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		note := &message.ImprovedInstantMessage{}
		note.AgentData.AgentID, note.MessageBlock.Message = a.ID, message.Text("hello")
		mine := say(lineFrom(a.ID, "hello"))
		w.answers(message.IDChatFromViewer, all(
			say(lineFrom(uuid.New(), "hello")), say(lineFrom(a.ID, "hello you")), say(lineFrom(a.ID, "")), say(note),
			delayed(time.Second, mine), delayed(2*time.Second, mine)))
		planned := circuit.Now()
		w.elapse(time.Second)
		began := circuit.Now()
		if err := a.ChatEcho(circuit.WithIntended(w.Context(), planned), "hello"); err != nil {
			t.Fatal(err)
		}
		w.elapse(5 * time.Second)
		w.measures(chatOp, OpChat)
		// Of the lines that came, the fourth was its own.
		want := measurement{OpChat, planned, began, w.home.passed(false, "ChatFromSimulator", 4), ""}
		if got := w.home.measurements(OpChat)[0]; got != want || want.end.Sub(began) < time.Second+2*latency {
			t.Errorf("measured %+v, want %+v", got, want)
		}
	})
}

func TestSameTextTwiceAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.answers(message.IDChatFromViewer, delayed(time.Second, func(s *simulator, ev *circuit.Event) {
			s.send(ev.Circuit, ev.Now, lineFrom(a.ID, "hello"), "")
		}))
		ended := make(chan error)
		for range 2 {
			go func() { ended <- a.ChatEcho(w.Context(), "hello") }()
			w.elapse(300 * time.Millisecond)
		}
		for range 2 {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		w.measures(chatOp, OpChat, OpChat)
		for _, m := range w.home.measurements(OpChat) {
			if took := m.end.Sub(m.sent).Round(time.Millisecond); took < time.Second || took > time.Second+3*latency {
				t.Errorf("took %v", took)
			}
		}
	})
}

func TestChatEchoFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		text   string
		script func(w *world, a *Agent)
		is     error
		reason string
		took   time.Duration // of the measurement, from its sending
	}{
		{"nobody answers", "hello", func(w *world, _ *Agent) { w.answers(message.IDChatFromViewer, nil) },
			context.DeadlineExceeded, "timeout", 10 * time.Second},
		{"too late", "hello", func(w *world, a *Agent) {
			w.answers(message.IDChatFromViewer, delayed(11*time.Second, func(s *simulator, ev *circuit.Event) {
				s.send(ev.Circuit, ev.Now, lineFrom(a.ID, "hello"), "")
			}))
		}, context.DeadlineExceeded, "timeout", 10 * time.Second},
		{"thrown out meanwhile", "hello", func(w *world, _ *Agent) { w.answers(message.IDChatFromViewer, delayed(time.Second, kick)) },
			&KickedError{}, "agent_left", time.Second + 2*latency},
		{"logged out meanwhile", "hello", func(w *world, a *Agent) {
			w.answers(message.IDChatFromViewer, nil)
			time.AfterFunc(time.Second, func() {
				if err := a.Logout(w.Context()); err != nil {
					w.Error(err)
				}
			})
		}, ErrLoggedOut, "agent_left", time.Second + 2*latency},
		{"too long", strings.Repeat("x", longestText+1), nil, nil, "bad_text", 0},
		{"no text", "", nil, nil, "bad_text", 0},
		{"a NUL in it", "a\x00b", nil, nil, "bad_text", 0},
		{"no UTF-8", "a\xffb", nil, nil, "bad_text", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				a := w.enter("Ann", withoutQueue)
				if tt.script != nil {
					tt.script(w, a)
				}
				ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
				defer cancel()
				err := a.ChatEcho(ctx, tt.text)
				checkCause(t, err, tt.is)
				w.elapse(5 * time.Second)
				w.measures(chatOp, strings.TrimSpace(OpChat+" "+tt.reason))
				m := w.home.measurements(OpChat)[0]
				if took := m.end.Sub(m.sent); took < tt.took || took > tt.took+5*time.Millisecond {
					t.Errorf("ended %v after its sending, want %v", took, tt.took)
				}
				w.home.see(func() {
					if len(a.heard) != 0 {
						t.Errorf("%d texts are still awaited", len(a.heard))
					}
				})
			})
		})
	}
}

// checkCause wants an error, and cause in it: a *KickedError stands for any.
func checkCause(t *testing.T, err, cause error) {
	t.Helper()
	var kicked *KickedError
	switch {
	case err == nil:
		t.Error("no error")
	case errors.As(cause, &kicked):
		var lost *LostError
		if !errors.As(err, &lost) || !errors.As(err, &kicked) {
			t.Errorf("error %v, want a LostError by a KickedError", err)
		}
	case cause != nil && !errors.Is(err, cause):
		t.Errorf("error %v, want %v in it", err, cause)
	}
}
