package circuit

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// gathering is a client's loop that gathers, with one circuit, and a simulator
// that is nothing but a Conn, on a network without delay and with the bubble's
// clock.
type gathering struct {
	*testing.T
	*running
	simulator udp.Conn
	circuit   *Circuit
	sequence  uint32
	heard     []heard // the loop's
}

// heard is a line of chat: when it came, and when the loop got to it.
type heard struct{ at, now Instant }

func whileGathering(t *testing.T, f func(g *gathering), configure ...func(*Config)) {
	synctest.Test(t, func(t *testing.T) {
		network := udp.NewMemory()
		g := &gathering{T: t, simulator: network.Conn(udp.Config{Listen: serverAddr})}
		defer g.simulator.Close()
		g.running = run(network.Conn(udp.Config{}), append([]func(*Config){func(cfg *Config) {
			cfg.Gather = GatherLimit
			cfg.Dispatch.On(message.IDChatFromSimulator, func(ev *Event) { g.heard = append(g.heard, heard{ev.At, ev.Now}) })
		}}, configure...)...)
		g.circuit = g.opens(CircuitConfig{Peer: serverAddr, PingEvery: -1})
		f(g)
		if err := g.stop(); err != nil {
			t.Error(err)
		}
	})
}

func (g *gathering) on(f func(now Instant)) {
	if err := g.Call(g.Context(), f); err != nil {
		g.Error(err)
	}
}

func (g *gathering) opens(cfg CircuitConfig) (c *Circuit) {
	g.on(func(Instant) {
		var err error
		if c, err = g.Open(cfg); err != nil {
			g.Error(err)
		}
	})
	return c
}

// says has the simulator send n lines of chat at once.
func (g *gathering) says(n int, flags message.Flags) {
	var scratch []byte
	for range n {
		g.sequence++
		data, err := message.AppendPacket(nil, flags, g.sequence, chatFromSimulator(), &scratch)
		if err != nil {
			g.Fatal(err)
		}
		if _, err := g.simulator.WriteBatch([]udp.Packet{{Data: data, Peer: udp.AddrFrom(g.circuit.Local())}}); err != nil {
			g.Fatal(err)
		}
	}
}

// streams has it send n lines every millisecond for so long, and tells in how
// many turns the loop read them, and how long one waited at most.
func (g *gathering) streams(n int, d time.Duration) (turns int, longest time.Duration) {
	g.on(func(Instant) { g.heard = nil })
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(ms) {
		g.says(n, 0)
	}
	time.Sleep(GatherLimit)
	g.on(func(Instant) {
		last := Instant(0)
		for _, h := range g.heard {
			if h.now != last {
				turns, last = turns+1, h.now
			}
			longest = max(longest, h.now.Sub(h.at))
		}
		if want := n * int(d/ms); len(g.heard) != want {
			g.Errorf("heard %d lines of %d", len(g.heard), want)
		}
	})
	return turns, longest
}

// held is for how long the loop leaves a line alone that comes a millisecond
// after another one into silence.
func (g *gathering) held() time.Duration {
	time.Sleep(time.Second)
	g.on(func(Instant) { g.heard = nil })
	time.Sleep(time.Second)
	g.says(1, 0)
	time.Sleep(ms)
	g.says(1, 0)
	time.Sleep(time.Second)
	var held time.Duration
	g.on(func(Instant) {
		if len(g.heard) != 2 || g.heard[0].now != g.heard[0].at {
			g.Fatalf("heard %v, want two lines, the first at once", g.heard)
		}
		held = g.heard[1].now.Sub(g.heard[1].at)
	})
	return held
}

func TestReadsAreGatheredWhereLittleComes(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		turns, longest := g.streams(1, time.Second)
		if turns > 110 || longest > GatherLimit {
			t.Errorf("1,000 datagrams a second were read in %d turns, after %v at most; want some 100, within %v", turns, longest, GatherLimit)
		}
	})
}

