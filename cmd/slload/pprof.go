package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
)

// servePprof serves Go's profiles at address until stop is called; "" serves
// nothing. They tell much about a process, so only loopback is allowed.
func servePprof(address string) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsLoopback() {
		return nil, &usageError{fmt.Errorf("--pprof %q: want a loopback address and a port, such as 127.0.0.1:6060", address)}
	}
	l, err := net.Listen("tcp", at.String())
	if err != nil {
		return nil, &usageError{fmt.Errorf("--pprof: %w", err)}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	srv := &http.Server{Handler: mux}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(l) // ends with stop
	}()
	return func() {
		_ = srv.Close() // nothing is lost with a profile half sent
		<-done
	}, nil
}
