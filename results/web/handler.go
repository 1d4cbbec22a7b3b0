package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/slload/slload/results/page"
)

// handler serves the page at / and Prometheus at /metrics.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", s.servePage)
	mux.Handle("/metrics", s.metrics())
	mux.HandleFunc("/favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return s.guard.wrap(mux)
}

// servePage gives the page. With ?after=VERSION it waits for another one than
// that, with &until=over for that of the run's end, and gives 204 where none
// has come after a while.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) {
	a := &ask{after: r.URL.Query().Get("after"), page: make(chan *drawn, 1)}
	a.untilOver = a.after != "" && r.URL.Query().Get("until") == "over"
	s.post(func(h *hub) { h.add(a, time.Now()) })
	d, ok := wait(r.Context(), maxWait, a.page)
	switch {
	case !ok:
		s.post(func(h *hub) { h.drop(a) })
		fallthrough
	case d == nil:
		if a.after == "" {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "no run has begun yet; try again in a moment", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case d.failure != nil:
		http.Error(w, d.failure.Error(), http.StatusInternalServerError)
	default:
		sendPage(w, r, d)
	}
}

func sendPage(w http.ResponseWriter, r *http.Request, d *drawn) {
	head, body := w.Header(), d.html
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", page.Policy+"; frame-ancestors 'none'")
	head.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		head.Set("Content-Encoding", "gzip")
		body = d.gz
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // who has gone has gone
}

// wait gives what comes from c, unless ctx ends or it takes too long.
func wait[T any](ctx context.Context, most time.Duration, c <-chan T) (got T, ok bool) {
	limit := time.NewTimer(most)
	defer limit.Stop()
	select {
	case got = <-c:
		return got, true
	case <-limit.C:
	case <-ctx.Done():
	}
	return got, false
}
