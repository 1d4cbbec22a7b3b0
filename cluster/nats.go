package cluster

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// DefaultListen is where the embedded server listens unless told otherwise.
const DefaultListen = "127.0.0.1:4222"

// minToken is the shortest token: it is all that keeps others out.
const minToken = 16

// TLS are PEM files. Cert and Key are the embedded server's, CA is what clients
// trust besides the system's authorities.
type TLS struct {
	Cert, Key, CA string
	// Plain allows NATS beyond loopback without TLS, where something else
	// protects the network.
	Plain bool
}

// syncEvery is how often the embedded server brings its store to the disk.
const syncEvery = time.Second

// embedded is a NATS server in this process.
type embedded struct {
	server *server.Server
	log    *natsLog
}

// embed starts a server without JetStream, which needs a directory (store). It
// listens at listen; "": nowhere, and is there for this process alone.
func embed(listen string, door *doorman, files TLS, log *atomic.Pointer[slog.Logger]) (*embedded, error) {
	opts, err := &server.Options{DontListen: true}, error(nil)
	if listen != "" {
		opts, err = listenOptions(listen, files)
	}
	if err != nil {
		return nil, err
	}
	bound(opts)
	opts.CustomClientAuthentication = door
	e := &embedded{log: &natsLog{to: log}}
	if e.server, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("start the embedded NATS server: %w", err)
	}
	e.server.SetLoggerV2(e.log, true, false, false)
	e.server.Start()
	if !e.server.ReadyForConnections(10 * time.Second) {
		e.close()
		why := e.log.fatal.Load()
		if why == nil {
			return nil, fmt.Errorf("the embedded NATS server doesn't come up at %s", listen)
		}
		return nil, fmt.Errorf("start the embedded NATS server at %s: %s; name another with --listen", listen, *why)
	}
	return e, nil
}

// bound sets what holds wherever the server listens.
func bound(opts *server.Options) {
	opts.ServerName, opts.AuthTimeout = "slload", 5
	opts.NoSigs, opts.DisableJetStreamBanner = true, true
	opts.MaxConn, opts.MaxSubs, opts.MaxPayload = maxWorkers+100, 1000, maxMessage
	opts.PingInterval, opts.MaxPingsOut, opts.WriteDeadline = 10*time.Second, 2, 10*time.Second
	// A slow disk is told of by acks that don't come, not by a full memory.
	opts.StreamMaxBufferedSize = 64 << 20
}

func listenOptions(listen string, files TLS) (*server.Options, error) {
	host, portText, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: %w; want host:port", listen, err)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("listen address %q: port %q is no number up to 65535", listen, portText)
	}
	// Each message at once would be a second's work of a disk for 1,000 of them
	// (BenchmarkSync); workers keep what isn't safe.
	opts := &server.Options{Host: host, Port: int(port), SyncInterval: syncEvery}
	if port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	switch {
	case files.Cert != "" || files.Key != "":
		cert, err := tls.LoadX509KeyPair(files.Cert, files.Key)
		if err != nil {
			return nil, fmt.Errorf("read the server's certificate and key: %w", err)
		}
		opts.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
		opts.TLSTimeout = 5
	case !loopback(host) && !files.Plain:
		return nil, fmt.Errorf("listening at %s, beyond this machine, needs TLS: give --tls-cert and --tls-key", listen)
	}
	return opts, nil
}

// store gives the server JetStream, with its files in dir.
func (e *embedded) store(dir string) error {
	err := e.server.EnableJetStream(&server.JetStreamConfig{StoreDir: dir, MaxMemory: 64 << 20, MaxStore: 2 * maxStream})
	if err != nil {
		return fmt.Errorf("open JetStream's store in %s: %w", dir, err)
	}
	return nil
}

// addr is where it listens; "here": nowhere.
func (e *embedded) addr() string {
	if at := e.server.Addr(); at != nil {
		return at.String()
	}
	return "here"
}

func (e *embedded) close() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

// loopback tells a host that no other machine can reach, or is.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback() || strings.EqualFold(host, "localhost")
}

