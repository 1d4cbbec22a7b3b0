package circuit

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

var serverAddr = netip.MustParseAddrPort("127.0.0.1:9000")

// running is a loop in Run, on a network of the test's.
type running struct {
	*Loop
	cancel context.CancelFunc
	ended  chan struct{}
	err    error // of Run, after ended
}

func run(conn udp.Conn, configure ...func(*Config)) *running {
	cfg := Config{Conn: conn, Dispatch: NewDispatch()}
	for _, f := range configure {
		f(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Loop: NewLoop(cfg), cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.err = r.Run(ctx)
	}()
	return r
}

func (r *running) stop() error {
	r.cancel()
	<-r.ended
	return r.err
}

func TestPostRunsInOrderOnTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(udp.NewMemory().Conn(udp.Config{}))
		var got []int
		for i := range 5 {
			if err := l.Post(t.Context(), func(Instant) { got = append(got, i) }); err != nil {
				t.Error(err)
			}
		}
		var onLoop bool
		before := Now()
		if err := l.Call(t.Context(), func(now Instant) { onLoop = l.onLoop() && now >= before }); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]int{0, 1, 2, 3, 4}, got); diff != "" || !onLoop {
			t.Errorf("on the loop: %v, order (-want +got):\n%s", onLoop, diff)
		}
		if err := l.stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestPostWaitsWhileTheMailboxIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(udp.NewMemory().Conn(udp.Config{}), func(cfg *Config) { cfg.Mailbox = 3 })
		busy := make(chan struct{})
		l.Post(t.Context(), func(Instant) { <-busy })
		synctest.Wait()
		ran := 0
		for range 3 {
			l.Post(t.Context(), func(Instant) { ran++ })
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := l.Post(short, func(Instant) { t.Error("ran after its Post failed") }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want the context's", err)
		}
		posted := make(chan error)
		go func() { posted <- l.Post(t.Context(), func(Instant) { ran++ }) }()
		synctest.Wait()
		select {
		case err := <-posted:
			t.Errorf("Post returned %v though the mailbox is full", err)
		default:
		}
		close(busy)
		if err := <-posted; err != nil {
			t.Error(err)
		}
		var depth int
		l.Call(t.Context(), func(Instant) { depth = l.Stats().MailboxDepth })
		if ran != 4 || depth != 3 {
			t.Errorf("%d functions ran, depth %d; want 4, 3", ran, depth)
		}
		l.stop()
	})
}

func TestCallEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(udp.NewMemory().Conn(udp.Config{}))
		busy := make(chan struct{})
		l.Post(t.Context(), func(Instant) { <-busy })
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ran := false
		if err := l.Call(short, func(Instant) { ran = true }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want the context's", err)
		}
		close(busy)
		l.stop()
		if !ran {
			t.Error("what was posted did not run")
		}
	})
}

func TestLoopThatWouldWaitForItselfSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(udp.NewMemory().Conn(udp.Config{}), func(cfg *Config) { cfg.Mailbox = 1 })
		var called, posted error
		l.Call(t.Context(), func(Instant) { called = l.Call(t.Context(), func(Instant) {}) })
		l.Call(t.Context(), func(Instant) {
			posted = errors.Join(
				l.Post(t.Context(), func(Instant) {}),
				l.Post(t.Context(), func(Instant) {}),
			)
		})
		if !errors.Is(called, ErrOnLoop) || !errors.Is(posted, ErrOnLoop) {
			t.Errorf("Call: %v, Post into a full mailbox: %v; want ErrOnLoop", called, posted)
		}
		l.stop()
	})
}

func TestEndedLoopRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := run(udp.NewMemory().Conn(udp.Config{}), func(cfg *Config) { cfg.Mailbox = 1 })
		busy := make(chan struct{})
		l.Post(t.Context(), func(Instant) { <-busy })
		synctest.Wait()
		ran := 0
		l.Post(t.Context(), func(Instant) { ran++ })
		waiting := make(chan error)
		go func() { waiting <- l.Call(context.Background(), func(Instant) {}) }()
		synctest.Wait()
		l.cancel()
		close(busy)
		// The one that waited for room gets in or is refused, but returns.
		if err := <-waiting; err != nil && !errors.Is(err, ErrStopped) {
			t.Errorf("waiting Call: %v, want nil or ErrStopped", err)
		}
		<-l.ended
		if ran != 1 {
			t.Errorf("what was posted before the end ran %d times, want once", ran)
		}
		if err := l.Post(t.Context(), func(Instant) {}); !errors.Is(err, ErrStopped) {
			t.Errorf("Post after the end: %v, want ErrStopped", err)
		}
		if err := l.Call(t.Context(), func(Instant) {}); !errors.Is(err, ErrStopped) {
			t.Errorf("Call after the end: %v, want ErrStopped", err)
		}
		if _, err := l.Open(CircuitConfig{Peer: serverAddr}); !errors.Is(err, ErrStopped) {
			t.Errorf("Open after the end: %v, want ErrStopped", err)
		}
	})
}

// chatServer hears what its clients say.
type chatServer struct {
	*running
	mu    sync.Mutex
	heard map[string]int
}

