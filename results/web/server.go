package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/results/page"
	"golang.org/x/net/netutil"
)

const (
	// maxConns bounds those who watch.
	maxConns = 64
	// maxWait is how long a request waits for a page that is news, and
	// stateWait for a state, which comes each second.
	maxWait, stateWait = 20 * time.Second, 3 * time.Second
	// A browser asks again as soon as it has shown a page: whoever asked
	// within the last watched has linger to come for the final one.
	watched, linger = 5 * time.Second, time.Second
	// stopTime bounds the end.
	stopTime = 3 * time.Second
)

// Server serves a run. Begin, Line, Progress and End are for the goroutine that
// makes the run; they don't wait for who watches.
type Server struct {
	hub    *hub
	guard  guard
	addr   net.Addr
	http   *http.Server
	served chan struct{}
}

// Listen begins to serve at address, an IP address and a port. Beyond loopback
// all requests need a token; where token is "" one is drawn, which URL tells.
// On loopback a token is needed where one is given.
func Listen(address, token string) (*Server, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q: want an address and a port, such as 127.0.0.1:8080", address)
	}
	g, err := newGuard(at.Addr(), token)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, err
	}
	s := newServer(g)
	s.addr = l.Addr()
	go func() {
		defer close(s.served)
		_ = s.http.Serve(netutil.LimitListener(l, maxConns)) // ends with Close
	}()
	return s, nil
}

// newServer is a server whose hub runs.
func newServer(g guard) *Server {
	s := &Server{guard: g, served: make(chan struct{}), hub: newHub()}
	s.http = &http.Server{ // who sends or reads drop by drop has a place for a while, not for good
		Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute,
		ReadTimeout: maxWait + 30*time.Second, WriteTimeout: maxWait + 30*time.Second, MaxHeaderBytes: 16 << 10,
	}
	go s.hub.run()
	return s
}

// URL is where the page is, with the token where that was drawn.
func (s *Server) URL() string {
	u := "http://" + s.addr.String() + "/"
	if s.guard.drew {
		u += "?token=" + s.guard.token
	}
	return u
}

// post has the hub do something.
func (s *Server) post(event func(*hub)) {
	select {
	case s.hub.events <- event:
	case <-s.hub.closed:
	}
}

// Begin tells that another run begins.
func (s *Server) Begin() { s.post((*hub).begin) }

// Line takes a line of the run's timeline.
func (s *Server) Line(l results.Line) { s.post(func(h *hub) { h.line(l) }) }

// Progress calls state where somebody waits for it, and hands on what it gives.
func (s *Server) Progress(state func() *State) {
	select {
	case <-s.hub.wanted:
		st := state()
		s.post(func(h *hub) { h.offer(st) })
	default:
	}
}

// End shows what the run in dir came to; failure is why it ended before its
// time, or nil.
func (s *Server) End(dir string, failure error) error {
	r, err := page.Read(dir)
	if err != nil {
		return err
	}
	r.Live = &page.Live{}
	if failure != nil {
		r.Live.Failure = strings.ReplaceAll(failure.Error(), "\n", "; ")
	}
	s.post(func(h *hub) { h.end(r) })
	return nil
}

// Close ends the service. Those who watch are shown the run's end before.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	late := make(chan bool, 1)
	s.post(func(h *hub) { late <- time.Since(h.lastAsked) < watched })
	if <-late {
		select {
		case <-time.After(linger):
		case <-ctx.Done():
		}
	}
	s.post(func(h *hub) { h.giveUp() })
	if err := s.http.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
		_ = s.http.Close() // whoever is left reads too slowly
	}
	<-s.served
	close(s.hub.closed)
}
