package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/xmlrpc"
)

// endpoint is what the simulator prints first: where it is.
type endpoint struct {
	URL string `json:"url"`
}

// The simulator's HTTP, beside logins at "/".
const (
	beginPath  = "/begin"  // POST: start the schedule
	countsPath = "/counts" // GET: counts as JSON
)

// serveSimulator runs a simulator on loopback until its input ends: so it ends
// with the process that started it, whatever becomes of that.
func serveSimulator(ctx context.Context, s schedule, in io.Reader, out io.Writer) error {
	if s.agents < 1 || s.rate < 1 {
		return &usageError{fmt.Errorf("simulator: %d agents, %d messages a second: give both", s.agents, s.rate)}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { _, _ = io.Copy(io.Discard, in); cancel() }()

	loopback := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	conn, err := udp.New(udp.Config{Listen: loopback})
	if err != nil {
		return fmt.Errorf("open the simulator's UDP port: %w", err)
	}
	listener, err := net.Listen("tcp4", loopback.String())
	if err != nil {
		return errors.Join(fmt.Errorf("listen for logins: %w", err), conn.Close())
	}
	sim := newSimulator(conn, s)
	server := &http.Server{Handler: sim.handler(conn.Local(0)), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 2) // both say so when they were closed
	var serving sync.WaitGroup
	serving.Go(func() { ended <- sim.run() })
	serving.Go(func() { ended <- server.Serve(listener) })
	err = json.NewEncoder(out).Encode(endpoint{"http://" + listener.Addr().String()})
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-ended:
		}
	}
	err = errors.Join(err, server.Close(), conn.Close())
	serving.Wait()
	return err
}

// handler answers logins and the generator's questions. addr is the UDP port.
func (s *simulator) handler(addr netip.AddrPort) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // whoever asks is let in
		body, err := xmlrpc.MarshalResponse(s.login(addr))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", xmlrpc.ContentType)
		_, _ = w.Write(body) // a client that has gone misses nothing
	})
	mux.HandleFunc("POST "+beginPath, func(_ http.ResponseWriter, r *http.Request) { s.ask(r.Context(), s.begin) })
	mux.HandleFunc("GET "+countsPath, func(w http.ResponseWriter, r *http.Request) {
		var c counts
		s.ask(r.Context(), func(time.Duration) { c, c.CPU = s.counts, cpuTime() })
		_ = json.NewEncoder(w).Encode(c)
	})
	return mux
}

// ask runs f on the simulator's goroutine and waits for it, or for ctx.
func (s *simulator) ask(ctx context.Context, f func(now time.Duration)) {
	done := make(chan struct{})
	select {
	case s.requests <- func(now time.Duration) { f(now); close(done) }:
		<-done
	case <-ctx.Done():
	}
}

// login lets the next agent in, until all have come.
func (s *simulator) login(addr netip.AddrPort) map[string]any {
	code := s.logins.Add(1)
	if int(code) > s.schedule.agents {
		return map[string]any{"login": "false", "reason": "full", "message": "there are as many agents as were planned"}
	}
	return map[string]any{
		"login": "true", "agent_id": agentID(code), "session_id": sessionID(code), "secure_session_id": sessionID(code),
		"circuit_code": int32(code), "sim_ip": addr.Addr().String(), "sim_port": int32(addr.Port()),
		"region_x": int32(256000), "region_y": int32(256000), "first_name": "Bench", "last_name": fmt.Sprint(code),
		"seed_capability": "http://" + addr.String() + "/none", // agents without event queue leave it alone
	}
}
