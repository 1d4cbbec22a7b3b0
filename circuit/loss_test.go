package circuit

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// weather is what a network does to each datagram.
type weather struct {
	lose, duplicate float64
	delay, jitter   time.Duration
}

func (w weather) filter(seed uint64) func(from, to udp.Addr, data []byte) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 1))
	return func(udp.Addr, udp.Addr, []byte) []time.Duration {
		var copies []time.Duration
		for range 2 {
			if random.Float64() >= w.lose {
				copies = append(copies, w.delay+time.Duration(random.Float64()*float64(w.jitter)))
			}
			if random.Float64() >= w.duplicate {
				break
			}
		}
		return copies
	}
}

// TestReliableDataArrivesOnce sends numbered lines both ways through bad
// weather: each is delivered once, and each sender learns of it, in bounded
// time.
func TestReliableDataArrivesOnce(t *testing.T) {
	tests := []struct {
		name    string
		weather weather
		within  time.Duration
	}{
		{"calm", weather{delay: 20 * ms}, 200 * ms},
		{"every fifth lost each way", weather{lose: 0.2, delay: 20 * ms}, 40 * time.Second},
		{"half duplicated", weather{duplicate: 0.5, delay: 20 * ms, jitter: 5 * ms}, 200 * ms},
		{"reordered", weather{delay: ms, jitter: 100 * ms}, 400 * ms},
		{"all of it", weather{lose: 0.2, duplicate: 0.2, delay: 20 * ms, jitter: 100 * ms}, 40 * time.Second},
	}
	for _, tt := range tests {
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("%s/%d", tt.name, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					x := startExchange(t, tt.weather, seed)
					x.run(t, tt.within)
				})
			})
		}
	}
}

// exchange is a client and a server that each say lines to the other.
type exchange struct {
	client, server *side
}

// side is one of them. Its loop owns all but running.
type side struct {
	*running
	heard  map[string]int
	acked  int
	failed []error
}

const (
	exchangeCircuits = 5
	exchangeLines    = 60
	exchangePeriod   = 10 * ms
	exchangeTotal    = exchangeCircuits * exchangeLines // said by each side
)

func startSide(conn udp.Conn, configure func(s *side, cfg *Config)) *side {
	s := &side{heard: map[string]int{}}
	s.running = run(conn, func(cfg *Config) {
		cfg.Dispatch.On(message.IDChatFromViewer, func(ev *Event) {
			s.heard[string(ev.Message.(*message.ChatFromViewer).ChatData.Message)]++
		})
		configure(s, cfg)
	})
	return s
}

func startExchange(t *testing.T, w weather, seed uint64) *exchange {
	network := udp.NewMemory()
	network.Filter = w.filter(seed)
	server := startSide(network.Conn(udp.Config{Listen: serverAddr}), func(s *side, cfg *Config) {
		cfg.Accept = func(ev *Event) bool {
			c, err := ev.Loop.Open(CircuitConfig{Peer: ev.Peer.AddrPort(), Endpoint: ev.Endpoint, HasEndpoint: true, PingEvery: -1})
			if err == nil {
				s.say(c, ev.Now, fmt.Sprint("to ", ev.Peer))
			}
			return err == nil
		}
	})
	client := startSide(network.Conn(udp.Config{}), func(*side, *Config) {})
	client.Call(t.Context(), func(now Instant) {
		for i := range exchangeCircuits {
			c, err := client.Open(CircuitConfig{Peer: serverAddr, PingEvery: -1})
			if err != nil {
				t.Error(err)
				return
			}
			client.say(c, now, fmt.Sprint("from ", i))
		}
	})
	return &exchange{client, server}
}

// say sends lines, one a period, until exchangeLines are said.
func (s *side) say(c *Circuit, now Instant, who string) {
	n := 0
	var timer Timer
	timer.Fire = func(now Instant) {
		err := c.SendReliable(now, say(fmt.Sprint(who, " line ", n)), s.done)
		if err != nil {
			s.failed = append(s.failed, err)
		}
		if n++; n < exchangeLines {
			c.loop.Schedule(&timer, now.Add(exchangePeriod))
		}
	}
	timer.Fire(now)
}

func (s *side) done(_ Instant, err error) {
	if s.acked++; err != nil {
		s.failed = append(s.failed, err)
	}
}

// run waits until every line is acknowledged, and checks.
func (x *exchange) run(t *testing.T, within time.Duration) {
	begin := time.Now()
	within += exchangeLines * exchangePeriod
	for time.Since(begin) < within && (!x.client.all(t) || !x.server.all(t)) {
		time.Sleep(10 * ms)
	}
	x.client.check(t, "client", within)
	x.server.check(t, "server", within)
}

func (s *side) all(t *testing.T) (all bool) {
	s.Call(t.Context(), func(Instant) { all = s.acked == exchangeTotal })
	return all
}

func (s *side) check(t *testing.T, name string, within time.Duration) {
	var stats LoopStats
	s.Call(t.Context(), func(Instant) { stats = s.Stats() })
	s.stop()
	if s.acked != exchangeTotal || len(s.failed) > 0 {
		t.Errorf("%s: %d of %d lines acknowledged within %v, failures %v", name, s.acked, exchangeTotal, within, s.failed)
	}
	if len(s.heard) != exchangeTotal {
		t.Errorf("%s heard %d different lines, want %d", name, len(s.heard), exchangeTotal)
	}
	for line, n := range s.heard {
		if n != 1 {
			t.Errorf("%s heard %q %d times, want once", name, line, n)
		}
	}
	if within < 2*time.Second && stats.Resent > 0 {
		t.Errorf("%s resent %d packets though none was lost", name, stats.Resent)
	}
}
