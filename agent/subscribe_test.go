package agent

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// speak has somebody say lines to the agent.
func (w *world) speak(a *Agent, lines ...string) {
	for _, line := range lines {
		w.tells(a, lineFrom(uuid.UUID{1}, line))
	}
	w.elapse(soon)
}

func TestSubscribers(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		var got []string
		hear := func(name string) func(ChatHeard) {
			return func(e ChatHeard) { got = append(got, name+" "+e.Text) }
		}
		cancelFirst := Subscribe(a, hear("first"))
		var cancelOnce func()
		cancelOnce = Subscribe(a, func(e ChatHeard) {
			hear("once")(e)
			cancelOnce()
		})
		Subscribe(a, func(e ChatHeard) {
			if e.Text == "more" { // takes effect from the loop's next turn on
				Subscribe(a, hear("late"))
			}
		})
		w.speak(a, "one")
		w.speak(a, "two", "more")
		cancelFirst()
		cancelFirst()
		w.speak(a, "three")
		want := []string{"first one", "once one", "first two", "first more", "late three"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("heard (-want +got):\n%s", diff)
		}
	})
}

// A subscription that is cancelled within a callback hears nothing more, be it
// of the same batch.
func TestCancelTakesEffectAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		var got []string
		var cancelSecond func()
		cancelFirst := Subscribe(a, func(e ChatHeard) {
			got = append(got, e.Text)
			cancelSecond()
		})
		cancelSecond = Subscribe(a, func(ChatHeard) { t.Error("the second one heard something") })
		defer cancelFirst()
		w.onSim(func(now circuit.Instant) { // all in one batch
			for _, line := range []string{"one", "two"} {
				w.sim.send(w.sim.visitors[a.ID], now, lineFrom(uuid.UUID{1}, line), "")
			}
		})
		w.elapse(soon)
		if !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("heard %q", got)
		}
	})
}

func TestOnMessage(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		unhandled := func(id message.ID) (n uint64) {
			w.home.see(func() { n = w.home.Stats().Unhandled[id] })
			return n
		}
		var got []string
		cancelAlert := a.OnMessage(message.IDAlertMessage, func(e MessageReceived) {
			got = append(got, message.String(e.Message.(*message.AlertMessage).AlertData.Message))
			if e.At != w.home.passedHere(false, "AlertMessage", len(got)) {
				t.Errorf("told at %d", e.At)
			}
		})
		cancelSame := a.OnMessage(message.IDAlertMessage, func(MessageReceived) { got = append(got, "again") })
		cancelChat := a.OnMessage(message.IDChatFromSimulator, func(e MessageReceived) { got = append(got, e.ID.String()) })
		alert := func(text string) {
			m := &message.AlertMessage{}
			m.AlertData.Message = message.Text(text)
			w.tells(a, m)
			w.elapse(soon)
		}
		alert("one")
		w.speak(a, "handled besides")
		cancelAlert()
		if len(got) != 3 {
			t.Errorf("got %q", got)
		}
		got = nil
		alert("two")
		cancelSame()
		cancelChat()
		alert("three")
		if !slices.Equal(got, []string{"again"}) || unhandled(message.IDAlertMessage) != 1 {
			t.Errorf("got %q, and %d alerts that nobody wants", got, unhandled(message.IDAlertMessage))
		}
		w.home.see(func() {
			if len(a.subs) != 0 {
				t.Errorf("%d subscriptions are left over", len(a.subs))
			}
		})
	})
}

func TestAwait(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		second := func(e ChatHeard) bool { return e.Text == "two" }
		x := Expect(a, second)
		w.speak(a, "one", "two", "two")
		if e, err := x.Wait(w.Context(), "the second line"); err != nil || e.Text != "two" || e.At != w.home.passed(false, "ChatFromSimulator", 2) {
			t.Errorf("got %+v, %v", e, err)
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		_, err := Await(ctx, a, "the second line", second)
		checkCause(t, err, context.DeadlineExceeded)

		gone := Expect(a, func(e Left) bool { return e.Err != nil })
		never := Expect(a, second)
		var seen []*Expectation[Left]
		for range 20 {
			seen = append(seen, Expect(a, func(Left) bool { return true }))
		}
		cancelled := Expect(a, second)
		cancelled.Cancel()
		w.says(a, kick)
		if e, err := gone.Wait(w.Context(), "the end"); err != nil || e.Err == nil {
			t.Errorf("got %+v, %v", e, err)
		}
		for _, x := range seen { // both the event and the end: it happened
			if _, err := x.Wait(w.Context(), "the end"); err != nil {
				t.Error(err)
			}
		}
		_, err = never.Wait(w.Context(), "the second line")
		checkCause(t, err, &KickedError{})
		_, err = Await(w.Context(), a, "the second line", second)
		checkCause(t, err, &KickedError{})
	})
}

func TestQueueEvents(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann")
		var got []QueueEvent
		Subscribe(a, func(e QueueEvent) { got = append(got, e) })
		w.elapse(soon)
		sent := circuit.Now()
		w.grid.queue <- `<llsd><map><key>events</key><array><map><key>message</key><string>TeleportFinish</string><key>body</key><map/></map>` +
			`<map><key>message</key><string>Unheard</string><key>body</key><map><key>a</key><integer>1</integer></map></map></array><key>id</key><integer>7</integer></map></llsd>`
		w.elapse(soon)
		if len(got) != 2 || got[0].Name != "TeleportFinish" || got[1].Name != "Unheard" || got[1].Body["a"] != int32(1) || got[0].At != sent {
			t.Errorf("events %+v, want two at %d", got, sent)
		}
		w.elapse(2 * time.Minute) // two polls that OpenSim ends with 502, as it does
		w.measures([]string{OpPoll}, OpPoll, OpPoll, OpPoll)
		if err := a.Logout(w.Context()); err != nil {
			t.Error(err)
		}
		w.asked("login Ann Tester at last", "seed 200", "poll ack <nil> done false", "poll ack 7 done false",
			"poll ack 7 done false", "poll ack 7 done false", "poll ack 7 done true")
	})
}

// The queue of an agent that the simulator forgot ends; the agent goes on.
func TestQueueThatIsGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.grid.gone = true
		a := w.enter("Ann")
		w.elapse(time.Minute)
		w.measures([]string{OpPoll}, "eq.poll gone")
		if a.Err() != nil {
			t.Errorf("the agent left: %v", a.Err())
		}
		if err := a.Logout(w.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestRegionStats(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		stats := func(list ...message.SimStatsStat) {
			w.tells(a, &message.SimStats{Stat: list})
			w.elapse(soon)
		}
		stats(message.SimStatsStat{StatID: statSimFPS, StatValue: 1}) // nobody listens
		var got []RegionStats
		Subscribe(a, func(e RegionStats) { got = append(got, e) })
		stats(message.SimStatsStat{StatID: 99, StatValue: 7}, message.SimStatsStat{StatID: statSimFPS, StatValue: 54.5},
			message.SimStatsStat{StatID: statTimeDilation, StatValue: 0.99}, message.SimStatsStat{StatID: statAgents, StatValue: 12})
		want := []RegionStats{{At: w.home.passed(false, "SimStats", 2), Region: "Testing", FPS: 54.5, TimeDilation: 0.99, Agents: 12}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
	})
}
