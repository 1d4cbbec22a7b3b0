package testgrid

import (
	"net/http"
)

// pollBodyLimit: a poll says {ack, done}.
const pollBodyLimit = 4 << 10

// serveEventQueue holds a poll until there are events or the hold is over, which
// OpenSim says with 502, closing the connection. What the client acks is ignored,
// as OpenSim does: events in a response that got lost are lost.
func (g *Grid) serveEventQueue(s *session, w http.ResponseWriter, r *http.Request) {
	g.servePoll(s.events, w, r)
}

func (g *Grid) servePoll(q *eventQueue, w http.ResponseWriter, r *http.Request) {
	var poll struct {
		Done bool `llsd:"done"`
	}
	if !readLLSD(w, r, pollBodyLimit, &poll) {
		return
	}
	g.stats.polls.Add(1)
	hold := g.cfg.PollHold
	if poll.Done {
		hold = 0 // the client says goodbye, and waits for no events
	}
	events, id, how := q.wait(r.Context(), hold)
	switch how {
	case pollEvents:
		writeLLSD(w, "application/xml", map[string]any{"events": events, "id": id})
	case pollGone:
		http.NotFound(w, r)
	case pollNothing:
		w.Header().Set("Connection", "close")
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
	}
}
