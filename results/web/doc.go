// Package web serves a run while it goes on: its page, which renews itself, and
// its figures for Prometheus.
//
// One goroutine, the hub, owns what is served. The goroutine that makes the
// run hands it each line of the timeline, and a [State] of the whole where
// somebody waits for one; neither shares anything with the other. A request
// waits at the hub for its answer. So a run that nobody watches draws nothing,
// and however many watch, a page is drawn once a second at most, and for a
// twentieth of the time at most ([pace]).
//
// It listens on loopback unless told otherwise, and then asks for a token.
//
// It stands on results and results/page, and knows nothing of swarms: cmd/slload
// hands it what it shows.
package web
