package agent

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// picksReply is a part of somebody's list.
func picksReply(of uuid.UUID, names ...string) *message.AvatarPicksReply {
	m := &message.AvatarPicksReply{}
	m.AgentData.TargetID = of
	for _, name := range names {
		m.Data = append(m.Data, message.AvatarPicksReplyData{PickID: uuid.NewSHA1(of, []byte(name)), PickName: message.Text(name)})
	}
	return m
}

func TestListsInPartsAreWholeWhenNoneComesAnyMore(t *testing.T) {
	bob := agentIDOf("Bob")
	for _, tt := range []struct {
		name  string
		parts []time.Duration // after the request
		took  time.Duration
		want  int
	}{
		{"one part", []time.Duration{0}, time.Second, 1},
		{"parts with pauses", []time.Duration{0, 900 * time.Millisecond, 1800 * time.Millisecond}, 2800 * time.Millisecond, 3},
		{"too late", []time.Duration{0, 1500 * time.Millisecond}, time.Second, 1},
		{"the first may take its time", []time.Duration{3 * time.Second, 3500 * time.Millisecond}, 4500 * time.Millisecond, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				a := w.enter("Ann", withoutQueue)
				w.answers(message.IDGenericMessage, func(s *simulator, ev *circuit.Event) {
					say(picksReply(a.ID, "somebody else's"))(s, ev)
					for i, after := range tt.parts {
						delayed(after, say(picksReply(bob, string(rune('a'+i)))))(s, ev)
					}
				})
				start := time.Now()
				list, err := a.Picks(w.Context(), bob, time.Second)
				if took := time.Since(start).Round(100 * time.Millisecond); err != nil || len(list) != tt.want || took != tt.took {
					t.Errorf("%v, %v in %v; want %d in %v", list, err, took, tt.want, tt.took)
				}
			})
		})
	}
}

func TestListsInPartsThatArentWholeSaySo(t *testing.T) {
	inWorld(t, func(w *world) {
		a, bob := w.enter("Ann", withoutQueue), agentIDOf("Bob")
		w.answers(message.IDGenericMessage, say(picksReply(bob, "a", "b")), nil)
		for _, want := range []int{2, 0} {
			ctx, cancel := context.WithTimeout(w.Context(), time.Second)
			list, err := a.Picks(ctx, bob, time.Minute)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || len(list) != want {
				t.Errorf("%v, %v; want %d", list, err, want)
			}
		}
	})
}
