package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Event is a named event of the run, a line of events.jsonl. No field may hold
// a password, a session id or a seed capability.
type Event struct {
	T      time.Duration // since the run's start
	Name   string        // such as "login.failed" or "agent.lost"
	Agent  string
	Region string
	Op     string
	Reason string
	Detail string // free text, cut at 200 bytes as all others are
}

// eventLine is a line of events.jsonl. A line whose name is EventsSuppressed
// says how many of the name Of were left out up to T.
type eventLine struct {
	T      float64 `json:"t"`
	Name   string  `json:"event"`
	Agent  string  `json:"agent,omitempty"`
	Region string  `json:"region,omitempty"`
	Op     string  `json:"op,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Detail string  `json:"detail,omitempty"`
	Of     string  `json:"of,omitempty"`
	Count  int64   `json:"count,omitempty"`
}

// The events that the collector itself notes.
const (
	EventPhase      = "phase.begin" // Detail is the phase
	EventSteered    = "run.steered" // by hand; Detail is what was asked
	EventSuppressed = "events.suppressed"
	EventEnd        = "run.end"
	EventGap        = "run.gap"         // the run broke off here, and was resumed later
	EventLostLoad   = "run.lost_load"   // a part of the load is missing; Detail says which
	EventCoarser    = "results.coarser" // from here on a file has longer intervals, told in Detail
)

// maxEventText bounds each text of an event.
const maxEventText = 200

// eventLines writes the events in order of time, and what was suppressed by
// name.
func eventLines(events []Event, suppressed counts, now time.Duration) ([]byte, error) {
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.T, b.T) })
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	var errs firstError
	for _, e := range events {
		errs.add(out.Encode(eventLine{
			T: seconds(e.T), Name: cutText(e.Name), Agent: cutText(e.Agent), Region: cutText(e.Region),
			Op: cutText(e.Op), Reason: cutText(e.Reason), Detail: cutText(e.Detail),
		}))
	}
	for _, name := range slices.Sorted(maps.Keys(suppressed)) {
		errs.add(out.Encode(eventLine{
			T: seconds(now), Name: EventSuppressed, Of: cutText(name), Count: suppressed[name],
		}))
	}
	return b.Bytes(), errs.err
}

// cutText cuts s to maxEventText bytes of valid UTF-8.
func cutText(s string) string {
	if len(s) > maxEventText {
		end := maxEventText
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
