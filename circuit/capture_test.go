package circuit

import (
	"net/netip"
	"testing"
	"time"

	"github.com/slload/slload/internal/captured"
	"github.com/slload/slload/message"
)

// fromSimulator tells which way a datagram went: the simulators have the ports
// from 9000 on.
func fromSimulator(d *captured.Datagram) bool { return d.From.Port() >= 9000 && d.From.Port() <= 9003 }

// TestReplayOfARealSimulator plays each half of the capture to a loop, at its
// own pace: what the simulators sent, with all the resends that late bots got
// from them, and what the bots sent.
func TestReplayOfARealSimulator(t *testing.T) {
	datagrams := captured.Bots(t)
	for _, tt := range []struct {
		name          string
		fromSimulator bool
	}{
		{"the simulators' half", true},
		{"the bots' half", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newReplay(t)
			for i := range datagrams {
				if d := &datagrams[i]; fromSimulator(d) == tt.fromSimulator {
					r.play(d)
				}
			}
			r.elapse(20 * ms)
			r.check(t)
		})
	}
}

// replay is a scene whose peers send what was captured.
type replay struct {
	*scene
	flows     map[[2]netip.AddrPort]*flow
	last      time.Time
	delivered map[*Circuit]int // reliable messages
}

// flow is one direction between two addresses.
type flow struct {
	*peer
	first    map[uint32]bool    // reliable packets that came, by sequence number
	unacked  map[uint32]Instant // since when, those that are not acknowledged yet
	slowest  time.Duration
	reliable int // how often one came
}

func newReplay(t *testing.T) *replay {
	r := &replay{flows: map[[2]netip.AddrPort]*flow{}, delivered: map[*Circuit]int{}}
	r.scene = newScene(t, func(cfg *Config) {
		for id := range message.ID(message.NumMessages) {
			cfg.Dispatch.On(id, func(ev *Event) {
				if ev.Flags&message.FlagReliable != 0 {
					r.delivered[ev.Circuit]++
				}
			})
		}
	})
	return r
}

func (r *replay) play(d *captured.Datagram) {
	if !r.last.IsZero() {
		r.elapse(d.At.Sub(r.last))
		for _, f := range r.flows {
			f.takeAcks()
		}
	}
	r.last = d.At
	f := r.flows[[2]netip.AddrPort{d.From, d.To}]
	if f == nil {
		f = &flow{first: map[uint32]bool{}, unacked: map[uint32]Instant{}}
		f.peer = r.open(func(cfg *CircuitConfig) { cfg.Peer = d.From })
		r.flows[[2]netip.AddrPort{d.From, d.To}] = f
	}
	p, err := message.ParsePacket(d.Data)
	if err != nil {
		r.Fatal(err)
	}
	if p.Flags&message.FlagReliable != 0 {
		f.reliable++
		f.first[p.Sequence] = true
		if _, waits := f.unacked[p.Sequence]; !waits {
			f.unacked[p.Sequence] = r.now
		}
	}
	f.sendsBytes(d.Data)
}

// takeAcks reads the acks in what was written to the flow's peer.
func (f *flow) takeAcks() {
	for _, w := range f.written {
		p, err := message.ParsePacket(w.data)
		if err != nil {
			f.Fatal(err)
		}
		for i := range p.NumAcks() {
			f.acked(p.Ack(i), w.at)
		}
		var m message.PacketAck
		if number, n, _ := message.ReadNumber(p.Body); number == message.IDPacketAck.Number() {
			if _, err := m.DecodeBody(p.Body[n:]); err != nil {
				f.Fatal(err)
			}
		}
		for _, ack := range m.Packets {
			f.acked(ack.ID, w.at)
		}
	}
	f.written = nil
}

func (f *flow) acked(seq uint32, at Instant) {
	if since, ok := f.unacked[seq]; ok {
		f.slowest = max(f.slowest, at.Sub(since))
		delete(f.unacked, seq)
	}
}

func (r *replay) check(t *testing.T) {
	reliable, distinct := 0, 0
	for key, f := range r.flows {
		f.takeAcks()
		reliable, distinct = reliable+f.reliable, distinct+len(f.first)
		if got := r.delivered[f.circuit]; got != len(f.first) {
			t.Errorf("from %v to %v: %d reliable messages delivered, want %d", key[0], key[1], got, len(f.first))
		}
		if len(f.unacked) > 0 || f.slowest > 20*ms {
			t.Errorf("from %v to %v: %d packets not acknowledged, the slowest ack took %v", key[0], key[1], len(f.unacked), f.slowest)
		}
	}
	stats := r.loop.Stats()
	if len(stats.Malformed) > 0 || stats.Unknown > 0 || stats.Stale > 0 {
		t.Errorf("malformed %v, %d of unknown peers, %d stale; want none", stats.Malformed, stats.Unknown, stats.Stale)
	}
	if got := int(stats.Duplicates); got != reliable-distinct {
		t.Errorf("%d duplicates, want %d", got, reliable-distinct)
	}
	if len(r.flows) < 4 || distinct < 100 {
		t.Errorf("%d flows with %d reliable packets are too little to mean anything", len(r.flows), distinct)
	}
	t.Logf("%d flows, %d datagrams, %d reliable, %d of them duplicates, trailing bytes in %d",
		len(r.flows), stats.PacketsReceived, reliable, stats.Duplicates, stats.Trailing)
}