// dialOptions are for a connection that outlives NATS: it comes back for ever,
// and keeps nothing back meanwhile, because a beat of the past is a lie.
func dialOptions(title, token string, files TLS, log *slog.Logger) []nats.Option {
	opts := []nats.Option{
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Debug("nats", "error", err) }),
		nats.Name(title), nats.Token(token),
		// The library's lock is held while it connects or writes: so long anything
		// may wait for it, the end of an orphan's load included.
		nats.Timeout(2 * time.Second), nats.FlusherTimeout(2 * time.Second),
		nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond), nats.ReconnectBufSize(-1),
		nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
	}
	if files.CA != "" {
		opts = append(opts, nats.RootCAs(files.CA))
	}
	return opts
}

// dial connects once. A refused token or certificate is a *JoinError: it won't do
// later either.
func dial(urls, title, token string, files TLS, log *slog.Logger, more ...nats.Option) (*nats.Conn, error) {
	beyond, err := checkURLs(urls)
	if err != nil {
		return nil, &JoinError{err}
	}
	opts := append(dialOptions(title, token, files, log), more...)
	if beyond && !files.Plain {
		opts = append(opts, nats.Secure())
	}
	nc, err := nats.Connect(urls, opts...)
	switch {
	case errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrAuthExpired):
		return nil, &JoinError{fmt.Errorf("NATS at %s refuses the token: give the one of the controller", urls)}
	case errors.Is(err, nats.ErrSecureConnWanted):
		return nil, &JoinError{fmt.Errorf("NATS at %s has no TLS, and is beyond this machine", urls)}
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return nil, &JoinError{fmt.Errorf("connect to NATS at %s: %w; --ca names the file of who signed its certificate", urls, err)}
	case err != nil:
		return nil, fmt.Errorf("connect to NATS at %s: %w", urls, err)
	}
	if most := nc.MaxPayload(); most < maxMessage {
		nc.Close()
		return nil, &JoinError{fmt.Errorf("NATS at %s takes messages of %d bytes, and needs max_payload %d at least", urls, most, maxMessage)}
	}
	return nc, nil
}

// checkURLs checks a list parted by commas, and tells whether any is beyond this
// machine.
func checkURLs(urls string) (beyond bool, err error) {
	for _, text := range strings.Split(urls, ",") {
		u, err := url.Parse(strings.TrimSpace(text))
		switch {
		case err != nil || u.Hostname() == "" || u.Scheme != "nats" && u.Scheme != "tls":
			return false, errors.New("no URL of NATS: want one such as nats://127.0.0.1:4222")
		case u.User != nil:
			return false, fmt.Errorf("the URL of NATS at %s holds a token or password: give it in a file", u.Host)
		}
		beyond = beyond || !loopback(u.Hostname())
	}
	return beyond, nil
}

// checkToken refuses a token that keeps nobody out.
func checkToken(token string) error {
	if len(token) < minToken || !printable(token) || strings.ContainsAny(token, " \t") {
		return fmt.Errorf("the token is too short or not one line of text: want %d characters at least, such as openssl rand -hex 24 makes", minToken)
	}
	return nil
}

// natsLog is where the server logs: all of it is for those who debug.
type natsLog struct {
	to    *atomic.Pointer[slog.Logger]
	fatal atomic.Pointer[string]
}

func (l *natsLog) write(level slog.Level, format string, v []any) {
	if log := l.to.Load(); log != nil {
		log.Log(nil, level, "nats: "+fmt.Sprintf(format, v...)) //nolint:staticcheck // no context
	}
}

func (l *natsLog) Noticef(format string, v ...any) { l.write(slog.LevelDebug, format, v) }
func (l *natsLog) Warnf(format string, v ...any)   { l.write(slog.LevelDebug, format, v) }
func (l *natsLog) Errorf(format string, v ...any)  { l.write(slog.LevelWarn, format, v) }
func (l *natsLog) Debugf(format string, v ...any)  { l.write(slog.LevelDebug, format, v) }
func (l *natsLog) Tracef(string, ...any)           {}
func (l *natsLog) Fatalf(format string, v ...any) {
	why := fmt.Sprintf(format, v...)
	l.fatal.Store(&why)
	l.write(slog.LevelError, format, v)
}
