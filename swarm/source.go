package swarm

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
)

// All that an agent sends leaves from one source IP: a grid may check that
// its HTTP and its UDP do (Hypergrid logins are checked so). Where sources are
// given, an agent that logs in gets an endpoint of its own, and its HTTP leaves
// from that endpoint's address.

// lastWords is for how long an agent that has left keeps its endpoint: what it
// said last may still be queued.
const lastWords = 2 * time.Second

// seat is an endpoint that one agent has for one stay; nil where no sources
// were given. It belongs to the shard's loop.
type seat struct {
	shard    *shard
	endpoint circuit.Endpoint
	rest     circuit.Timer
}

// takeSeat gives opt an endpoint and HTTP clients of one source.
func (sh *shard) takeSeat(opt *agent.Options) (*seat, error) {
	if len(sh.swarm.cfg.Sources) == 0 {
		return nil, nil //nolint:nilnil // no seat is needed
	}
	endpoint, local, err := sh.loop.Reserve()
	if err != nil {
		return nil, err
	}
	s := &seat{shard: sh, endpoint: endpoint}
	s.rest.Fire = func(circuit.Instant) { sh.loop.Release(s.endpoint) }
	opt.Endpoint = &s.endpoint
	opt.HTTP, opt.Polls = clientFrom(opt.HTTP, local.Addr()), clientFrom(opt.Polls, local.Addr())
	return s, nil
}

// giveBack frees the endpoint in a moment.
func (s *seat) giveBack(now circuit.Instant) {
	if s != nil {
		s.shard.loop.Schedule(&s.rest, now.Add(lastWords))
	}
}

// sourceMark stands between the source and the host in the host of a request
// on its way through the transport. No host name has it.
const sourceMark = "+"

// clientFrom is client for requests from one source IP. All of them share
// client's transport, which keeps connections for reuse by the host that they
// go to; so the source is made part of that host, and a connection is only
// used for requests from the source that it was made from.
func clientFrom(client *http.Client, source netip.Addr) *http.Client {
	return &http.Client{Transport: &fromSource{client.Transport, source.String()}, Timeout: client.Timeout}
}

type fromSource struct {
	shared http.RoundTripper
	source string
}

func (f *fromSource) RoundTrip(req *http.Request) (*http.Response, error) {
	marked := *req // the rules of RoundTripper: the caller's request stays as it is
	address := *req.URL
	address.Host = f.source + sourceMark + req.URL.Host
	marked.URL = &address
	if marked.Host == "" {
		marked.Host = req.URL.Host
	}
	resp, err := f.shared.RoundTrip(&marked)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// splitSource undoes the mark in an address to dial.
func splitSource(address string) (source netip.Addr, rest string, err error) {
	from, rest, marked := strings.Cut(address, sourceMark)
	if !marked {
		return netip.Addr{}, address, nil
	}
	source, err = netip.ParseAddr(from)
	return source, rest, err
}

// dialFrom dials an address that may have a source marked in it.
func dialFrom(ctx context.Context, dialer net.Dialer, guard *target.Guard, network, address string) (net.Conn, error) {
	source, address, err := splitSource(address)
	if err != nil {
		return nil, err
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		if err := guard.Name(host); err != nil {
			return nil, err
		}
	}
	if source.IsValid() {
		network = "tcp4"
		dialer.LocalAddr = &net.TCPAddr{IP: source.AsSlice()}
		dialer.Control = guard.Control(shareLocalPorts)
	}
	return dialer.DialContext(ctx, network, address)
}

// dialTLSFrom is dialFrom for HTTPS: the certificate is for the host alone,
// which the transport, with the mark in it, doesn't know.
func dialTLSFrom(ctx context.Context, dial dialFunc, base *tls.Config, network, address string) (net.Conn, error) {
	_, rest, err := splitSource(address)
	if err != nil {
		return nil, err
	}
	host, _, err := net.SplitHostPort(rest)
	if err != nil {
		return nil, err
	}
	conn, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, tlsFor(base, host))
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

// tlsFor is base, which may be nil, for one host.
func tlsFor(base *tls.Config, host string) *tls.Config {
	if base == nil {
		return &tls.Config{ServerName: host}
	}
	cfg := base.Clone()
	cfg.ServerName = host
	return cfg
}