func TestReadsAreNotGatheredWhereMuchComes(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		g.streams(50, 200*ms) // 50,000 a second: the window has shrunk
		turns, longest := g.streams(50, 200*ms)
		if turns < 195 || longest > udp.CoalesceWindow {
			t.Errorf("they were read in %d turns, after %v at most; want one for each millisecond", turns, longest)
		}
	})
}

func TestTheWindowShrinksWithTheRate(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		g.streams(10, 500*ms)
		turns, _ := g.streams(10, time.Second)
		if turns < 250 || turns > 400 {
			t.Errorf("10,000 datagrams were read in %d turns, want some %d", turns, 10_000/gatherAim)
		}
	})
}

func TestAnAnswerThatSomebodyWaitsForIsNotHeld(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		check := func(when string, want time.Duration) {
			t.Helper()
			if held := g.held(); held != want {
				t.Errorf("%s: held for %v, want %v", when, held, want)
			}
		}
		const full = GatherLimit - ms
		check("nobody waits", full)
		g.on(func(Instant) { g.circuit.Prompt(true) })
		check("the circuit is prompt", 0)
		g.on(func(Instant) { g.circuit.Want(message.IDSimStats, true); g.circuit.Prompt(false) })
		check("the circuit wants a message", 0)
		g.on(func(Instant) { g.circuit.Want(message.IDSimStats, false) })
		check("nobody waits any more", full)
		other := g.opens(CircuitConfig{Peer: serverAddr, PingEvery: -1})
		g.on(func(Instant) { other.Prompt(true) })
		check("another circuit is prompt", 0)
		g.on(func(now Instant) { other.Close(now, nil); other.Prompt(true) })
		check("that one has closed", full)
	})
}

func TestWhoGathersNothing(t *testing.T) {
	for name, configure := range map[string]func(*Config){
		"no window":      func(cfg *Config) { cfg.Gather = 0 },
		"a short window": func(cfg *Config) { cfg.Gather = udp.CoalesceWindow },
		"a server":       func(cfg *Config) { cfg.Accept = func(*Event) bool { return false } },
		"another Conn":   func(cfg *Config) { cfg.Conn = struct{ udp.Conn }{cfg.Conn} },
	} {
		t.Run(name, func(t *testing.T) {
			whileGathering(t, func(g *gathering) {
				if held := g.held(); held != 0 {
					t.Errorf("held for %v", held)
				}
			}, configure)
		})
	}
}

func TestAPostEndsTheWindow(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		g.streams(1, 100*ms)
		for range 20 {
			g.says(1, 0)
			time.Sleep(ms)
			before := Now()
			g.on(func(now Instant) {
				if now != before {
					t.Errorf("what was posted ran %v later", now.Sub(before))
				}
			})
		}
	})
}

func TestTimersAreSharpUnlessTheyAreLoose(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		g.streams(1, 100*ms)
		var sharp, loose Timer
		var sharpLate, looseLate []time.Duration
		g.on(func(now Instant) {
			sharp.Fire = func(now Instant) {
				sharpLate = append(sharpLate, now.Sub(sharp.At()))
				g.Schedule(&sharp, now.Add(37*ms))
			}
			loose.Fire = func(now Instant) {
				looseLate = append(looseLate, now.Sub(loose.At()))
				g.ScheduleLoose(&loose, now.Add(23*ms))
			}
			g.Schedule(&sharp, now.Add(37*ms))
			g.ScheduleLoose(&loose, now.Add(23*ms))
		})
		g.streams(1, 2*time.Second)
		g.on(func(Instant) {
			g.Stop(&sharp)
			g.Stop(&loose)
			var longest time.Duration
			for _, late := range sharpLate {
				if late > time.Duration(tick) {
					t.Errorf("a sharp timer fired %v late", late)
				}
			}
			for _, late := range looseLate {
				longest = max(longest, late)
			}
			if len(sharpLate) < 50 || len(looseLate) < 60 || longest <= time.Duration(tick) || longest > GatherLimit+time.Duration(tick) {
				t.Errorf("fired %d and %d times, the loose one %v late at most", len(sharpLate), len(looseLate), longest)
			}
			if s := g.Stats(); s.TickLag.Quantile(1) > 2*ms || s.LateTimers > 0 {
				t.Errorf("lag %v, %d late: a window is no lag", s.TickLag.Quantile(1), s.LateTimers)
			}
		})
	})
}

