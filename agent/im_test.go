package agent

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// twoLoops logs Ann in on the world's first loop and Bob on another.
func (w *world) twoLoops() (ann, bob *Agent, bobs *clientLoop) {
	w.Helper()
	bobs = w.newLoop()
	ann = w.enter("Ann", withoutQueue)
	bob = w.enter("Bob", withoutQueue, func(o *Options) { o.Loop, o.Observer = bobs.Loop, bobs })
	return ann, bob, bobs
}

func TestInstantMessageAcrossLoops(t *testing.T) {
	inWorld(t, func(w *world) {
		ann, bob, bobs := w.twoLoops()
		var got []IMReceived
		defer Subscribe(bob, func(e IMReceived) { got = append(got, e) })()
		began := circuit.Now()
		if err := ann.IMTo(w.Context(), bob, "hello"); err != nil {
			t.Fatal(err)
		}
		if err := bob.IM(w.Context(), ann.ID, "to you, too"); err != nil {
			t.Fatal(err)
		}
		w.elapse(soon)
		w.measures([]string{OpIM}, OpIM)
		want := measurement{OpIM, began, began, began.Add(2 * latency), ""}
		if m := w.home.measurements(OpIM)[0]; m != want {
			t.Errorf("measured %+v, want %+v", m, want)
		}
		if n := len(bobs.outcomes(OpIM)); n != 0 {
			t.Errorf("the hearer's observer was told, too: %d", n)
		}
		at := bobs.passed(false, "ImprovedInstantMessage", 1)
		im := IMReceived{At: at, From: ann.ID, FromName: "Ann Tester", SessionID: imSession(bob.ID, ann.ID), Text: "hello"}
		if diff := cmp.Diff([]IMReceived{im}, got); diff != "" || at != want.end {
			t.Errorf("received at %d, want %d (-want +got):\n%s", at, want.end, diff)
		}
	})
}

func TestInstantMessageFails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(w *world, ann, bob *Agent)
		is     error
		reason string
	}{
		{"never comes", func(w *world, _, _ *Agent) { w.answers(message.IDImprovedInstantMessage, nil) }, context.DeadlineExceeded, "timeout"},
		{"the hearer had left", func(w *world, _, bob *Agent) { w.says(bob, kick); w.elapse(soon) }, &KickedError{}, "agent_left"},
		{"the hearer leaves", func(w *world, _, bob *Agent) {
			w.answers(message.IDImprovedInstantMessage, nil)
			time.AfterFunc(time.Second, func() { w.says(bob, kick) })
		}, &KickedError{}, "agent_left"},
		{"the sender had left", func(w *world, ann, _ *Agent) { w.says(ann, kick); w.elapse(soon) }, &KickedError{}, "agent_left"},
		{"the sender leaves", func(w *world, ann, _ *Agent) {
			w.answers(message.IDImprovedInstantMessage, nil)
			time.AfterFunc(time.Second, func() { w.says(ann, kick) })
		}, &KickedError{}, "agent_left"},
		{"comes as another kind", func(w *world, _, _ *Agent) {
			w.answers(message.IDImprovedInstantMessage, func(s *simulator, ev *circuit.Event) {
				m := *ev.Message.(*message.ImprovedInstantMessage)
				m.MessageBlock.Dialog = 41 // somebody is typing
				s.send(s.visitors[m.MessageBlock.ToAgentID], ev.Now, &m, "")
			})
		}, context.DeadlineExceeded, "timeout"},
		{"somebody else's", func(w *world, _, _ *Agent) {
			w.answers(message.IDImprovedInstantMessage, func(s *simulator, ev *circuit.Event) {
				m := *ev.Message.(*message.ImprovedInstantMessage)
				m.AgentData.AgentID = uuid.New()
				s.send(s.visitors[m.MessageBlock.ToAgentID], ev.Now, &m, "")
			})
		}, context.DeadlineExceeded, "timeout"},
		{"comes as chat", func(w *world, ann, _ *Agent) {
			w.answers(message.IDImprovedInstantMessage, func(s *simulator, ev *circuit.Event) {
				for _, c := range s.visitors {
					s.send(c, ev.Now, lineFrom(ann.ID, "hello"), "")
				}
			})
		}, context.DeadlineExceeded, "timeout"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				ann, bob, bobs := w.twoLoops()
				tt.script(w, ann, bob)
				ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
				defer cancel()
				checkCause(t, ann.IMTo(ctx, bob, "hello"), tt.is)
				w.elapse(5 * time.Second)
				w.measures([]string{OpIM}, OpIM+" "+tt.reason)
				if n := len(bobs.outcomes(OpIM)); n != 0 {
					t.Errorf("the hearer's observer was told, too: %d", n)
				}
				bobs.see(func() {
					if len(bob.heard) != 0 {
						t.Errorf("%d texts are still awaited", len(bob.heard))
					}
				})
			})
		})
	}
}

// A message that a simulator carries to its sender, who is the hearer, too.
func TestInstantMessageToOneself(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		if err := a.IMTo(w.Context(), a, "note"); err != nil {
			t.Error(err)
		}
		w.measures([]string{OpIM}, OpIM)
	})
}
