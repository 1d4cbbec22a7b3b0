package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// The grid has forgotten what it has told: one message that is none doesn't
// take the others with it, and what says the same in another type is read.
func TestReadsOfflineMessages(t *testing.T) {
	from, session := uuid.New(), uuid.New()
	typed := map[string]any{
		"from_agent_id": from, "from_agent_name": "Ann Tester", "transaction-id": session, "dialog": int32(38), "message": "hello",
	}
	texts := map[string]any{
		"from_agent_id": from.String(), "from_agent_name": "Ann Tester", "transaction-id": session.String(), "dialog": "38", "message": "hello",
	}
	want := IMReceived{At: 5, From: from, FromName: "Ann Tester", Dialog: DialogFriendOffer, SessionID: session, Offline: true, Text: "hello"}
	for name, tt := range map[string]struct {
		answer []any
		want   []IMReceived
		err    string
	}{
		"none":           {nil, nil, ""},
		"an empty list":  {[]any{[]any{}}, nil, ""},
		"a list":         {[]any{typed, texts}, []IMReceived{want, want}, ""},
		"a list in one":  {[]any{[]any{typed, texts}}, []IMReceived{want, want}, ""},
		"one is a text":  {[]any{typed, "hello", texts}, []IMReceived{want, want}, "message 2 of 3"},
		"one has no id":  {[]any{map[string]any{"from_agent_id": "Ann"}, typed}, []IMReceived{want}, "message 1 of 2"},
		"only the first": {[]any{"a", "b"}, nil, "message 1 of 2"},
	} {
		got, err := readOffline(tt.answer, 5)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, want an error with %q", name, err, tt.err)
		}
	}
}

// A simulator sends all that it has kept at once, sooner than anybody reads it.
func TestOfflineMessagesComeInARush(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		var got []IMReceived
		var err error
		read := make(chan struct{})
		go func() {
			defer close(read)
			got, err = a.OfflineIMs(w.Context(), time.Second)
		}()
		w.elapse(soon)
		const kept = 500
		w.home.see(func() {
			for i := range kept {
				emit(a, IMReceived{Offline: true, Text: fmt.Sprint(i)})
				emit(a, IMReceived{Text: "somebody talks meanwhile"})
			}
		})
		<-read
		if err != nil || len(got) != kept {
			t.Fatalf("%d of %d came: %v", len(got), kept, err)
		}
		for i, e := range got {
			if e.Text != fmt.Sprint(i) {
				t.Fatalf("message %d is %q", i, e.Text)
			}
		}
	})
}
