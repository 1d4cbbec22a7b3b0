// Package udp carries a loop's datagrams: it gives each agent an endpoint (a source address and port that no other
// endpoint of the connection has) and moves datagrams in batches between those endpoints and their peers.
//
// It stands at the bottom of the house: package circuit reads and writes through a Conn and knows nothing of sockets.
// Three real transports stand behind that interface: one wildcard socket shared by many endpoints (ModeShared), a
// socket for each endpoint in one epoll set (ModeEpoll), and the standard library's connections with a goroutine each
// (ModePortable). New chooses between them by trying. Memory is a fourth for tests: a network without sockets, whose
// time is the time package's and which runs under testing/synctest.
//
// A Conn belongs to one goroutine, its loop. Only Wake and Close may be called from others.
package udp

import (
	"fmt"
	"net/netip"
	"time"
)

// Endpoint is one of a Conn's own addresses, as an index that starts at 0. An index is used again after
// CloseEndpoint, but not before the next ReadBatch.
type Endpoint uint32

// Packet is one datagram, received or to be sent.
type Packet struct {
	// Data is the payload. After ReadBatch it is the Conn's memory and good until the next ReadBatch; in WriteBatch it
	// stays the caller's, and the Conn keeps nothing of it.
	Data []byte
	// Time is when the kernel received the datagram, in nanoseconds of Unix time as the kernel's wall clock told it
	// (it steps when that clock is set); 0 where the transport has no kernel time. Not used for sending.
	Time int64
	// Endpoint is the Conn's own side, Peer the other one.
	Endpoint Endpoint
	Peer     Addr
	// Truncated tells that the datagram was longer than Config.MaxDatagram and that Data is only its beginning.
	Truncated bool
}

// Mode names a transport.
type Mode string

// The transports, best first. ModeAuto (or "") lets New try them in this order.
const (
	ModeAuto     Mode = "auto"
	ModeShared   Mode = "shared"   // one wildcard socket, the source address chosen for each datagram; Linux
	ModeEpoll    Mode = "epoll"    // a socket for each endpoint, one epoll set; Linux
	ModePortable Mode = "portable" // a socket and a goroutine for each endpoint; everywhere
)

// DefaultMaxDatagram is the longest datagram that is taken whole unless Config says otherwise: the most that UDP over
// IPv4 can carry fits.
const DefaultMaxDatagram = 65535

// Config tells New what to open.
type Config struct {
	// Mode forces a transport; ModeAuto or "" tries them.
	Mode Mode
	// Listen makes the Conn a server's: it has the one endpoint 0, open from the start at this address (port 0: any),
	// and Open fails.
	Listen netip.AddrPort
	// Sources are the IPv4 addresses that endpoints are cut from. Network and broadcast addresses are left out, and so
	// is what turns out not to be this machine's. Empty: the kernel chooses the source, except that a shared
	// socket with a loopback Target takes LoopbackSources.
	Sources []netip.Prefix
	// SourcePorts are the first and the last port that sockets are bound to; zero: the kernel chooses.
	SourcePorts [2]uint16
	// Target is where most datagrams will go. Only its kind matters: loopback or not.
	Target netip.Addr
	// RcvBuf is the receive buffer of each socket in bytes; 0: 64 MiB for a shared or listening socket, the system's
	// default for a socket of one endpoint. The kernel may give less.
	RcvBuf int
	// MaxDatagram is the longest datagram that is received whole, in bytes; 0: DefaultMaxDatagram.
	MaxDatagram int
}

// LoopbackSources is what endpoints are cut from when the target is this machine and no sources are given: all of
// 127.0.0.0/8 is local, and this part of it is out of the way of what others bind.
var LoopbackSources = netip.MustParsePrefix("127.1.0.0/16")

// Conn is a set of endpoints. An endpoint hears the peers that it has written to; what others send to it may be lost
// (a server's endpoint hears everybody). All methods but Wake and Close are for one goroutine at a time.
type Conn interface {
	// Open gives an endpoint whose address and port no other open endpoint of this Conn has. It fails when there are
	// no more source addresses, ports or file descriptors; the error says which limit to raise.
	Open() (Endpoint, error)
	// CloseEndpoint gives an endpoint back. Datagrams that still come for it are dropped (Counters.Strays).
	CloseEndpoint(Endpoint)
	// Local is an endpoint's address and port; the address is 0.0.0.0 where the kernel chooses it for each datagram.
	Local(Endpoint) netip.AddrPort
	// ReadBatch fills p from the front with what has come and never blocks: 0 and no error when there is nothing. It
	// may return fewer than there are, so a loop reads until it gets 0. An error means that the Conn is of no use any
	// more (net.ErrClosed after Close).
	ReadBatch(p []Packet) (int, error)
	// WriteBatch sends p in order and tells how many packets it took. A packet that the kernel refuses (nobody there,
	// not permitted, no buffers) counts as taken: UDP promises nothing; Counters tells how many and why. Where the
	// send buffer is full it stops and returns n < len(p) without an error: the rest is to be offered again later.
	// An error means that the Conn is of no use any more.
	WriteBatch(p []Packet) (int, error)
	// Wait parks the calling goroutine until a datagram can be read, Wake was called or d has passed; with d <= 0 it
	// does not park. It may also return early for no reason. Under load it does not return for each datagram, but about once
	// a millisecond (see CoalesceWindow).
	Wait(d time.Duration) error
	// Wake ends the Wait under way, or the next one. Any number of calls before that ends one Wait only. From any
	// goroutine, also after Close.
	Wake()
	// Counters tells what was lost and refused so far.
	Counters() Counters
	// Mode tells which transport this is.
	Mode() Mode
	// Close ends a Wait under way and frees everything. From any goroutine; later calls of the other methods fail
	// with net.ErrClosed or do nothing.
	Close() error
}

// CoalesceWindow is how long Wait leaves datagrams alone after the last ones were read: a datagram into silence ends
// a Wait at once, a stream of them ends one Wait each window. It bounds the wake-ups under load to one in a
// millisecond, and what it adds is invisible in measurements that use Packet.Time. A Conn with a method
// Gather(window time.Duration), as those on Linux and Memory's have, can be told another window at any time.
const CoalesceWindow = time.Millisecond

// ModeError tells that a transport that was asked for cannot be had on this machine.
type ModeError struct {
	Mode Mode
	Err  error // why
}

func (e *ModeError) Error() string {
	return fmt.Sprintf("transport %q is not available here (%v); use %q or %q", e.Mode, e.Err, ModeAuto, ModePortable)
}

func (e *ModeError) Unwrap() error { return e.Err }
