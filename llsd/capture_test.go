package llsd

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/internal/captured"
)

func TestCapturedEvents(t *testing.T) {
	for name, data := range captured.HTTP(t, "events/*.xml") {
		var poll struct {
			ID     int32 `llsd:"id"`
			Events []struct {
				Message string         `llsd:"message"`
				Body    map[string]any `llsd:"body"`
			} `llsd:"events"`
		}
		if err := UnmarshalXML(data, &poll); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if poll.ID == 0 || len(poll.Events) == 0 {
			t.Errorf("%s: id %d, %d events", name, poll.ID, len(poll.Events))
		}
		for _, event := range poll.Events {
			if event.Message == "" || len(event.Body) == 0 {
				t.Errorf("%s: event %q with a body of %d", name, event.Message, len(event.Body))
			}
		}
	}
}

var llsdDocument = regexp.MustCompile(`(?s)<llsd>.*?</llsd>`)

// Whatever LLSD client and simulator exchanged is decoded, and comes back
// the same after our own encoder.
func TestCapturedExchanges(t *testing.T) {
	for name, data := range captured.HTTP(t, "0[234]-*.txt") {
		docs := llsdDocument.FindAll(data, -1)
		if len(docs) == 0 {
			t.Errorf("%s holds no LLSD", name)
		}
		for _, doc := range docs {
			var first, second any
			if err := UnmarshalXML(doc, &first); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			again, err := MarshalXML(first)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := UnmarshalXML(again, &second); err != nil {
				t.Errorf("%s: own document: %v", name, err)
			}
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("%s (-first +second):\n%s", name, diff)
			}
		}
	}
}

func TestCapturedLoginNotation(t *testing.T) {
	text := regexp.MustCompile(`<name>(home|look_at)</name><value><string>([^<]*)</string>`)
	for name, data := range captured.HTTP(t, "login-response.xml") {
		found := text.FindAllSubmatch(data, -1)
		if len(found) != 2 {
			t.Errorf("%s holds %d of home and look_at", name, len(found))
		}
		for _, m := range found {
			var v any
			if err := UnmarshalNotation(bytes.TrimSpace(m[2]), &v); err != nil {
				t.Errorf("%s, %s: %v", name, m[1], err)
			}
		}
	}
}