// Fifty loose timers, each at a phase of its own, are no fifty wake-ups.
func TestLooseTimersShareTurns(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		turns := map[Instant]bool{}
		var timers [50]Timer
		g.on(func(now Instant) {
			for i := range timers {
				timers[i].Fire = func(now Instant) {
					turns[now] = true
					g.ScheduleLoose(&timers[i], now.Add(100*ms))
				}
				g.ScheduleLoose(&timers[i], now.Add(time.Duration(i)*2*ms))
			}
		})
		time.Sleep(time.Second)
		g.on(func(Instant) {
			if len(turns) < 50 || len(turns) > 105 {
				t.Errorf("%d turns in a second, want up to 100", len(turns))
			}
		})
	})
}

// takes reads what has come to the simulator, every half millisecond.
func (g *gathering) takes(d time.Duration, take func(m message.Message)) {
	var batch [64]udp.Packet
	for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(ms / 2) {
		n, err := g.simulator.ReadBatch(batch[:])
		if err != nil {
			g.Fatal(err)
		}
		for i := range batch[:n] {
			p, err := message.ParsePacket(batch[i].Data)
			if err != nil {
				g.Fatal(err)
			}
			m, err := p.Message()
			if err != nil {
				g.Fatal(err)
			}
			take(m)
		}
	}
}

func TestAcksOfAGatheringLoopComeWithin20ms(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		random := rand.New(rand.NewPCG(1, 2))
		sent := map[uint32]time.Time{}
		acks, packets := 0, 0
		for range 500 {
			g.says(1, message.FlagReliable)
			sent[g.sequence] = time.Now()
			g.takes(time.Duration(random.Int64N(int64(12*ms))), func(m message.Message) {
				packets++
				for _, p := range m.(*message.PacketAck).Packets {
					acks++
					if late := time.Since(sent[p.ID]); late > 20*ms {
						t.Errorf("acked after %v", late)
					}
				}
			})
		}
		if acks < 490 || packets > acks*3/4 {
			t.Errorf("%d acks in %d packets: want those of some 15 ms to share one", acks, packets)
		}
	})
}

func TestPingsAreSharp(t *testing.T) {
	whileGathering(t, func(g *gathering) {
		const every = 53 * ms
		g.circuit = g.opens(CircuitConfig{Peer: serverAddr, PingEvery: every})
		var first time.Time
		pings := 0
		for range 1000 {
			g.says(1, message.FlagReliable)
			g.takes(2*ms, func(m message.Message) {
				if m.ID() != message.IDStartPingCheck {
					return
				}
				if pings == 0 {
					first = time.Now()
				}
				if off := time.Since(first) - time.Duration(pings)*every; off < -2*ms || off > 2*ms {
					t.Errorf("ping %d came %v off its time", pings, off)
				}
				pings++
			})
		}
		if pings < 36 {
			t.Errorf("%d pings", pings)
		}
	})
}

func BenchmarkGatherCount(b *testing.B) {
	g := gather{conn: (*benchGatherer)(nil), limit: GatherLimit}
	b.ReportAllocs()
	for i := range b.N {
		g.count(Instant(i)*Instant(GatherLimit), uint64(i)*20)
		g.announce()
	}
	if g.window != GatherLimit {
		b.Fatal(g.window)
	}
}

type benchGatherer struct{}

func (*benchGatherer) Gather(time.Duration) {}