func serveChat(conn udp.Conn) *chatServer {
	s := &chatServer{heard: map[string]int{}}
	s.running = run(conn, func(cfg *Config) {
		cfg.Dispatch.On(message.IDChatFromViewer, func(ev *Event) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.heard[string(ev.Message.(*message.ChatFromViewer).ChatData.Message)]++
		})
		cfg.Accept = func(ev *Event) bool {
			_, err := ev.Loop.Open(CircuitConfig{Peer: ev.Peer.AddrPort(), Endpoint: ev.Endpoint, HasEndpoint: true})
			return err == nil
		}
	})
	return s
}

func (s *chatServer) count(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heard[text]
}

func TestRunFlushesAndClosesAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := udp.NewMemory()
		server := serveChat(network.Conn(udp.Config{Listen: serverAddr}))
		client := run(network.Conn(udp.Config{}))
		var closed []error
		var o outcome
		client.Call(t.Context(), func(now Instant) {
			c, err := client.Open(CircuitConfig{
				Peer: serverAddr, BytesPerSecond: 4000,
				OnClose: func(_ Instant, _ *Circuit, err error) { closed = append(closed, err) },
			})
			if err != nil {
				t.Error(err)
				return
			}
			c.Send(now, say(strings.Repeat("x", 1000))) // the throttle holds back what follows
			c.Send(now, say("throttled"))
			c.SendReliable(now, say("reliable"), o.done)
			client.cancel()
		})
		begin := time.Now()
		if err := client.stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
		if took := time.Since(begin); took > flushTime+10*ms {
			t.Errorf("the end took %v, want %v at most", took, flushTime)
		}
		synctest.Wait()
		if server.count("throttled") != 1 || server.count("reliable") != 1 {
			t.Error("what was queued was not sent")
		}
		if len(closed) != 1 || !errors.Is(closed[0], ErrStopped) {
			t.Errorf("closed with %v, want ErrStopped once", closed)
		}
		if o.calls != 1 || o.err != nil && !errors.Is(o.err, ErrStopped) {
			t.Errorf("done %d times with %v, want once", o.calls, o.err)
		}
		server.stop()
	})
}

func TestFlushingAtTheEndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := udp.NewMemory()
		client := run(network.Conn(udp.Config{}))
		client.Call(t.Context(), func(now Instant) {
			c, _ := client.Open(CircuitConfig{Peer: serverAddr, BytesPerSecond: 10})
			for range 100 {
				c.Send(now, say(strings.Repeat("x", 1000)))
			}
		})
		begin := time.Now()
		if err := client.stop(); err != nil {
			t.Errorf("Run: %v", err)
		}
		if took := time.Since(begin); took > flushTime+10*ms {
			t.Errorf("the end took %v, want %v at most", took, flushTime)
		}
	})
}

func TestRunFailsWithItsConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn := udp.NewMemory().Conn(udp.Config{})
		l := run(conn)
		var closed error
		l.Call(t.Context(), func(Instant) {
			l.Open(CircuitConfig{Peer: serverAddr, OnClose: func(_ Instant, _ *Circuit, err error) { closed = err }})
		})
		conn.Close()
		<-l.ended
		if l.err == nil || !errors.Is(closed, ErrStopped) {
			t.Errorf("Run: %v, circuit closed with %v; want an error, ErrStopped", l.err, closed)
		}
	})
}

func TestIdleLoopSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := udp.NewMemory()
		counting := &waitCounter{Conn: network.Conn(udp.Config{})}
		l := run(counting)
		time.Sleep(time.Minute)
		l.stop()
		if counting.waits > 70 {
			t.Errorf("%d turns in an idle minute, want about one a second", counting.waits)
		}
	})
}

type waitCounter struct {
	udp.Conn
	waits int
}

func (c *waitCounter) Wait(d time.Duration) error { c.waits++; return c.Conn.Wait(d) }

// TestOverRealSockets lets a hundred clients talk to a server over each
// transport that this machine has.
func TestOverRealSockets(t *testing.T) {
	for _, mode := range []udp.Mode{udp.ModeShared, udp.ModeEpoll, udp.ModePortable} {
		t.Run(string(mode), func(t *testing.T) {
			loopback := netip.MustParseAddrPort("127.0.0.1:0")
			serverConn, err := udp.New(udp.Config{Mode: mode, Listen: loopback})
			if err != nil {
				t.Skipf("not here: %v", err)
			}
			clientConn, err := udp.New(udp.Config{Mode: mode, Target: loopback.Addr()})
			if err != nil {
				serverConn.Close()
				t.Skipf("not here: %v", err)
			}
			talk(t, serverConn, clientConn, 100)
		})
	}
}

// talk opens n circuits and says one line reliably on each.
func talk(t *testing.T, serverConn, clientConn udp.Conn, n int) {
	peer := serverConn.Local(0)
	server, client := serveChat(serverConn), run(clientConn)
	var acked sync.WaitGroup
	for i := range n {
		acked.Add(1)
		err := client.Post(t.Context(), func(now Instant) {
			c, err := client.Open(CircuitConfig{Peer: peer})
			if err == nil {
				err = c.SendReliable(now, say(fmt.Sprint("line ", i)), func(_ Instant, err error) {
					if err != nil {
						t.Errorf("line %d: %v", i, err)
					}
					acked.Done()
				})
			}
			if err != nil {
				t.Error(err)
				acked.Done()
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	acked.Wait()
	for i := range n {
		if got := server.count(fmt.Sprint("line ", i)); got != 1 {
			t.Errorf("line %d heard %d times, want once", i, got)
		}
	}
	for name, r := range map[string]*running{"client": client, "server": server.running} {
		if err := r.stop(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
