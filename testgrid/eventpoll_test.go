package testgrid

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
)

const (
	poll    = "<llsd><map><key>ack</key><undef/><key>done</key><boolean>0</boolean></map></llsd>"
	goodbye = "<llsd><map><key>ack</key><integer>7</integer><key>done</key><boolean>1</boolean></map></llsd>"
)

// batch is what a poll brings.
type batch struct {
	ID     int32 `llsd:"id"`
	Events []struct {
		Message string         `llsd:"message"`
		Body    map[string]any `llsd:"body"`
	} `llsd:"events"`
}

func (w *world) poll(queue string) batch {
	w.t.Helper()
	answer := w.post(queue, "application/xml", poll)
	if answer.Code != http.StatusOK {
		w.t.Fatalf("a poll got %d", answer.Code)
	}
	check(w.t, answer.Header().Get("Content-Type") == "application/xml", "a poll got %q", answer.Header().Get("Content-Type"))
	var b batch
	if err := llsd.UnmarshalXML(answer.Body.Bytes(), &b); err != nil {
		w.t.Fatal(err)
	}
	return b
}

// queueOf gives an agent's queue after its arrival's events were taken.
func (w *world) queueOf(v *viewer) string {
	w.t.Helper()
	queue := w.seed(v.loggedIn, "EventQueueGet")["EventQueueGet"]
	w.poll(queue)
	return queue
}

func TestArrivalPutsEventsIntoTheQueue(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		b := w.poll(w.seed(ann.loggedIn, "EventQueueGet")["EventQueueGet"])
		var names []string
		for _, e := range b.Events {
			names = append(names, e.Message)
		}
		if diff := cmp.Diff([]string{"AgentGroupDataUpdate", "ParcelProperties"}, names); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		want := map[string]any{
			"AgentData": []any{map[string]any{"AgentID": ann.Agent}}, "GroupData": []any{}, "NewGroupData": []any{},
		}
		if diff := cmp.Diff(want, b.Events[0].Body); diff != "" {
			t.Errorf("AgentGroupDataUpdate (-want +got):\n%s", diff)
		}
		check(t, b.ID > 0, "the batch's id is %d", b.ID)
	})
}

func TestPollIsHeldAndAnswered502(t *testing.T) {
	for name, tt := range map[string]struct {
		setting, held time.Duration
	}{
		"as OpenSim holds": {0, 58 * time.Second},
		"as it is set":     {3 * time.Second, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, Config{PollHold: tt.setting, SilentAfter: time.Hour}, func(w *world) {
				queue := w.queueOf(w.enter("Ann", at(60, 60, 0)))
				began := time.Now()
				answer := w.post(queue, "application/xml", poll)
				check(t, answer.Code == http.StatusBadGateway, "it got %d", answer.Code)
				check(t, time.Since(began) == tt.held, "it was held %v", time.Since(began))
				check(t, answer.Header().Get("Connection") == "close", "the connection stays open")
				check(t, answer.Body.Len() == 0, "the answer has a body")
			})
		})
	}
}

func TestEventEndsAPollThatWaits(t *testing.T) {
	inWorld(t, Config{SilentAfter: time.Hour}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		queue := w.queueOf(ann)
		events := w.grid.directory.byAgent(ann.Agent).events
		time.AfterFunc(5*time.Second, func() {
			events.put("First", map[string]any{"n": int32(1)})
			events.put("Second", map[string]any{"n": int32(2)})
		})
		began := time.Now()
		b := w.poll(queue)
		check(t, time.Since(began) == 5*time.Second, "it was held %v", time.Since(began))
		if len(b.Events) == 1 { // the poll may have been quicker than the second put
			b.Events = append(b.Events, w.poll(queue).Events...)
		}
		check(t, len(b.Events) == 2 && b.Events[0].Message == "First" && b.Events[1].Message == "Second", "it brought %v", b.Events)
		events.put("Third", nil)
		next := w.poll(queue)
		check(t, next.ID > b.ID && len(next.Events) == 1, "the next batch is %d after %d, with %d events", next.ID, b.ID, len(next.Events))
	})
}

func TestPollEndsWithTheAgent(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		queue := w.queueOf(ann)
		time.AfterFunc(5*time.Second, func() { w.grid.directory.leave(w.grid.directory.byAgent(ann.Agent), nil) })
		began := time.Now()
		check(t, w.post(queue, "application/xml", poll).Code == http.StatusNotFound, "the poll under way didn't get 404")
		check(t, time.Since(began) == 5*time.Second, "it was held %v", time.Since(began))
	})
}

func TestDoneIsAnsweredAtOnce(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		queue := w.queueOf(w.enter("Ann", at(60, 60, 0)))
		began := time.Now()
		check(t, w.post(queue, "application/xml", goodbye).Code == http.StatusBadGateway, "done didn't get 502")
		check(t, time.Since(began) == 0, "it was held %v", time.Since(began))
	})
}

func TestPollOfAClientThatWentAway(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		queue := w.queueOf(w.enter("Ann", at(60, 60, 0)))
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		w.request(ctx, http.MethodPost, queue, "application/xml", poll)
		check(t, time.Since(began) == time.Second, "the poll outlived its client by %v", time.Since(began)-time.Second)
	})
}

func TestBadPolls(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		queue := w.queueOf(w.enter("Ann", at(60, 60, 0)))
		check(t, w.post(queue, "application/xml", "<llsd><ma").Code == http.StatusBadRequest, "broken LLSD was taken")
		check(t, w.post("/CE/"+uuid.NewString(), "application/xml", poll).Code == http.StatusNotFound, "an unknown queue answered")
	})
}

func TestQueueHasABound(t *testing.T) {
	q := newEventQueue()
	for i := range maxEvents {
		if !q.put("Event", nil) {
			t.Fatalf("no room for event %d", i)
		}
	}
	check(t, !q.put("Event", nil), "there is room beyond the bound")
	q.close()
	q.close()
	check(t, !q.put("Event", nil), "a closed queue takes events")
}
